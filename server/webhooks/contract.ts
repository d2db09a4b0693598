import { z } from 'zod';
import { endpoint, idSchema, instantSchema, problems } from '../platform/contract.ts';

/** Kinds of events the organisation's own systems may send; each names the thing by its opaque id, never by personal data. */
export const eventSchema = z.discriminatedUnion('type', [
  /** An OAuth grant was revoked at the source platform: its tokens go at once. */
  z.strictObject({ type: z.literal('grant.revoked'), grant: z.string().min(1).max(500) }),
  z.strictObject({
    type: z.literal('account.cancelled'),
    account: z.string().min(1).max(500),
    at: instantSchema.optional(),
  }),
  z.strictObject({ type: z.literal('account.reactivated'), account: z.string().min(1).max(500) }),
]);
export type InboundEvent = z.infer<typeof eventSchema>;

export const webhookProblems = problems({
  'event-id-reused': { status: 409, title: 'This event id came with another content before' },
  'event-too-old': { status: 422, title: 'The event is older than its replay window' },
});

export const receiveEvent = endpoint({
  method: 'POST',
  path: '/v1/webhooks/events',
  summary: 'Receive an event; the same id twice has one effect',
  permission: 'webhooks:ingest',
  /** `id` is the sender's own id of the event. */
  body: z.object({ id: z.string().min(1).max(200), event: eventSchema }),
  answer: z.object({ event: idSchema('InboxEvent'), receivedAt: instantSchema, repeated: z.boolean() }),
  status: 202,
  problems: ['event-id-reused'],
});
