import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema } from '../platform/contract.ts';

/** `sent` means that the mail server took it over; whether it was read nobody knows, since nothing is tracked. */
export const messageStateSchema = z.enum(['queued', 'sent', 'failed']);
export type MessageState = z.infer<typeof messageStateSchema>;

/** Why a message is still queued, or why it failed. */
export const messageReasonSchema = z.enum([
  /** KEPT_SMTP_URL is not set; it goes when it is. */
  'mail-not-configured',
  /** It is being handed to the mail server now, or was when the process died. */
  'sending',
  /** Tried again: no connection to the mail server. */
  'server-unreachable',
  /** Tried again: no TLS that can be trusted, so nothing was sent. */
  'server-insecure',
  /** Tried again: the mail server refused the credentials. */
  'sign-in-refused',
  /** Tried again: the mail server asked for it (greylisting, a full mailbox). */
  'server-busy',
  /** Failed: the mail server refused the message for good. */
  'refused',
  /** Failed: the address is not one that mail can be sent to. */
  'address-invalid',
  /** Failed: tried for three days without success. */
  'gave-up',
  /** Failed: not sent for ninety days, after which its content was purged. */
  'never-sent',
]);
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
