import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { getEndpointRow } from './describe-endpoint.ts';
import { endpointProblems, type Received, type ReceivedState } from './endpoints-contract.ts';
import { mapReceived } from './map-received.ts';
import { MAP_TASK } from './receive-webhook.ts';
import { findReceived, markRangeWaiting, markWaiting, type Range, selectWaiting } from './received-store.ts';

const fail = failuresOf(endpointProblems);

/** The name of the task that maps a range. */
export const REPLAY_TASK = 'webhooks.replay';
/** So many are looked up at a time. */
const atATime = 200;

/**
 * Has one mapped once more, by the rules in force.
 * @throws Failure `received-not-found`
 */
export async function replayReceived(platform: Platform, tx: Tx, by: Actor, id: Id<'Received'>): Promise<Received> {
  const endpoint = await markWaiting(tx, id);
  const received = endpoint === undefined ? undefined : await findReceived(tx, id);
  if (endpoint === undefined || received === undefined)
    throw fail('received-not-found', 'Webhooks are kept for 30 days; this one is not there.');
  await recordEntry(tx, {
    kind: 'inbound.replayed',
    actor: by,
    body: { endpoint, count: 1, from: null, to: null, states: [] },
  });
  await platform.tasks.enqueue(tx, MAP_TASK, { organisation: tx.organisationId, received: id });
  return received;
}

/**
 * Has those of a range mapped once more, oldest first, in the background.
 * @returns how many there are
 * @throws Failure `endpoint-not-found`
 */
export async function replayReceivedRange(
  platform: Platform,
  tx: Tx,
  by: Actor,
  range: Range,
  states: readonly ReceivedState[],
): Promise<number> {
  await getEndpointRow(tx, range.endpoint);
  const count = await markRangeWaiting(tx, range, states);
  const [from, to] = [range.from.toISOString(), range.to.toISOString()];
  await recordEntry(tx, {
    kind: 'inbound.replayed',
    actor: by,
    body: { endpoint: range.endpoint, count, from, to, states: [...states] },
  });
  if (count > 0)
    await platform.tasks.enqueue(tx, REPLAY_TASK, {
      organisation: tx.organisationId,
      endpoint: range.endpoint,
      from,
      to,
    });
  return count;
}

/** Maps what waits in a range, each in a transaction of its own: whoever is killed goes on with what still waits. */
export async function mapRange(
  platform: Platform,
  organisationId: OrganisationId,
  range: Range,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const waiting = await platform.db.transaction(organisationId, (tx) => selectWaiting(tx, range, atATime));
    if (waiting.length === 0) return;
    for (const id of waiting) {
      signal.throwIfAborted();
      await mapReceived(platform, organisationId, id);
    }
  }
}
