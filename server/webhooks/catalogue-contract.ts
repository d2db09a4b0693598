import { z } from 'zod';
import { entryKindSchema } from '../ledger/kinds-contract.ts';
import { endpoint, jsonSchema } from '../platform/contract.ts';
import { webhookPayloadSchema } from './subscriptions-contract.ts';

/** A kind of event, as receivers of webhooks see it. */
export const eventKindSchema = z.object({
  kind: entryKindSchema,
  /** Version of its data: rises with every change. The data of a released kind gains fields and never loses one. */
  version: z.number().int().positive(),
  /** What happened, in English. */
  what: z.string(),
  label: z.object({ en: z.string(), 'pt-BR': z.string(), es: z.string() }),
  /** JSON Schema (2020-12) of `data`. A receiver ignores fields that it does not know. */
  schema: z.record(z.string(), jsonSchema),
  /** An event of this kind, as it is sent. */
  example: webhookPayloadSchema,
});
export type EventKind = z.infer<typeof eventKindSchema>;

export const listEventKinds = endpoint({
  method: 'GET',
  path: '/v1/webhooks/kinds',
  summary: 'Every kind of event that a webhook can be subscribed to, with the schema of its data and an example',
  permission: 'webhooks:read',
  answer: z.object({
    /** Version of the catalogue; kinds are added within it. */
    catalogue: z.number().int().positive(),
    kinds: z.array(eventKindSchema),
  }),
});
