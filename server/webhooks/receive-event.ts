import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { recordEntry } from '../ledger/record-entry.ts';
import { optOut } from '../messages/opt-out.ts';
import { recipientKeyOf } from '../messages/recipient-key.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { type InboundEvent, type KeptEvent, webhookProblems } from './contract.ts';
import { findBySenderId, insertEvent } from './store.ts';

const fail = failuresOf(webhookProblems);

/**
 * Takes in an event of the organisation's own systems. What it causes hangs on its ledger entry, so that it is caused
 * if and only if the event was kept. An opt-out alone is carried out here and now, since its address is not kept.
 * @param received `id` is the sender's own; `receivedAt` where it came earlier in another form, else now
 * @param actor who sent it
 * @returns the event's id in Kept, and whether it had come before with the same content
 * @throws Failure `event-id-reused` when it came before with another content; `address-invalid`
 */
export async function receiveEvent(
  tx: Tx,
  received: { readonly id: string; readonly event: InboundEvent; readonly receivedAt?: Date },
  actor: Actor,
): Promise<{ readonly event: Id<'InboxEvent'>; readonly receivedAt: Date; readonly repeated: boolean }> {
  const id = newId<'InboxEvent'>(tx.at);
  const receivedAt = received.receivedAt ?? tx.at;
  const payload = asKept(tx, received.event);
  const contentHash = hashOf(payload);
  if (await insertEvent(tx, { id, senderId: received.id, payload, contentHash, receivedAt })) {
    await recordEntry(tx, { kind: 'event.received', actor, body: { event: id, type: payload.type } });
    if (received.event.type === 'contact.opted-out')
      await optOut(tx, { address: received.event.address, via: 'event', actor });
    return { event: id, receivedAt, repeated: false };
  }
  const before = await findBySenderId(tx, received.id);
  if (before === undefined) throw new Error('an event that conflicts with a new one is not there');
  if (!before.contentHash.equals(contentHash))
    throw fail('event-id-reused', 'Give every event an id of its own, and repeat an event unchanged.');
  return { event: before.id, receivedAt: before.receivedAt, repeated: true };
}

/** Without the address of a contact. */
function asKept(tx: Tx, event: InboundEvent): KeptEvent {
  if (event.type !== 'contact.opted-out') return event;
  return { type: event.type, contact: recipientKeyOf(tx, event.address).toString('hex') };
}

/** Of the canonical JSON (RFC 8785), so that the order of keys makes no other event. */
function hashOf(event: KeptEvent): Buffer {
  return createHash('sha256')
    .update(canonicalize(event) ?? '')
    .digest();
}
