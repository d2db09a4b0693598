import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { type InboundEvent, webhookProblems } from './contract.ts';
import { findBySenderId, insertEvent } from './store.ts';

const fail = failuresOf(webhookProblems);

/**
 * Takes in an event of the organisation's own systems. What it causes hangs on its ledger entry, so that it is caused
 * if and only if the event was kept.
 * @param received `id` is the sender's own
 * @param actor who sent it
 * @returns the event's id in Kept, and whether it had come before with the same content
 * @throws Failure `event-id-reused` when it came before with another content
 */
export async function receiveEvent(
  tx: Tx,
  received: { readonly id: string; readonly event: InboundEvent },
  actor: Actor,
): Promise<{ readonly event: Id<'InboxEvent'>; readonly receivedAt: Date; readonly repeated: boolean }> {
  const id = newId<'InboxEvent'>(tx.at);
  const contentHash = hashOf(received.event);
  if (await insertEvent(tx, { id, senderId: received.id, payload: received.event, contentHash })) {
    await recordEntry(tx, { kind: 'event.received', actor, body: { event: id, type: received.event.type } });
    return { event: id, receivedAt: tx.at, repeated: false };
  }
  const before = await findBySenderId(tx, received.id);
  if (before === undefined) throw new Error('an event that conflicts with a new one is not there');
  if (!before.contentHash.equals(contentHash))
    throw fail('event-id-reused', 'Give every event an id of its own, and repeat an event unchanged.');
  return { event: before.id, receivedAt: before.receivedAt, repeated: true };
}

/** Of the canonical JSON (RFC 8785), so that the order of keys makes no other event. */
function hashOf(event: InboundEvent): Buffer {
  return createHash('sha256')
    .update(canonicalize(event) ?? '')
    .digest();
}
