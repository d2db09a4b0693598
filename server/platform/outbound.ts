import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { Agent, fetch as undiciFetch } from 'undici';
import { problems } from './contract.ts';
import { Failure, failuresOf } from './failure.ts';

export const outboundProblems = problems({
  'outbound-refused': { status: 422, title: 'This address may not be called' },
  'outbound-failed': { status: 502, title: 'The other side could not be reached' },
  'outbound-too-large': { status: 502, title: 'The other side answered too much' },
});
const fail = failuresOf(outboundProblems);

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** For the whole exchange, 10,000 when absent. */
  readonly timeoutMs?: number;
  /** Most bytes of the answer's body, 1,000,000 when absent. */
  readonly maxBytes?: number;
  /**
   * True where the status says enough: a body beyond `maxBytes`, or one that is not over when the time is, is cut
   * instead of refused. See `wasCut`.
   */
  readonly cut?: boolean;
  /** True only for addresses from the operator's configuration: those may be private. */
  readonly operator?: boolean;
  readonly signal?: AbortSignal;
}

/** The only way out over HTTP, and to what the domain name system says. */
export interface Outbound {
  /**
   * Calls an address of the public internet, or a host the operator allowed. Redirects are answered, not followed.
   * The answer's body has been read within its bounds.
   * @throws Failure `outbound-refused`, `outbound-failed` or `outbound-too-large`
   */
  fetch(address: string | URL, request?: OutboundRequest): Promise<Response>;
  /**
   * The text records of a name, each as one string; none where the name or its records do not exist.
   * @throws Failure `outbound-failed` when no name server answers
   */
  resolveTxt(name: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Lookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

export interface OutboundOptions {
  /** Lower-case host names that may be private. */
  readonly allow: readonly string[];
  /** How names are resolved; the system's way when absent. */
  readonly lookup?: Lookup;
  /** Name servers for text records, `192.0.2.53` or `192.0.2.53:5353`; those of the system when empty or absent. */
  readonly nameServers?: readonly string[];
}

/** Opens the guarded way out. */
export function openOutbound(options: OutboundOptions): Outbound {
  const resolve = options.lookup ?? systemLookup;
  const allowed = (host: string) => options.allow.includes(host);
  const connect = { timeout: 5_000 };
  const open = new Agent({ connect: { ...connect, lookup: resolve } });
  const guarded = new Agent({ connect: { ...connect, lookup: guardedLookup(resolve) } });
  return {
    async fetch(address, request = {}) {
      const url = checkedUrl(address);
      const host = url.hostname.toLowerCase();
      const trusted = request.operator === true || allowed(host);
      // The agent looks names up but not literal addresses, so those are judged here. The URL parser has already
      // turned 2130706433, 0x7f.1 and 0177.0.0.1 into 127.0.0.1.
      const literal = host.replace(/^\[|\]$/g, '');
      if (!trusted && ipaddr.isValid(literal) && !isPublic(literal)) throw refused(host);
      return exchange(url, request, trusted ? open : guarded);
    },
    resolveTxt: (name) => resolveTxt(name, options.nameServers ?? []),
    async close() {
      await Promise.all([open.close(), guarded.close()]);
    },
  };
}

/** Whether an address belongs to the public internet: whatever has a special purpose does not. */
export function isPublic(address: string): boolean {
  // `process` turns an IPv4 address that is wrapped into IPv6 into itself.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** A resolver of its own for each question, so that none is answered from memory. */
async function resolveTxt(name: string, servers: readonly string[]): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  if (servers.length > 0) resolver.setServers([...servers]);
  try {
    const records = await resolver.resolveTxt(name);
    return records.map((parts) => parts.join(''));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw fail('outbound-failed', `No name server answered for ${name}.`, { cause });
  }
}

function checkedUrl(address: string | URL): URL {
  if (!URL.canParse(String(address))) throw fail('outbound-refused', 'The address is no URL.');
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw fail('outbound-refused', `Only http and https may be called, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw fail('outbound-refused', 'An address with a user name or password in it is not called.');
  return url;
}

function refused(host: string): Failure {
  return fail(
    'outbound-refused',
    `${host} is not a public address. An operator who wants it called names it in KEPT_OUTBOUND_ALLOW.`,
  );
}

/**
 * Resolves and judges in one step: the connection goes to the very address that was judged, so a name that answers
 * differently the next time gains nothing.
 */
function guardedLookup(resolve: Lookup): Lookup {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const addresses = Array.isArray(found) ? found : [{ address: found, family: found.includes(':') ? 6 : 4 }];
      const first = addresses[0];
      if (first === undefined || addresses.some(({ address }) => !isPublic(address)))
        return callback(refused(hostname), '');
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

async function exchange(url: URL, request: OutboundRequest, dispatcher: Agent): Promise<Response> {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? 10_000);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  try {
    const answer = await undiciFetch(url, {
      method: request.method ?? 'GET',
      redirect: 'manual',
      signal,
      dispatcher,
      ...(request.headers !== undefined && { headers: { ...request.headers } }),
      ...(request.body !== undefined && { body: request.body }),
    });
    const limit = request.maxBytes ?? 1_000_000;
    const { body, isCut } =
      request.cut === true ? await readUpTo(answer.body, limit) : await readBounded(answer.body, limit);
    const headers = new Headers([...answer.headers]);
    const empty = [101, 204, 205, 304].includes(answer.status);
    const response = new Response(empty ? null : body, {
      status: answer.status,
      statusText: answer.statusText,
      headers,
    });
    if (isCut) cutAnswers.add(response);
    return response;
  } catch (error) {
    throw asOutboundFailure(error, url);
  }
}

const cutAnswers = new WeakSet<Response>();

/** Whether an answer that was asked for with `cut` was cut. */
export function wasCut(answer: Response): boolean {
  return cutAnswers.has(answer);
}

interface Body {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly isCut: boolean;
}

async function readUpTo(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isCut = false;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      size += chunk.byteLength;
      isCut = size > limit;
      // Leaving the loop closes the connection, so that nobody goes on sending.
      if (isCut) break;
    }
  } catch {
    // The time is over, or the other side hung up: what came until then is the answer.
    isCut = true;
  }
  return { body: new Uint8Array(Buffer.concat(chunks).subarray(0, limit)), isCut };
}

async function readBounded(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw fail('outbound-too-large', `The answer has more than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return { body: new Uint8Array(Buffer.concat(chunks)), isCut: false };
}

function asOutboundFailure(error: unknown, url: URL): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof Failure) return cause;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const reason = timedOut ? 'did not answer in time' : 'could not be reached';
  return fail('outbound-failed', `${url.host} ${reason}.`, { cause: error });
}
