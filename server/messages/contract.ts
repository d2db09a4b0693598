import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema } from '../platform/contract.ts';

/** `sent` means that the mail server took it over; whether it was read nobody knows, since nothing is tracked. */
export const messageStateSchema = z.enum(['queued', 'sent', 'failed']);
export type MessageState = z.infer<typeof messageStateSchema>;

/** Why a message is still queued, or why it failed. */
export const messageReasons = {
  'mail-not-configured': 'No mail server is configured (KEPT_SMTP_URL); it goes when one is.',
  sending: 'It is on its way to the mail server now.',
  'server-unreachable': 'The mail server cannot be reached; it is tried again.',
  'server-insecure': 'The mail server offers no TLS that can be trusted, so nothing was sent; it is tried again.',
  'sign-in-refused': 'The mail server refused the credentials; it is tried again.',
  'server-busy': 'The mail server asked to try again later (greylisting, a full mailbox).',
  refused: 'The mail server refused the message for good.',
  'address-invalid': 'The address is not one that mail can be sent to.',
  'gave-up': 'It was tried for three days without success.',
  'never-sent': 'It could not be sent for ninety days, after which its content was purged.',
} as const;
export const messageReasonSchema = z.enum([
  'mail-not-configured',
  'sending',
  'server-unreachable',
  'server-insecure',
  'sign-in-refused',
  'server-busy',
  'refused',
  'address-invalid',
  'gave-up',
  'never-sent',
]) satisfies z.ZodType<keyof typeof messageReasons>;
export type MessageReason = z.infer<typeof messageReasonSchema>;

/** A message as the interface shows it: without address and content. */
export const messageSchema = z.object({
  id: idSchema('Message'),
  template: z.string(),
  language: languageSchema,
  state: messageStateSchema,
  reason: messageReasonSchema.nullable(),
  /** The mail server's last answer as codes: `451 4.7.1`. */
  reply: z.string().nullable(),
  attempts: z.number().int(),
  queuedAt: instantSchema,
  /** When it is tried next; null when it is not. */
  nextAttemptAt: instantSchema.nullable(),
  sentAt: instantSchema.nullable(),
  /** When address and content were purged. */
  purgedAt: instantSchema.nullable(),
});

export const listMessages = endpoint({
  method: 'GET',
  path: '/v1/messages',
  summary: 'Messages, newest first, without addresses and content',
  permission: 'messages:read',
  query: pageQuerySchema.extend({ state: messageStateSchema.optional(), after: idSchema('Message').optional() }),
  answer: pageOf(messageSchema),
});
