import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema, problems } from '../platform/contract.ts';

export const mailboxProblems = problems({
  'mailbox-not-found': { status: 404, title: 'There is no such mailbox' },
  'mailbox-exists': { status: 409, title: 'A mailbox with this address is there already' },
  'mailbox-password-needed': { status: 422, title: 'The password has to be given again' },
  'mailbox-has-no-secret': { status: 409, title: 'This mailbox is read over IMAP and has no secret' },
  'thread-not-found': { status: 404, title: 'There is no such thread' },
  'reply-impossible': { status: 409, title: 'There is nobody to answer in this thread' },
  'mail-refused': { status: 401, title: 'The mail could not be accepted' },
  'attachment-not-found': { status: 404, title: 'There is no such attachment' },
});

/** How mail comes in: read over IMAP, or brought by the mail provider's webhook. */
export const mailboxKindSchema = z.enum(['imap', 'webhook']);
export type MailboxKind = z.infer<typeof mailboxKindSchema>;

/**
 * `reading`: it was read, or told of, of late. `waiting`: nothing was tried or brought yet. `failing`: see its code.
 * `paused`: somebody switched it off.
 */
export const mailboxStateSchema = z.enum(['reading', 'waiting', 'failing', 'paused']);
export type MailboxState = z.infer<typeof mailboxStateSchema>;

/** Why a mailbox cannot be read. */
export const mailboxErrorSchema = z.enum([
  /** The host is not a public address; the operator may name it in KEPT_OUTBOUND_ALLOW. */
  'host-refused',
  /** The name of the host leads nowhere. */
  'host-unknown',
  'server-unreachable',
  /** No TLS with a certificate that can be trusted, so no password was sent. */
  'server-insecure',
  'sign-in-refused',
  'folder-missing',
  /** It answers, but not as IMAP servers do. */
  'server-faulty',
  /** Of a webhook: a test mail that Kept sent did not arrive. */
  'mail-lost',
]);
export type MailboxError = z.infer<typeof mailboxErrorSchema>;

/** `tls`: from the first byte. `starttls`: encrypted before anything is said. `none`: this machine only. */
export const mailboxSecuritySchema = z.enum(['tls', 'starttls', 'none']);
export type MailboxSecurity = z.infer<typeof mailboxSecuritySchema>;

/**
 * How the provider signs. `standard`: the body is the raw message, the headers are those of Standard Webhooks.
 * `mailgun`: a form with `body-mime`, `timestamp`, `token` and `signature`.
 */
export const mailboxSchemeSchema = z.enum(['standard', 'mailgun']);
export type MailboxScheme = z.infer<typeof mailboxSchemeSchema>;

const mailAddressSchema = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/u);

const imapServerSchema = z.object({
  host: z.string().trim().toLowerCase().min(1).max(253),
  port: z.number().int().min(1).max(65_535),
  security: mailboxSecuritySchema,
  user: z.string().min(1).max(254),
  folder: z.string().min(1).max(254).default('INBOX'),
});

const basics = {
  /** What the console calls it. */
  name: z.string().trim().min(1).max(100),
  /** Where people write to, and where answers to our replies go. */
  mailAddress: mailAddressSchema,
  enabled: z.boolean().default(true),
  /**
   * Whether `name+anything@` reaches it, too: then an answer finds its thread also where a mail program drops the
   * headers that say what is answered.
   */
  subaddressing: z.boolean().default(false),
};
const password = z.string().min(1).max(1000);

/** A mailbox as it is set up. A password is given when it is added, and again when server or user change. */
export const mailboxInputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('imap'), ...basics, ...imapServerSchema.shape, password: password.optional() }),
  z.object({
    kind: z.literal('webhook'),
    ...basics,
    scheme: mailboxSchemeSchema.default('standard'),
    /** For `mailgun`: the signing key that the provider gave. Kept makes the one of `standard` itself. */
    signingKey: z.string().min(16).max(200).optional(),
  }),
]);
export type MailboxInput = z.infer<typeof mailboxInputSchema>;

/** A mailbox without its password or secret. */
export const mailboxSchema = z.object({
  id: idSchema('Mailbox'),
  kind: mailboxKindSchema,
  name: z.string(),
  mailAddress: z.string(),
  enabled: z.boolean(),
  subaddressing: z.boolean(),
  /** Null for a webhook. */
  imap: imapServerSchema.nullable(),
  /** Null for IMAP. `lastFour` of the secret in use; `path` is where the provider delivers to, below Kept's address. */
  webhook: z
    .object({
      scheme: mailboxSchemeSchema,
      path: z.string(),
      lastFour: z.string(),
      /** Until when the secret before it is accepted, too. */
      earlierUntil: instantSchema.nullable(),
    })
    .nullable(),
  state: mailboxStateSchema,
  error: mailboxErrorSchema.nullable(),
  /** Since when it fails. */
  failingSince: instantSchema.nullable(),
  /** When it was last read to its end, or brought something. */
  readAt: instantSchema.nullable(),
  /** When the last mail came, of whatever kind. */
  receivedAt: instantSchema.nullable(),
  /** The mail that Kept sends there once a day to see that it arrives. */
  probe: z.object({ sentAt: instantSchema.nullable(), takenAt: instantSchema.nullable() }),
  createdAt: instantSchema,
});
export type Mailbox = z.infer<typeof mailboxSchema>;

export const listMailboxes = endpoint({
  method: 'GET',
  path: '/v1/messages/mailboxes',
  summary: 'Mailboxes that Kept takes mail from, by name; 100 at most',
  permission: 'mailboxes:read',
  answer: z.object({ items: z.array(mailboxSchema) }),
});

export const addMailbox = endpoint({
  method: 'POST',
  path: '/v1/messages/mailboxes',
  summary: 'Adds a mailbox; the secret of a webhook is shown here and never again',
  permission: 'mailboxes:write',
  fresh: true,
  body: mailboxInputSchema,
  answer: z.object({ mailbox: mailboxSchema, secret: z.string().nullable() }),
  status: 201,
  problems: ['mailbox-exists', 'mailbox-password-needed'],
});

export const getMailbox = endpoint({
  method: 'GET',
  path: '/v1/messages/mailboxes/:mailbox',
  summary: 'One mailbox',
  permission: 'mailboxes:read',
  params: z.object({ mailbox: idSchema('Mailbox') }),
  answer: mailboxSchema,
  problems: ['mailbox-not-found'],
});

export const changeMailbox = endpoint({
  method: 'PUT',
  path: '/v1/messages/mailboxes/:mailbox',
  summary: 'Changes a mailbox; its kind stays',
  permission: 'mailboxes:write',
  fresh: true,
  params: z.object({ mailbox: idSchema('Mailbox') }),
  body: mailboxInputSchema,
  answer: mailboxSchema,
  problems: ['mailbox-not-found', 'mailbox-exists', 'mailbox-password-needed'],
});

export const removeMailbox = endpoint({
  method: 'DELETE',
  path: '/v1/messages/mailboxes/:mailbox',
  summary: 'Forgets a mailbox; its threads stay, and so does what lies on the mail server',
  permission: 'mailboxes:write',
  fresh: true,
  params: z.object({ mailbox: idSchema('Mailbox') }),
  answer: z.null(),
  status: 204,
  problems: ['mailbox-not-found'],
});

/** What a test of the settings found; `error` is null when the mailbox could be opened. */
export const mailboxTrialSchema = z.object({
  error: mailboxErrorSchema.nullable(),
  /** How many mails lie in the folder; null when it could not be opened. */
  mails: z.number().int().nullable(),
  /** Whether the server tells of new mail by itself (IDLE). */
  tellsOfNew: z.boolean(),
});
export type MailboxTrial = z.infer<typeof mailboxTrialSchema>;

export const tryMailbox = endpoint({
  method: 'POST',
  path: '/v1/messages/mailbox-trials',
  summary: 'Opens a mailbox with these settings and reads nothing; without a password, with that of the stored one',
  permission: 'mailboxes:write',
  fresh: true,
  body: imapServerSchema.extend({ mailbox: idSchema('Mailbox').optional(), password: password.optional() }),
  answer: mailboxTrialSchema,
  problems: ['mailbox-not-found', 'mailbox-password-needed'],
});

export const readMailboxNow = endpoint({
  method: 'POST',
  path: '/v1/messages/mailboxes/:mailbox/reading',
  summary: 'Has a mailbox read now instead of within the minute',
  permission: 'mailboxes:write',
  params: z.object({ mailbox: idSchema('Mailbox') }),
  answer: z.object({}),
  status: 202,
  problems: ['mailbox-not-found'],
});

export const renewMailboxSecret = endpoint({
  method: 'POST',
  path: '/v1/messages/mailboxes/:mailbox/secret',
  summary: 'Makes another secret for a webhook; the one before it is accepted for a day more',
  permission: 'mailboxes:write',
  fresh: true,
  params: z.object({ mailbox: idSchema('Mailbox') }),
  answer: z.object({ mailbox: mailboxSchema, secret: z.string() }),
  problems: ['mailbox-not-found', 'mailbox-has-no-secret'],
});

/** `dismissed`: somebody looked at it and it is no request. */
export const threadStateSchema = z.enum(['open', 'closed', 'dismissed']);
export type ThreadState = z.infer<typeof threadStateSchema>;

/** `reply` is ours; `auto-reply` an out-of-office or the like; `bounce` a report that a mail of ours did not arrive. */
export const mailKindSchema = z.enum(['mail', 'auto-reply', 'bounce', 'reply']);
export type MailKind = z.infer<typeof mailKindSchema>;

/** A thread as the list shows it. Subject and correspondent are null once they were purged. */
export const threadSchema = z.object({
  id: idSchema('Thread'),
  /** Null when the mailbox was removed. */
  mailbox: idSchema('Mailbox').nullable(),
  subject: z.string().nullable(),
  correspondent: z.object({ name: z.string(), mailAddress: z.string() }).nullable(),
  state: threadStateSchema,
  assignee: idSchema('Person').nullable(),
  /** Whether the last word is theirs. */
  awaitsReply: z.boolean(),
  mails: z.number().int(),
  openedAt: instantSchema,
  lastMailAt: instantSchema,
  purgedAt: instantSchema.nullable(),
});
export type Thread = z.infer<typeof threadSchema>;

export const attachmentSchema = z.object({
  id: idSchema('Attachment'),
  name: z.string().nullable(),
  /** As the sender says; nothing is opened by it. */
  mediaType: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** When it is erased. */
  expiresAt: instantSchema,
  /** False once it is. */
  available: z.boolean(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** What was odd about a mail, so that whoever reads it is warned. */
export const mailDefectSchema = z.enum([
  /** It could not be parsed, so its first lines are shown as they came. */
  'malformed',
  /** Its text was longer than is kept. */
  'text-cut',
  /** It was larger than is taken: only its headers were read. */
  'too-large',
  /** It had more or larger attachments than are taken. */
  'attachments-left-out',
  /** It came into the thread from another address than the thread's. */
  'other-sender',
]);
export type MailDefect = z.infer<typeof mailDefectSchema>;

/** One mail of a thread. Content is null once it was purged. */
export const mailSchema = z.object({
  id: idSchema('Mail'),
  kind: mailKindSchema,
  from: z.object({ name: z.string(), mailAddress: z.string() }).nullable(),
  to: z.array(z.string()),
  subject: z.string().nullable(),
  /** Plain text; what was a page only was turned into text. */
  text: z.string().nullable(),
  wasPage: z.boolean(),
  defects: z.array(mailDefectSchema),
  /** Of a reply: the message that carries it, and what became of that. */
  message: idSchema('Message').nullable(),
  delivery: z.string().nullable(),
  /** Of a bounce: the code of RFC 3463, `5.1.1`. */
  bounceCode: z.string().nullable(),
  /** Who of us wrote it. */
  writtenBy: idSchema('Person').nullable(),
  receivedAt: instantSchema,
  /** The time its sender wrote on it. */
  datedAt: instantSchema.nullable(),
  attachments: z.array(attachmentSchema),
  purgedAt: instantSchema.nullable(),
});
export type Mail = z.infer<typeof mailSchema>;

export const listThreads = endpoint({
  method: 'GET',
  path: '/v1/messages/threads',
  summary: 'Threads of mail, the one with the latest mail first',
  permission: 'mail:read',
  reveals: 'mail',
  query: pageQuerySchema.extend({
    state: threadStateSchema.optional(),
    mailbox: idSchema('Mailbox').optional(),
    /** A person, or `nobody`. */
    assignee: z.union([idSchema('Person'), z.literal('nobody')]).optional(),
    awaitsReply: z.enum(['true', 'false']).optional(),
    /** Looked for in subject, correspondent and text, whatever its case. */
    search: z.string().trim().min(1).max(200).optional(),
  }),
  answer: pageOf(threadSchema),
});

export const getThread = endpoint({
  method: 'GET',
  path: '/v1/messages/threads/:thread',
  summary: 'A thread with its mails, newest first',
  permission: 'mail:read',
  reveals: 'mail',
  params: z.object({ thread: idSchema('Thread') }),
  query: pageQuerySchema.extend({ after: idSchema('Mail').optional() }),
  answer: z.object({ thread: threadSchema, mails: pageOf(mailSchema) }),
  problems: ['thread-not-found'],
});

export const replyInThread = endpoint({
  method: 'POST',
  path: '/v1/messages/threads/:thread/replies',
  summary: 'Answers the correspondent of a thread, by mail from the address of its mailbox',
  permission: 'mail:write',
  params: z.object({ thread: idSchema('Thread') }),
  body: z.object({
    text: z.string().trim().min(1).max(50_000),
    /** That it is written in; the caller's when absent. */
    language: languageSchema.optional(),
    /** Of the caller's making: the same key answers once. */
    idempotencyKey: z.uuid(),
    /** Closes the thread with it. */
    closes: z.boolean().default(false),
  }),
  answer: z.object({ mail: idSchema('Mail'), message: idSchema('Message') }),
  status: 201,
  problems: ['thread-not-found', 'reply-impossible'],
});

export const changeThread = endpoint({
  method: 'PUT',
  path: '/v1/messages/threads/:thread',
  summary: 'Closes or reopens a thread, marks it as no request, or gives it to a member; what is left out stays',
  permission: 'mail:write',
  params: z.object({ thread: idSchema('Thread') }),
  body: z.object({ state: threadStateSchema.optional(), assignee: idSchema('Person').nullable().optional() }),
  answer: threadSchema,
  problems: ['thread-not-found', 'member-not-found'],
});

export const linkAttachment = endpoint({
  method: 'POST',
  path: '/v1/messages/attachments/:attachment/links',
  summary: 'A link to download an attachment, for fifteen minutes',
  permission: 'mail:read',
  reveals: 'attachment',
  params: z.object({ attachment: idSchema('Attachment') }),
  answer: z.object({ /** Below the address of Kept. */ path: z.string(), expiresAt: instantSchema }),
  status: 201,
  problems: ['attachment-not-found'],
});
