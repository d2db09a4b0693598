import type { Id } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { readRetryAfter } from './delivery-schedule.ts';
import { type SigningKey, signDelivery } from './delivery-signature.ts';
import type { AttemptRow, Header, StoredAnswer } from './delivery-store.ts';
import type { AttemptOutcome } from './subscriptions-contract.ts';

/** For the whole exchange, as the specification recommends. */
export const TIMEOUT_MS = 15_000;
/** How much of an answer is read and kept. */
const MOST_BYTES = 4_096;
const MOST_HEADERS = 40;
const MOST_CHARACTERS = 500;

/** One attempt, and what the receiver asked for. */
export interface Attempted extends AttemptRow {
  readonly retryAfterMs: number | null;
}

/** The header `webhook-id`: the same at every attempt and replay. */
export function webhookIdOf(delivery: Id<'Delivery'>): string {
  return `msg_${delivery.replaceAll('-', '')}`;
}

/**
 * Signs a delivery and sends it once. Only public addresses are called, or hosts the operator allowed; redirects are
 * not followed; time and size are bounded, and nothing the receiver does is thrown.
 * @throws Error `AbortError` when `signal` is aborted: then nothing is known
 */
export async function attemptDelivery(
  platform: Pick<Platform, 'outbound' | 'clock'>,
  delivery: {
    readonly id: Id<'Delivery'>;
    readonly number: number;
    readonly url: string;
    readonly body: Buffer;
    readonly keys: readonly SigningKey[];
  },
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<Attempted> {
  const { id, number, url, body, keys } = delivery;
  const startedAt = platform.clock.now();
  const began = performance.now();
  const seconds = Math.floor(startedAt.getTime() / 1000);
  const webhookId = webhookIdOf(id);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Kept-Webhooks/1',
    'webhook-id': webhookId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signDelivery(keys, webhookId, seconds, body),
  };
  const { signal } = options;
  const { outcome, answer, retryAfterMs } = await exchange(platform, url, {
    headers,
    body: new Uint8Array(body),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    ...(signal !== undefined && { signal }),
  });
  return {
    number,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    outcome,
    url,
    requestHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
    answer,
    retryAfterMs,
  };
}

interface Exchange {
  readonly outcome: AttemptOutcome;
  readonly answer: StoredAnswer | null;
  readonly retryAfterMs: number | null;
}

async function exchange(
  { outbound, clock }: Pick<Platform, 'outbound' | 'clock'>,
  url: string,
  request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array<ArrayBuffer>;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  },
): Promise<Exchange> {
  try {
    const response = await outbound.fetch(url, { ...request, method: 'POST', maxBytes: MOST_BYTES, cut: true });
    const body = Buffer.from(await response.arrayBuffer());
    return {
      outcome: outcomeOf(response.status),
      answer: { status: response.status, headers: headersOf(response), body, isCut: response.isCut },
      retryAfterMs: readRetryAfter(response.headers.get('retry-after'), clock.now()),
    };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return { outcome: outcomeOfFailure(error), answer: null, retryAfterMs: null };
  }
}

function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'accepted';
  if (status === 410) return 'gone';
  if (status === 429 || status === 503) return 'throttled';
  return status >= 300 && status < 400 ? 'redirected' : 'refused';
}

function outcomeOfFailure(failure: Failure): AttemptOutcome {
  if (failure.code === 'outbound-refused') return 'address-refused';
  return failure.code === 'outbound-timed-out' ? 'timed-out' : 'unreachable';
}

/** What PostgreSQL cannot store is left out, and what is long is cut: a receiver decides what stands here. */
function headersOf(response: Response): Header[] {
  return [...response.headers]
    .slice(0, MOST_HEADERS)
    .map(([name, value]) => ({ name, value: value.replaceAll('\u0000', '').toWellFormed().slice(0, MOST_CHARACTERS) }));
}
