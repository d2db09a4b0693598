import type { z } from 'zod';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Seal } from '../platform/seal.ts';
import { getEndpointRow } from './describe-endpoint.ts';
import type { tryRules as endpoint } from './endpoints-contract.ts';
import { stateOf } from './map-received.ts';
import { mapWebhook } from './map-webhook.ts';
import { type ReadableWebhook, readBody } from './read-webhook.ts';
import { openReceived } from './seal-received.ts';
import { senderIdOf } from './sender-id.ts';
import { getStored } from './show-received.ts';

type Wanted = z.output<(typeof endpoint)['body']>;

/**
 * What rules would make of an example, one that came or one that was pasted. Nothing is written.
 * @throws Failure `endpoint-not-found`, `received-not-found`
 */
export async function tryRules(
  tx: Tx,
  seal: Seal,
  id: Id<'Endpoint'>,
  { rules, example }: Wanted,
): Promise<z.infer<(typeof endpoint)['answer']>> {
  const row = await getEndpointRow(tx, id);
  const webhook = await readExample(tx, seal, example);
  const mapping = mapWebhook(rules ?? row.rules, webhook);
  return {
    state: stateOf(webhook.value, mapping),
    events: [...mapping.events],
    trouble: [...mapping.trouble],
    rules: [...mapping.rules],
    senderId: senderIdOf(row, webhook),
  };
}

async function readExample(tx: Tx, seal: Seal, example: Wanted['example']): Promise<ReadableWebhook> {
  if (example.from === 'text') {
    const headers = new Map(example.headers.map(({ name, value }) => [name, value]));
    return { headers, value: readBody(example.contentType, Buffer.from(example.body)) };
  }
  const stored = await getStored(tx, example.received);
  const { headers, body } = openReceived(seal, stored);
  return { headers, value: readBody(stored.contentType, body) };
}
