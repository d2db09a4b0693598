import { z } from 'zod';
import type { PlacedEntry } from '../ledger/read-placed.ts';
import { type Json, jsonSchema } from '../platform/contract.ts';
import { eventVersionOf } from './catalogue.ts';
import { TEST_TYPE, type WebhookPayload } from './subscriptions-contract.ts';

/** The text that is signed and sent for an entry; without line feeds, since many travel to the database as one text. */
export function bodyOfEntry(entry: PlacedEntry): string {
  const { kind, at, id, origin, index, actor } = entry;
  return JSON.stringify({
    type: kind,
    version: eventVersionOf(kind),
    timestamp: at.toISOString(),
    data: recordOf(entry.body),
    ledger: { entry: id, log: origin, index, actor },
  } satisfies WebhookPayload);
}

/** The text of a test. */
export function bodyOfTest(at: Date): string {
  return JSON.stringify({
    type: TEST_TYPE,
    version: 1,
    timestamp: at.toISOString(),
    data: {},
    ledger: null,
  } satisfies WebhookPayload);
}

const recordSchema = z.record(z.string(), jsonSchema);

/** The bodies of the catalogue are objects; what an earlier version may have recorded without one is sent without. */
function recordOf(body: Json): z.infer<typeof recordSchema> {
  const parsed = recordSchema.safeParse(body);
  return parsed.success ? parsed.data : {};
}
