import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { webhookProblems } from './contract.ts';
import { findEvent, type ReceivedEvent } from './store.ts';

const fail = failuresOf(webhookProblems);

export type { ReceivedEvent };

/**
 * The event that a ledger entry `event.received` speaks of (`body.event`).
 * @throws Failure `event-not-found`, also when it was purged
 */
export async function getEvent(tx: Tx, id: Id<'InboxEvent'>): Promise<ReceivedEvent> {
  const event = await findEvent(tx, id);
  if (event === undefined) throw fail('event-not-found', `Events are kept for 30 days; ${id} is not there.`);
  return event;
}
