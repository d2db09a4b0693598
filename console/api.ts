import type { AnswerOf, InputOf } from '@kept/sdk';
import type { EndpointSpec, ProblemDetails } from '../server/platform/contract.ts';
import { askToShow } from './frame/second-factor.ts';

/** Leaves the input out where the endpoint needs none. */
type Input<S extends EndpointSpec> =
  Record<never, never> extends InputOf<S> ? [input?: InputOf<S>] : [input: InputOf<S>];

interface ToldProblem extends Omit<ProblemDetails, 'type'> {
  /** After how many seconds to try again, where the server said so. */
  readonly retryAfterSeconds?: number;
}

/**
 * What went wrong, as RFC 9457 problem details. `code` is the contract's, or `unreachable` where no answer came, or
 * `unexpected-answer` where something else than Kept answered; `status` is 0 where no answer came.
 */
export class ProblemError extends Error {
  readonly problem: ToldProblem;

  constructor(problem: ToldProblem, options?: { cause: unknown }) {
    super(problem.detail ?? problem.title, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/**
 * Calls an endpoint of the server this page came from, with the session's cookie. Where the server asks for a second
 * factor, or the password once more, the person is asked in a dialog, and the call is made again.
 * @throws ProblemError
 */
export async function call<S extends EndpointSpec>(spec: S, ...[input]: Input<S>): Promise<AnswerOf<S>> {
  const request: { params?: object; query?: object; body?: unknown; signal?: AbortSignal } = input ?? {};
  const url = `${pathOf(spec.path, request.params)}${searchOf(request.query)}`;
  const text = await send(spec, url, request).catch(async (error) => {
    const code = error instanceof ProblemError ? error.problem.code : undefined;
    const what =
      code === 'second-factor-needed' ? 'second-factor' : code === 'password-needed' ? 'password' : undefined;
    if (what === undefined || !(await askToShow(what))) throw error;
    return send(spec, url, request);
  });
  // The server sent this through the same schema, so the page, which does not carry zod, need not parse it again.
  return parse(text) as AnswerOf<S>;
}

/**
 * Reads an address that answers text (the ledger's checkpoint).
 * @throws ProblemError
 */
export async function readText(path: string, signal?: AbortSignal): Promise<string> {
  return send({ method: 'GET' }, path, { signal });
}

async function send(
  spec: { readonly method: string; readonly body?: unknown },
  url: string,
  request: { readonly body?: unknown; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: spec.method,
      credentials: 'same-origin',
      ...(spec.body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    text = await response.text();
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new ProblemError({ code: 'unreachable', status: 0, title: 'The server does not answer' }, { cause });
  }
  if (response.ok) return text;
  const told = problemOf(response.status, text);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new ProblemError(Number.isFinite(seconds) ? { ...told, retryAfterSeconds: seconds } : told);
}

function problemOf(status: number, text: string): ToldProblem {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    said = undefined;
  }
  if (!isProblem(said)) return { code: 'unexpected-answer', status, title: `HTTP ${status}` };
  return said;
}

function isProblem(said: unknown): said is ProblemDetails {
  return (
    typeof said === 'object' &&
    said !== null &&
    'code' in said &&
    typeof said.code === 'string' &&
    'title' in said &&
    typeof said.title === 'string' &&
    'status' in said &&
    typeof said.status === 'number'
  );
}

function parse(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}

function pathOf(path: string, params: object = {}): string {
  const values = new Map(Object.entries(params));
  return path.replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
}

function searchOf(query: object = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}
