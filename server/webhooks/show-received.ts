import type { z } from 'zod';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Seal } from '../platform/seal.ts';
import { endpointProblems, type getReceived } from './endpoints-contract.ts';
import { asText } from './read-webhook.ts';
import { findReceived, findStored, type StoredReceived } from './received-store.ts';
import { openReceived } from './seal-received.ts';

const fail = failuresOf(endpointProblems);

/** @throws Failure `received-not-found`, also when it was deleted */
export async function getStored(tx: Tx, id: Id<'Received'>): Promise<StoredReceived> {
  const stored = await findStored(tx, id);
  if (stored === undefined) throw fail('received-not-found', 'Webhooks are kept for 30 days; this one is not there.');
  return stored;
}

/**
 * One with its headers and its body as they came. PostgreSQL's zero character is no obstacle: nothing of it is text there.
 * @throws Failure `received-not-found`
 */
export async function showReceived(
  tx: Tx,
  seal: Seal,
  id: Id<'Received'>,
): Promise<z.infer<(typeof getReceived)['answer']>> {
  const stored = await getStored(tx, id);
  const received = await findReceived(tx, id);
  if (received === undefined) throw new Error('what was received lost its endpoint');
  const { headers, body } = openReceived(seal, stored);
  const text = asText(body);
  return {
    ...received,
    headers: [...headers].map(([name, value]) => ({ name, value })),
    body:
      text === undefined
        ? { encoding: 'base64', content: body.toString('base64') }
        : { encoding: 'text', content: text },
  };
}
