import { z } from 'zod';
import { endpoint, idSchema, instantSchema, problems } from '../platform/contract.ts';

/** An opaque id. PostgreSQL holds neither NUL nor half of a surrogate pair, so those are refused here and not there. */
const opaqueId = (length: number) =>
  z
    .string()
    .min(1)
    .max(length)
    .refine((text) => text.isWellFormed() && !text.includes('\u0000'), 'holds a character that cannot be stored');

/** Kinds of events the organisation's own systems may send; each names the thing by its opaque id, never by personal data. */
export const eventSchema = z.discriminatedUnion('type', [
  /** An OAuth grant was revoked at the source platform: its tokens go at once. */
  z.strictObject({ type: z.literal('grant.revoked'), grant: opaqueId(500) }),
  z.strictObject({
    type: z.literal('account.cancelled'),
    account: opaqueId(500),
    at: instantSchema.optional(),
  }),
  z.strictObject({ type: z.literal('account.reactivated'), account: opaqueId(500) }),
]);
export type InboundEvent = z.infer<typeof eventSchema>;

export const webhookProblems = problems({
  'event-id-reused': { status: 409, title: 'This event id came with another content before' },
  'event-not-found': { status: 404, title: 'There is no such event, or it was purged' },
});

export const receiveEvent = endpoint({
  method: 'POST',
  path: '/v1/webhooks/events',
  summary: 'Receive an event; the same id twice within 30 days has one effect',
  permission: 'webhooks:ingest',
  /** `id` is the sender's own id of the event. */
  body: z.object({ id: opaqueId(200), event: eventSchema }),
  answer: z.object({ event: idSchema('InboxEvent'), receivedAt: instantSchema, repeated: z.boolean() }),
  status: 202,
  problems: ['event-id-reused'],
});
