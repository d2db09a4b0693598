import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type KeptEvent, keptEventSchema } from './contract.ts';

/** An event as it was received. */
export interface ReceivedEvent {
  readonly id: Id<'InboxEvent'>;
  readonly type: KeptEvent['type'];
  readonly payload: KeptEvent;
  readonly receivedAt: Date;
}

/** Keeps an event; false when there is one under the sender's id already (then nothing is written). */
export async function insertEvent(
  tx: Tx,
  event: {
    readonly id: Id<'InboxEvent'>;
    readonly senderId: string;
    readonly payload: KeptEvent;
    readonly contentHash: Buffer;
    readonly receivedAt: Date;
  },
): Promise<boolean> {
  const row = await tx.db
    .insertInto('webhooks.event')
    .values({
      organisation_id: tx.organisationId,
      id: event.id,
      sender_id: event.senderId,
      type: event.payload.type,
      payload: JSON.stringify(event.payload),
      content_hash: event.contentHash,
      received_at: event.receivedAt,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'sender_id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** What is known of the event under a sender's id. */
export async function findBySenderId(
  tx: Tx,
  senderId: string,
): Promise<{ readonly id: Id<'InboxEvent'>; readonly contentHash: Buffer; readonly receivedAt: Date } | undefined> {
  const row = await tx.db
    .selectFrom('webhooks.event')
    .select(['id', 'content_hash', 'received_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('sender_id', '=', senderId)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { id: brand<'InboxEvent'>(row.id), contentHash: row.content_hash, receivedAt: row.received_at };
}

export async function findEvent(tx: Tx, id: Id<'InboxEvent'>): Promise<ReceivedEvent | undefined> {
  const row = await tx.db
    .selectFrom('webhooks.event')
    .select(['id', 'type', 'payload', 'received_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        id: brand<'InboxEvent'>(row.id),
        type: row.type,
        payload: keptEventSchema.parse(row.payload),
        receivedAt: row.received_at,
      };
}
