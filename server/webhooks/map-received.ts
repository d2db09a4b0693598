import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { InboundEvent } from './contract.ts';
import { findEndpoint } from './endpoint-store.ts';
import type { ReceivedState } from './endpoints-contract.ts';
import { type Mapping, mapWebhook } from './map-webhook.ts';
import type { MappedEvent, MappingRule } from './mapping-contract.ts';
import { readBody } from './read-webhook.ts';
import { receiveEvent } from './receive-event.ts';
import { webhooks } from './receive-webhook.ts';
import { type CausedEvent, type StoredReceived, saveMapping, takeWaiting } from './received-store.ts';
import { openReceived } from './seal-received.ts';

/**
 * Maps something that waits, by the rules in force, in one transaction: what it becomes, and that it did. What is no
 * longer waiting, or gone, is left alone, so this may run any number of times.
 */
export async function mapReceived(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Received'>,
): Promise<void> {
  await platform.db.transaction(organisationId, async (tx) => {
    const received = await takeWaiting(tx, id);
    if (received === undefined) return;
    const endpoint = await findEndpoint(tx, received.endpoint);
    // Of an endpoint that was removed in the meantime nothing follows any more.
    const { state, mapping } = readAndMap(platform, endpoint?.rules ?? [], received);
    const events = await causeEvents(platform, tx, received, mapping.events);
    await saveMapping(tx, id, { state, trouble: mapping.trouble, events, rulesVersion: endpoint?.rulesVersion ?? 0 });
  });
}

function readAndMap(platform: Platform, rules: readonly MappingRule[], received: StoredReceived) {
  const { headers, body } = openReceived(platform.seal, received);
  const value = readBody(received.contentType, body);
  const mapping = mapWebhook(rules, { headers, value });
  return { mapping, state: stateOf(value, mapping) };
}

/** What becomes of a webhook: rules that need no body apply to one that cannot be read, too. */
export function stateOf(value: unknown, { events, trouble }: Mapping): Exclude<ReceivedState, 'waiting'> {
  if (value === undefined && events.length === 0) return 'unreadable';
  if (trouble.length > 0) return 'failed';
  return events.length > 0 ? 'mapped' : 'unmapped';
}

/**
 * Each event has an id that follows from the webhook and from what the event says, so that mapping again causes nothing
 * twice, and a rule that was mended causes what it should have. It counts as received when the webhook was, so that one
 * that is mapped late does not undo what came after it.
 * @returns all that the webhook ever caused
 */
async function causeEvents(
  platform: Platform,
  tx: Tx,
  received: StoredReceived,
  mapped: readonly MappedEvent[],
): Promise<CausedEvent[]> {
  const caused = [...received.events];
  const known = new Set(caused.map(({ event }) => event));
  for (const { rule, ...said } of mapped) {
    const id = `inbound:${received.id}:${digestOf(platform, said)}`;
    const { receivedAt } = received;
    const { event } = await receiveEvent(tx, { id, event: asInbound(said), receivedAt }, webhooks);
    if (known.has(event)) continue;
    known.add(event);
    caused.push({ event, type: said.type, rule, mappedAt: tx.at.toISOString() });
  }
  return caused;
}

/** Keyed: an address is not to be found by trying. */
function digestOf(platform: Platform, said: Omit<MappedEvent, 'rule'>): string {
  return createHmac('sha256', platform.seal.derive('webhook-event'))
    .update(canonicalize(said) ?? '')
    .digest('hex');
}

function asInbound({ type, about, at }: Omit<MappedEvent, 'rule'>): InboundEvent {
  switch (type) {
    case 'account.cancelled':
      return { type, account: about, ...(at !== null && { at }) };
    case 'account.reactivated':
      return { type, account: about };
    case 'grant.revoked':
      return { type, grant: about };
    case 'person.deleted':
      return { type, person: about };
    case 'contact.opted-out':
      return { type, address: about };
  }
}
