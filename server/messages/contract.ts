import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema, problems } from '../platform/contract.ts';

/**
 * `sent` means that the mail server took it over; whether it was read nobody knows, since nothing is tracked. `bounced`:
 * it took it over and later said that it did not arrive.
 */
export const messageStateSchema = z.enum(['queued', 'sent', 'bounced', 'failed']);
export type MessageState = z.infer<typeof messageStateSchema>;

/** `announcement`: can be declined, at any time. `legal` and `transactional`: owed, so no opt-out stops them. */
export const categorySchema = z.enum(['transactional', 'legal', 'announcement']);
export type Category = z.infer<typeof categorySchema>;

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
  /** Failed: an announcement to somebody who wants none. */
  'opted-out',
  /** Bounced: the mail server took it over and later said that it did not arrive. */
  'bounced',
]);
export type MessageReason = z.infer<typeof messageReasonSchema>;

export const messagesProblems = problems({
  'message-not-found': { status: 404, title: 'There is no such message' },
  'template-not-found': { status: 404, title: 'There is no such template' },
  'template-not-sendable': { status: 403, title: 'Kept itself decides when this is sent' },
  'figures-invalid': { status: 422, title: 'The figures do not fit the template' },
  'address-invalid': { status: 422, title: 'No mail can be sent to this address' },
  'idempotency-conflict': { status: 409, title: 'Another message was sent under this key' },
  'message-not-failed': { status: 409, title: 'Only what failed or bounced is sent again' },
  'message-purged': { status: 409, title: 'Address and content were erased' },
  'message-holds-secret': { status: 409, title: 'What opens something is not sent again' },
  'recipient-opted-out': { status: 409, title: 'The recipient wants no announcements' },
  'opt-out-link-not-found': { status: 404, title: 'This link is not valid' },
});

/** A message as the log shows it: without address and content. */
export const messageSchema = z.object({
  id: idSchema('Message'),
  template: z.string(),
  category: categorySchema,
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
  bouncedAt: instantSchema.nullable(),
  failedAt: instantSchema.nullable(),
  /** When address and content were purged. */
  purgedAt: instantSchema.nullable(),
});

const filterSchema = z.object({
  state: messageStateSchema.optional(),
  template: z.string().max(100).optional(),
  category: categorySchema.optional(),
  queuedFrom: instantSchema.optional(),
  queuedBefore: instantSchema.optional(),
});
const messagePage = { ...pageQuerySchema.shape, after: idSchema('Message').optional() };

export const listMessages = endpoint({
  method: 'GET',
  path: '/v1/messages',
  summary: 'Messages, newest first, without addresses and content',
  permission: 'messages:read',
  query: filterSchema.extend(messagePage),
  answer: pageOf(messageSchema),
});

/** An address stands in the body, since addresses of pages end up in logs. */
export const searchMessages = endpoint({
  method: 'POST',
  path: '/v1/messages/search',
  summary: 'Messages to one address, newest first, as long as the address is kept',
  permission: 'messages:audit',
  reveals: 'messages-of-recipient',
  body: filterSchema.extend({ ...messagePage, recipient: z.string().min(1).max(254) }),
  answer: pageOf(messageSchema),
});

export const readMessage = endpoint({
  method: 'GET',
  path: '/v1/messages/:message',
  summary: 'One message with its address and content',
  permission: 'messages:audit',
  reveals: 'message',
  params: z.object({ message: idSchema('Message') }),
  answer: messageSchema.extend({
    /** Null when purged, or when it was no address. */
    recipient: z.string().nullable(),
    from: z.string(),
    replyTo: z.string().nullable(),
    subject: z.string().nullable(),
    /** Null when purged or sealed. */
    text: z.string().nullable(),
    /** A page for a frame that runs and loads nothing. Null when purged or sealed. */
    html: z.string().nullable(),
    /** It holds a link that opens something, which only its recipient is to see. */
    sealed: z.boolean(),
    /** The header of this name, with which a reply or a bounce finds it; null before the first attempt. */
    messageId: z.string().nullable(),
    /** Whether it can be sent again. */
    resendable: z.boolean(),
  }),
  problems: ['message-not-found'],
});

export const resendMessage = endpoint({
  method: 'POST',
  path: '/v1/messages/:message/resend',
  summary: 'Queue a message again that failed or bounced, to its address or a corrected one',
  permission: 'messages:approve',
  params: z.object({ message: idSchema('Message') }),
  body: z.object({ to: z.string().max(254).optional() }),
  answer: messageSchema,
  status: 202,
  problems: [
    'message-not-found',
    'message-not-failed',
    'message-purged',
    'message-holds-secret',
    'recipient-opted-out',
    'address-invalid',
  ],
});

export const sendMessage = endpoint({
  method: 'POST',
  path: '/v1/messages',
  summary: 'Send a message from a template; the same key gives the same message, which is sent once',
  permission: 'messages:write',
  body: z.object({
    template: z.string().max(100),
    to: z.string().max(254),
    language: languageSchema,
    /** What the template fills in: `GET /v1/messages/templates` gives its schema. */
    figures: z.json(),
    /** Opaque and without personal data, since it is never erased. */
    idempotencyKey: z
      .string()
      .regex(/^[\w.:-]{8,200}$/, 'write 8 to 200 letters, digits, dots, colons, dashes or underscores'),
    replyTo: z.string().max(254).optional(),
  }),
  answer: messageSchema,
  status: 202,
  problems: [
    'template-not-found',
    'template-not-sendable',
    'figures-invalid',
    'address-invalid',
    'idempotency-conflict',
  ],
});

/** A kind of message. */
export const templateSchema = z.object({
  name: z.string(),
  category: categorySchema,
  /** Whether `POST /v1/messages` takes it; Kept itself sends the others. */
  sendable: z.boolean(),
  /** Whether it holds a link that opens something: then it is stored sealed. */
  holdsSecret: z.boolean(),
  /** JSON Schema of its figures; null where nobody sends it by hand. */
  figures: z.record(z.string(), z.json()).nullable(),
});

export const listTemplates = endpoint({
  method: 'GET',
  path: '/v1/messages/templates',
  summary: 'Every kind of message there is, in alphabetical order',
  permission: 'messages:read',
  answer: z.object({ items: z.array(templateSchema) }),
});

/** What would be sent. Data, to be shown in a frame that runs and loads nothing. */
export const previewSchema = z.object({
  template: z.string(),
  category: categorySchema,
  language: languageSchema,
  from: z.string(),
  replyTo: z.string().nullable(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});

export const previewTemplate = endpoint({
  method: 'GET',
  path: '/v1/messages/preview',
  summary: 'A template with sample figures',
  permission: 'messages:read',
  query: z.object({ template: z.string().max(100), language: languageSchema }),
  answer: previewSchema,
  problems: ['template-not-found'],
});

export const previewMessage = endpoint({
  method: 'POST',
  path: '/v1/messages/preview',
  summary: 'A message as it would be sent, without sending it',
  permission: 'messages:write',
  body: z.object({ template: z.string().max(100), language: languageSchema, figures: z.json() }),
  answer: previewSchema,
  problems: ['template-not-found', 'template-not-sendable', 'figures-invalid'],
});
