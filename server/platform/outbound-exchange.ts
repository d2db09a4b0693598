import { createBrotliDecompress, createGunzip, createInflate, constants as zlib } from 'node:zlib';
import type { Agent, Dispatcher } from 'undici';
import { Failure, failuresOf } from './failure.ts';
import { outboundProblems } from './outbound-connect.ts';

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
   * True where the status says enough: a body that is longer than that, not there in time or broken off is cut, and
   * `isCut` says so. Without a status in time the call fails all the same.
   */
  readonly cut?: boolean;
  /** True only for addresses from the operator's configuration: those may be private. */
  readonly operator?: boolean;
  readonly signal?: AbortSignal;
}

/** The answer, whose body has been read within its bounds. */
export class OutboundAnswer extends Response {
  /** Whether the body had, or could have had, more. */
  readonly isCut: boolean;

  constructor(body: Uint8Array<ArrayBuffer> | null, init: ResponseInit, isCut: boolean) {
    super(body, init);
    this.isCut = isCut;
  }
}

/** Answers of HTTP before the answer itself: more of them than this are a trick. */
const MOST_INFORMATION = 10;

/** Headers that say how the message is carried, or for whom: they are ours to write. */
const ownHeaders = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

interface Received {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly chunks: readonly Uint8Array[];
  readonly isCut: boolean;
}

/**
 * One request and its answer over an agent, within its bounds.
 * @throws Failure `outbound-refused`, `outbound-failed`, `outbound-timed-out` or `outbound-too-large`
 */
export async function exchange(url: URL, request: OutboundRequest, agent: Agent): Promise<OutboundAnswer> {
  const limit = request.maxBytes ?? 1_000_000;
  for (const name of Object.keys(request.headers ?? {}))
    if (ownHeaders.includes(name.toLowerCase()))
      throw fail('outbound-refused', `The header ${name} is not the caller's to set.`);
  try {
    const received = await receive(url, request, limit, agent);
    const { status, statusText, headers } = received;
    const { body, isCut } = await readBody(received, limit, request.cut === true);
    const empty = [204, 205, 304].includes(status);
    return new OutboundAnswer(empty ? null : body, { status, statusText, headers }, isCut);
  } catch (error) {
    throw asOutboundFailure(error, url);
  }
}

function receive(url: URL, request: OutboundRequest, limit: number, agent: Agent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const reading = new Reading(limit, request.cut === true, resolve, reject);
    const timeoutMs = request.timeoutMs ?? 10_000;
    const late = () => reading.stop(fail('outbound-timed-out', `${url.host} did not answer in time.`));
    const timer = setTimeout(late, timeoutMs);
    const given = () => reading.giveUp(request.signal?.reason);
    request.signal?.addEventListener('abort', given, { once: true });
    reading.whenEnded = () => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', given);
    };
    if (request.signal?.aborted === true) return given();
    agent.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method ?? 'GET',
        // Both are bounded by the time for the whole.
        headersTimeout: 0,
        bodyTimeout: 0,
        ...(request.headers !== undefined && { headers: { ...request.headers } }),
        ...(request.body !== undefined && { body: request.body }),
      },
      reading,
    );
  });
}

/** Takes in an answer as the agent tells of it. */
class Reading implements Dispatcher.DispatchHandler {
  whenEnded: () => void = () => {};
  readonly #limit: number;
  readonly #cuts: boolean;
  readonly #resolve: (received: Received) => void;
  readonly #reject: (error: unknown) => void;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #information = 0;
  #head: Omit<Received, 'chunks' | 'isCut'> | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #ended = false;

  constructor(limit: number, cuts: boolean, resolve: (received: Received) => void, reject: (error: unknown) => void) {
    this.#limit = limit;
    this.#cuts = cuts;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it waited for its connection.
    if (this.#ended) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText = '',
  ): void {
    if (status < 200) {
      this.#information += 1;
      if (this.#information > MOST_INFORMATION)
        this.giveUp(fail('outbound-too-large', 'The other side announces its answer without end.'));
      return;
    }
    // What a `Response` cannot hold is no HTTP.
    if (status > 599) {
      this.giveUp(fail('outbound-failed', `The other side answered the status ${status}.`));
      return;
    }
    this.#head = {
      status,
      statusText: /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : '',
      headers: headersOf(headers),
    };
    // Announced to be too long: it need not come.
    if (Number(headers['content-length']) > this.#limit && !this.#cuts) this.stop(this.#tooLarge());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    const room = this.#limit - this.#size;
    this.#chunks.push(chunk.subarray(0, room));
    this.#size += chunk.byteLength;
    if (this.#size > this.#limit) this.stop(this.#tooLarge());
  }

  onResponseEnd(): void {
    this.#answer(false);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // A body that breaks off is no answer, but to whom its status is enough.
    if (this.#cuts && this.#head !== null) this.#answer(true);
    else this.giveUp(error);
  }

  /** Ends it here: with what has arrived, for whom that is enough, else with a failure. */
  stop(failure: Failure): void {
    if (this.#cuts && this.#head !== null) this.#answer(true);
    else this.giveUp(failure);
  }

  giveUp(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  #answer(isCut: boolean): void {
    const head = this.#head;
    if (head === null) throw new Error('an answer ended before it began');
    if (this.#end(isCut)) this.#resolve({ ...head, chunks: this.#chunks, isCut });
  }

  #end(stops = true): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.whenEnded();
    if (stops) this.#controller?.abort(new Error('given up'));
    return true;
  }

  #tooLarge(): Failure {
    return fail('outbound-too-large', `The answer has more than ${this.#limit} bytes.`);
  }
}

function headersOf(received: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(received))
    for (const value of Array.isArray(values) ? values : [values ?? '']) headers.append(name, value);
  return headers;
}

/** Puts the body together; a compressed one is unpacked within the same bound, so that a small bomb stays small. */
async function readBody(received: Received, limit: number, cuts: boolean) {
  const body = new Uint8Array(Buffer.concat(received.chunks));
  const encoding = received.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '' || body.byteLength === 0) return { body, isCut: received.isCut };
  const unpack = unpackers[encoding];
  if (unpack === undefined) {
    if (cuts) return { body, isCut: received.isCut };
    throw fail('outbound-failed', 'The answer is packed in a way that was not asked for.');
  }
  const unpacked = await unpackWithin(unpack(), body, limit);
  if (unpacked.isCut && !cuts) throw fail('outbound-too-large', `The answer has more than ${limit} bytes.`);
  received.headers.delete('content-encoding');
  received.headers.delete('content-length');
  return { body: unpacked.body, isCut: received.isCut || unpacked.isCut };
}

type Unpacker =
  | ReturnType<typeof createGunzip>
  | ReturnType<typeof createInflate>
  | ReturnType<typeof createBrotliDecompress>;

/** What was cut off is unpacked as far as it goes. */
const unpackers: Readonly<Record<string, () => Unpacker>> = {
  gzip: () => createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: zlib.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ finishFlush: zlib.BROTLI_OPERATION_FLUSH }),
};

async function unpackWithin(stream: Unpacker, packed: Uint8Array, limit: number) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  stream.end(packed);
  for await (const chunk of stream) {
    const octets = Buffer.from(chunk);
    chunks.push(octets.subarray(0, limit - size));
    size += octets.byteLength;
    // Leaving the loop destroys the stream: what is left is never unpacked.
    if (size > limit) break;
  }
  return { body: new Uint8Array(Buffer.concat(chunks)), isCut: size > limit };
}

function asOutboundFailure(error: unknown, url: URL): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof Failure) return cause;
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || (error instanceof Error && error.name === 'TimeoutError'))
    return fail('outbound-timed-out', `${url.host} did not answer in time.`, { cause: error });
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return fail('outbound-too-large', `The headers of ${url.host} are too long.`, { cause: error });
  return fail('outbound-failed', `${url.host} could not be reached.`, { cause: error });
}
