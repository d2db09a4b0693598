import type { OrganisationId } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { verifierOf } from './note.ts';
import { type Bytes, type Checkpoint, Flaw, openNote, parseCheckpoint } from './proof.ts';
import { listAwaiting, markDelivered } from './store.ts';

/** Name of the task that sends signed checkpoints to the operator's endpoint. */
export const deliveryTask = 'ledger.deliver';

/**
 * What is known of the operator's endpoint (KEPT_CHECKPOINT_URL) in this process.
 * The endpoint takes `POST` with a signed note as text and answers 2xx. It may answer `GET ?log=<origin>` with the
 * newest note it has of that log; Kept then also compares its database with that one. An endpoint that does not
 * (404, 405, or another text) only keeps copies.
 */
interface Endpoint {
  /** Newest note by origin; null where the endpoint has none or does not tell. */
  readonly latest: Map<string, Checkpoint | null>;
  /** When it was last asked and did not answer, `performance.now()`. */
  silentAt: number | null;
  /** What went wrong last in delivering, by organisation. */
  readonly trouble: Map<OrganisationId, string>;
}

const endpoints = new WeakMap<Platform, Endpoint>();
const askAgainMs = 60_000;

/**
 * Sends the signed checkpoints that wait to the operator's endpoint, oldest first and one after the other, until one is
 * not taken; the next call goes on with that one. Signing never waits for it.
 */
export async function deliverCheckpoints(
  platform: Platform,
  organisationId: OrganisationId,
  signal?: AbortSignal,
): Promise<void> {
  const url = platform.config.checkpointUrl;
  if (url === undefined) return;
  // Two at once could deliver out of order.
  const lock = await platform.db.tryLock(`ledger.deliver:${organisationId}`);
  if (lock === null) return;
  try {
    for (;;) {
      const waiting = await platform.db.transaction(organisationId, (tx) => listAwaiting(tx, 100));
      if (waiting.length === 0) return;
      for (const { logNumber, size, note } of waiting) {
        const trouble = await post(platform, url, note, signal);
        tell(platform, organisationId, trouble);
        if (trouble !== null) return;
        await platform.db.transaction(organisationId, (tx) => markDelivered(tx, logNumber, size), {
          role: 'kept_sequencer',
        });
      }
    }
  } finally {
    await lock.release();
  }
}

/** What went wrong last in delivering, null when nothing did. */
export function deliveryTrouble(platform: Platform, organisationId: OrganisationId): string | null {
  return endpointOf(platform).trouble.get(organisationId) ?? null;
}

/**
 * The newest checkpoint of a log that the endpoint has; undefined when it has none, does not tell, or does not answer.
 * An endpoint that is away cannot keep Kept from signing: the files are there to compare with.
 */
export async function latestAtEndpoint(
  platform: Platform,
  origin: string,
  publicKey: Bytes,
): Promise<Checkpoint | undefined> {
  const url = platform.config.checkpointUrl;
  const endpoint = endpointOf(platform);
  const known = endpoint.latest.get(origin);
  if (url === undefined || known !== undefined) return known ?? undefined;
  if (endpoint.silentAt !== null && performance.now() - endpoint.silentAt < askAgainMs) return undefined;
  const address = new URL(url);
  address.searchParams.set('log', origin);
  try {
    const answer = await platform.outbound.fetch(address, { operator: true, timeoutMs: 5_000, maxBytes: 100_000 });
    const latest = answer.ok ? await readNote(await answer.text(), origin, publicKey) : undefined;
    // A server in trouble may know better later.
    if (answer.status < 500) endpoint.latest.set(origin, latest ?? null);
    return latest;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    endpoint.silentAt = performance.now();
    platform.log.warn({ err: error }, 'the endpoint for checkpoints did not say what it has');
    return undefined;
  }
}

async function post(platform: Platform, url: string, note: string, signal?: AbortSignal): Promise<string | null> {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  try {
    const answer = await platform.outbound.fetch(url, {
      method: 'POST',
      headers,
      body: note,
      operator: true,
      maxBytes: 100_000,
      ...(signal !== undefined && { signal }),
    });
    return answer.ok ? null : `The endpoint for checkpoints answered ${answer.status}.`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.message;
  }
}

/** Says so once when delivery begins to fail, and once when it works again. */
function tell(platform: Platform, organisationId: OrganisationId, trouble: string | null): void {
  const known = endpointOf(platform).trouble;
  const before = known.get(organisationId) ?? null;
  if (trouble === null) known.delete(organisationId);
  else known.set(organisationId, trouble);
  const organisation = organisationId;
  if (trouble !== null && before === null)
    platform.log.warn({ organisation, trouble }, 'checkpoints wait for delivery');
  if (trouble === null && before !== null) platform.log.info({ organisation }, 'checkpoints are delivered again');
}

async function readNote(note: string, origin: string, publicKey: Bytes): Promise<Checkpoint | undefined> {
  try {
    const checkpoint = parseCheckpoint(await openNote(note, await verifierOf(origin, publicKey)));
    return checkpoint.origin === origin ? checkpoint : undefined;
  } catch (error) {
    if (error instanceof Flaw) return undefined;
    throw error;
  }
}

function endpointOf(platform: Platform): Endpoint {
  const known = endpoints.get(platform);
  if (known !== undefined) return known;
  const endpoint: Endpoint = { latest: new Map(), silentAt: null, trouble: new Map() };
  endpoints.set(platform, endpoint);
  return endpoint;
}
