import { z } from 'zod';
import { endpoint, idSchema, instantSchema, problems } from '../platform/contract.ts';

/** An opaque id. PostgreSQL holds neither NUL nor half of a surrogate pair, so those are refused here and not there. */
const opaqueId = (length: number) =>
  z
    .string()
    .min(1)
    .max(length)
    .refine((text) => text.isWellFormed() && !text.includes('\u0000'), 'holds a character that cannot be stored');

const keyedEvents = [
  /** An OAuth grant was revoked at the source platform: its tokens go at once. */
  z.strictObject({ type: z.literal('grant.revoked'), grant: opaqueId(500) }),
  z.strictObject({
    type: z.literal('account.cancelled'),
    account: opaqueId(500),
    at: instantSchema.optional(),
  }),
  z.strictObject({ type: z.literal('account.reactivated'), account: opaqueId(500) }),
  /** A person was deleted in another system: what the policy promises to erase then goes at once. */
  z.strictObject({ type: z.literal('person.deleted'), person: opaqueId(500) }),
] as const;

/**
 * Kinds of events the organisation's own systems may send. Each names the thing by its opaque id, never by personal
 * data, but for the address of a contact that wants no announcements: of that only a keyed hash is kept.
 */
export const eventSchema = z.discriminatedUnion('type', [
  ...keyedEvents,
  z.strictObject({ type: z.literal('contact.opted-out'), address: opaqueId(254) }),
]);
export type InboundEvent = z.infer<typeof eventSchema>;

/** An event as it is kept and told: nothing in it is personal data. */
export const keptEventSchema = z.discriminatedUnion('type', [
  ...keyedEvents,
  /** `contact`: keyed hash of the address, hexadecimal, so that the same event is known again. */
  z.strictObject({ type: z.literal('contact.opted-out'), contact: z.string() }),
]);
export type KeptEvent = z.infer<typeof keptEventSchema>;

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
  problems: ['event-id-reused', 'address-invalid'],
});
