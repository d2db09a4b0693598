import { z } from 'zod';
import * as accessSignIn from '../server/access/contract.ts';
import * as accessMembers from '../server/access/members-contract.ts';
import * as accessOwn from '../server/access/own-contract.ts';
import * as accessProviders from '../server/access/providers-contract.ts';
import * as accessSealing from '../server/access/sealing-contract.ts';
import * as accounts from '../server/accounts/contract.ts';
import * as datamap from '../server/datamap/contract.ts';
import * as exportsMade from '../server/exports/contract.ts';
import * as ledger from '../server/ledger/contract.ts';
import * as messagesOut from '../server/messages/contract.ts';
import * as messagesIn from '../server/messages/mailbox-contract.ts';
import * as messagesNotices from '../server/messages/notices-contract.ts';
import * as messagesOptOut from '../server/messages/opt-out-contract.ts';
import * as messagesSender from '../server/messages/sender-contract.ts';
import * as messagesShown from '../server/messages/shown-notices-contract.ts';
import { type EndpointSpec, type ProblemDetails, problemSchema } from '../server/platform/contract.ts';
import * as policy from '../server/policy/contract.ts';
import * as retention from '../server/retention/contract.ts';
import * as webhooksKinds from '../server/webhooks/catalogue-contract.ts';
import * as webhooksIn from '../server/webhooks/contract.ts';
import * as webhooksEndpoints from '../server/webhooks/endpoints-contract.ts';
import * as webhooksOut from '../server/webhooks/subscriptions-contract.ts';

/** Signing in, one's own account, members with keys and audit, identity providers, sealing: one folder, five contracts. */
const access = { ...accessSignIn, ...accessOwn, ...accessMembers, ...accessProviders, ...accessSealing } as const;

/** Mail out with opt-outs and sender, mail in, notices. */
const messages = {
  ...messagesOut,
  ...messagesOptOut,
  ...messagesSender,
  ...messagesIn,
  ...messagesNotices,
  ...messagesShown,
} as const;

/** Events in, webhooks that platforms send, the catalogue of events, deliveries out. */
const webhooks = { ...webhooksIn, ...webhooksEndpoints, ...webhooksKinds, ...webhooksOut } as const;

/** Every endpoint of the server by folder: `endpoints.policy.listPromises`. */
export const endpoints = {
  access,
  accounts,
  datamap,
  exports: exportsMade,
  ledger,
  messages,
  policy,
  retention,
  webhooks,
} as const;

export interface ClientOptions {
  /** Where the server is, `http://127.0.0.1:7040`; empty for the page's own origin. */
  readonly address: string;
  /** A key sent as bearer token; a browser leaves it out and uses its session cookie. */
  readonly key?: string;
  /** Short name (slug) of the organisation to speak for, where a key may speak for several. */
  readonly organisation?: string;
  /** Another `fetch`, for instance one with a proxy. */
  readonly fetch?: typeof fetch;
}

type ParamsOf<S extends EndpointSpec> = S extends { readonly params: infer P extends z.ZodObject }
  ? { readonly params: z.input<P> }
  : unknown;
type QueryOf<S extends EndpointSpec> = S extends { readonly query: infer Q extends z.ZodObject }
  ? Record<never, never> extends z.input<Q>
    ? { readonly query?: z.input<Q> }
    : { readonly query: z.input<Q> }
  : unknown;
type BodyOf<S extends EndpointSpec> = S extends { readonly body: infer B extends z.ZodType }
  ? { readonly body: z.input<B> }
  : unknown;

/** What a call of this endpoint needs: `{ params, query, body }`, each only where the contract declares it. */
export type InputOf<S extends EndpointSpec> = ParamsOf<S> &
  QueryOf<S> &
  BodyOf<S> & {
    /** Gives up the call. */
    readonly signal?: AbortSignal;
  };

/** The parsed answer of this endpoint. */
export type AnswerOf<S extends EndpointSpec> = z.output<S['answer']>;

/** Leaves the input out where nothing in it is required. */
type InputArguments<S extends EndpointSpec> =
  Record<never, never> extends InputOf<S> ? [input?: InputOf<S>] : [input: InputOf<S>];

/** An endpoint that answers with pages. */
type PagedEndpoint = EndpointSpec & {
  readonly query: z.ZodObject;
  readonly answer: z.ZodType<{ items: unknown[]; next: string | null }>;
};
type ItemOf<S extends PagedEndpoint> = z.output<S['answer']>['items'][number];

export interface Client {
  /**
   * Calls one endpoint and parses its answer.
   * @throws KeptError with the server's code, or `unreachable` / `unexpected-answer`
   */
  call<S extends EndpointSpec>(spec: S, ...input: InputArguments<S>): Promise<AnswerOf<S>>;
  /** Every item of a list, page after page. */
  items<S extends PagedEndpoint>(spec: S, ...input: InputArguments<S>): AsyncGenerator<ItemOf<S>, void, undefined>;
  /**
   * Looks at a run until it has ended or needs a person.
   * Resolves when it is `finished`, `failed`, `stopped`, or `waiting` for somebody to release a brake.
   */
  waitFor(run: string, options?: WaitOptions): Promise<retention.Run>;
}

export interface WaitOptions {
  /** Called with each look. */
  readonly onProgress?: (run: retention.Run) => void;
  /** Milliseconds between looks, 300 when absent. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * The server said no, or could not be asked. `code` is stable: one of the contract's problems,
 * `unreachable` (no answer came) or `unexpected-answer` (something else than Kept answered).
 */
export class KeptError extends Error {
  readonly code: string;
  /** HTTP status, 0 where no answer came. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  /** Identifies the server's log line of an unexpected error. */
  readonly instance: string | undefined;
  /** After how many seconds it is worth trying again, where the server says so (`too-many-attempts`). */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    problem: Omit<ProblemDetails, 'type'>,
    options: { cause?: unknown; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(problem.detail ?? problem.title, { cause: options.cause });
    this.name = 'KeptError';
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail ?? problem.title;
    this.issues = problem.issues ?? [];
    this.instance = problem.instance;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Makes a client; nothing is sent before the first call. */
export function createClient(options: ClientOptions): Client {
  async function call<S extends EndpointSpec>(spec: S, ...[input]: InputArguments<S>): Promise<AnswerOf<S>> {
    const request = requestSchema.parse(input ?? {});
    const answer = await send(options, spec, request, input?.signal);
    const parsed = spec.answer.safeParse(answer);
    if (!parsed.success) throw unexpected(spec, 200, z.prettifyError(parsed.error));
    // The parse above makes it exactly this; TypeScript cannot see through the generic's `answer`.
    return parsed.data as AnswerOf<S>;
  }

  async function* items<S extends PagedEndpoint>(spec: S, ...[input]: InputArguments<S>) {
    let after: string | null = null;
    do {
      const request = requestSchema.parse(input ?? {});
      const query: Record<string, unknown> = after === null ? request.query : { ...request.query, after };
      const answer: unknown = await send(options, spec, { ...request, query }, input?.signal);
      const page = spec.answer.safeParse(answer);
      if (!page.success) throw unexpected(spec, 200, z.prettifyError(page.error));
      yield* page.data.items;
      after = page.data.next;
    } while (after !== null);
  }

  async function waitFor(run: string, wait: WaitOptions = {}): Promise<retention.Run> {
    for (;;) {
      const seen = await call(retention.getRun, { params: { run }, signal: wait.signal });
      wait.onProgress?.(seen);
      if (restingStates.has(seen.state)) return seen;
      await pause(wait.everyMs ?? 300, wait.signal);
    }
  }

  return { call, items, waitFor };
}

/** States a run does not leave by itself. `paused` is not among them: pressure on the store passes. */
const restingStates: ReadonlySet<retention.Run['state']> = new Set(['finished', 'failed', 'stopped', 'waiting']);

const requestSchema = z.object({
  params: z.record(z.string(), z.unknown()).default({}),
  query: z.record(z.string(), z.unknown()).default({}),
  body: z.unknown().optional(),
});

async function send(
  options: ClientOptions,
  spec: EndpointSpec,
  request: z.output<typeof requestSchema>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.key !== undefined) headers['authorization'] = `Bearer ${options.key}`;
  if (options.organisation !== undefined) headers['kept-organisation'] = options.organisation;
  const hasBody = spec.body !== undefined;
  if (hasBody) headers['content-type'] = 'application/json';
  const url = `${options.address.replace(/\/$/, '')}${fillPath(spec.path, request.params)}${queryText(request.query)}`;
  const go = options.fetch ?? fetch;
  let response: Response;
  let text: string;
  try {
    response = await go(url, {
      method: spec.method,
      headers,
      body: hasBody ? JSON.stringify(request.body) : undefined,
      credentials: 'same-origin',
      signal,
    });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const title = 'The server does not answer';
    throw new KeptError(
      { code: 'unreachable', status: 0, title, detail: `No answer from ${options.address || 'the server'}` },
      { cause },
    );
  }
  const answer = text === '' ? null : parseJson(spec, response.status, text);
  if (response.ok) return answer;
  const problem = problemSchema.safeParse(answer);
  if (!problem.success) throw unexpected(spec, response.status, text.slice(0, 200));
  throw new KeptError(problem.data, { retryAfterSeconds: secondsOf(response.headers.get('retry-after')) });
}

/** Kept answers whole seconds; a date, which a proxy may write, is left to whoever reads the message. */
function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

/** Puts the parameters into `/v1/retention/plans/:plan`. */
function fillPath(path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`${path} needs the parameter ${name}`);
    return encodeURIComponent(String(value));
  });
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}

function parseJson(spec: EndpointSpec, status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unexpected(spec, status, text.slice(0, 200), cause);
  }
}

function unexpected(spec: EndpointSpec, status: number, what: string, cause?: unknown): KeptError {
  const title = 'The answer is not what Kept answers';
  const detail = `${spec.method} ${spec.path} answered ${status} with something this client does not know: ${what}`;
  return new KeptError({ code: 'unexpected-answer', status, title, detail }, { cause });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal?.removeEventListener('abort', gaveUp);
      resolve();
    }
    function gaveUp() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', gaveUp, { once: true });
    if (signal?.aborted) gaveUp();
  });
}
