import { z } from 'zod';
import { bodyOf, countOf, exampleId, idOf, instantOf, oneOf, otherExampleId } from './body-contract.ts';

const endpoint = idOf('Endpoint', 'The endpoint');
const state = oneOf(['waiting', 'mapped', 'unmapped', 'failed', 'unreadable'], 'What had become of it');

/** Bodies of the entries about webhooks coming in. */
export const inboundBodies = {
  'inbound.endpoint-changed': bodyOf(
    {
      endpoint,
      act: oneOf(
        ['created', 'changed', 'rules-set', 'secret-added', 'secret-ended', 'verify-token-renewed', 'removed'],
        'What was done',
      ),
    },
    { endpoint: exampleId, act: 'secret-added' },
  ),
  'inbound.received': bodyOf(
    { endpoint, received: idOf('Received', 'What was received: its id, nothing of what it says') },
    { endpoint: exampleId, received: otherExampleId },
  ),
  'inbound.replayed': bodyOf(
    {
      endpoint,
      count: countOf('How many are mapped once more'),
      from: instantOf('The earliest that was meant; null for a single one').nullable(),
      to: instantOf('The end of the range, which is not in it; null for a single one').nullable(),
      states: z.array(state).describe('Those that were in one of these states; empty for a single one'),
    },
    {
      endpoint: exampleId,
      count: 12,
      from: '2026-11-19T00:00:00.000Z',
      to: '2026-11-20T00:00:00.000Z',
      states: ['unmapped', 'failed'],
    },
  ),
} as const;
