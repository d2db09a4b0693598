import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import {
  civilDateSchema,
  endpoint,
  idSchema,
  instantSchema,
  pageOf,
  pageQuerySchema,
  problems,
} from '../platform/contract.ts';

/**
 * A notice tells an audience of a change before it takes effect: `draft` → `announced` → `in-force`, or `cancelled`
 * while it is announced. A cancellation is told to everybody who was told.
 */
export const noticeStateSchema = z.enum(['draft', 'announced', 'in-force', 'cancelled']);
export type NoticeState = z.infer<typeof noticeStateSchema>;

/** `legal` reaches everybody; an `announcement` is not sent to who opted out of announcements. */
export const noticeCategorySchema = z.enum(['legal', 'announcement']);
export type NoticeCategory = z.infer<typeof noticeCategorySchema>;

/** What changes. */
export const noticeReasonSchema = z.enum([
  'policy-change',
  'terms-change',
  'recipient-change',
  'purpose-change',
  'price-change',
  'service-change',
  'incident',
  'other',
]);
export type NoticeReason = z.infer<typeof noticeReasonSchema>;

/** `page` is a public page that anyone with its address may read; its views are not tracked. */
export const noticeChannelSchema = z.enum(['e-mail', 'in-product', 'page']);
export type NoticeChannel = z.infer<typeof noticeChannelSchema>;

/** A name, then groups of it: `{ name: 'members', only: ['owner', 'dpo'] }`. Nothing in `only` means everybody. */
export const audienceChoiceSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .max(60),
  only: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z0-9-]*$/)
        .max(60),
    )
    .max(20)
    .default([]),
});

const inThreeLanguagesSchema = z.object({ 'pt-BR': z.string(), en: z.string(), es: z.string() });

/**
 * What a notice says in one language. `body` is plain text: a blank line ends a paragraph, lines that begin with `- `
 * are a list, a line that begins with `# ` is a heading. Nothing else is interpreted.
 */
export const noticeTextSchema = z.object({
  title: z.string().trim().min(1).max(150),
  body: z.string().trim().min(1).max(10_000),
  /** Where more can be read, such as the new version of the policy. */
  link: z
    .object({ label: z.string().trim().min(1).max(100), url: z.url({ protocol: /^https?$/ }).max(500) })
    .nullable()
    .default(null),
});
export type NoticeText = z.infer<typeof noticeTextSchema>;

/** By language; at least the main one is there. */
export const noticeTextsSchema = z.object({
  'pt-BR': noticeTextSchema.optional(),
  en: noticeTextSchema.optional(),
  es: noticeTextSchema.optional(),
});
export type NoticeTexts = z.infer<typeof noticeTextsSchema>;

const draftShape = {
  category: noticeCategorySchema,
  reason: noticeReasonSchema,
  /** As the law is cited, such as `LGPD Art. 9 § 6`; a legal notice needs one before it is announced. */
  legalBasis: z.array(z.string().trim().min(1).max(120)).max(10).default([]),
  audience: audienceChoiceSchema,
  channels: z.array(noticeChannelSchema).min(1).max(3),
  /** Whole days between the day on which the last recipient was told and the day on which the change takes effect. */
  leadDays: z.number().int().min(0).max(180),
  /** The day on which the change is to take effect, in the organisation's time zone; needed before it is announced. */
  effectiveOn: civilDateSchema.nullable().default(null),
  /** Of recipients whose language is not known, and of readers of the page who ask for one that is not there. */
  mainLanguage: languageSchema,
  texts: noticeTextsSchema,
};

/** Everything about a notice that can be changed while it is a draft. */
export const noticeDraftSchema = z
  .object(draftShape)
  .refine(({ channels }) => new Set(channels).size === channels.length, {
    path: ['channels'],
    message: 'name each channel once',
  })
  .refine(({ texts, mainLanguage }) => texts[mainLanguage] !== undefined, {
    path: ['texts'],
    message: 'write the text of the main language',
  })
  .refine(({ audience, channels }) => audience.name !== 'public' || (channels.length === 1 && channels[0] === 'page'), {
    path: ['channels'],
    message: 'the public is told by the page only',
  })
  .refine(({ audience, channels }) => audience.name === 'public' || channels.some((channel) => channel !== 'page'), {
    path: ['channels'],
    message: 'nobody is told by a page alone: choose e-mail or in-product, too',
  });
export type NoticeDraft = z.infer<typeof noticeDraftSchema>;

/** In numbers of recipients. Views of the page are not tracked, so they are in none. */
export const noticeFiguresSchema = z.object({
  recipients: z.number().int(),
  /** The mail was taken over and did not come back, or the notice was seen in the product. */
  told: z.number().int(),
  /** Not tried yet, or to be tried again. */
  waiting: z.number().int(),
  /** The mail server took it over, and it did not come back. */
  sent: z.number().int(),
  /** Came back for good. */
  bounced: z.number().int(),
  failed: z.number().int(),
  /** Opted out of announcements. */
  optedOut: z.number().int(),
  /** No e-mail address was known. */
  withoutAddress: z.number().int(),
  /** Marked as seen in the product, or in the console. */
  seen: z.number().int(),
  /** Of a cancellation: sent, and still to be sent. */
  followUpsSent: z.number().int(),
  followUpsWaiting: z.number().int(),
});
export type NoticeFigures = z.infer<typeof noticeFiguresSchema>;

export const noticeSummarySchema = z.object({
  id: idSchema('Notice'),
  state: noticeStateSchema,
  category: noticeCategorySchema,
  reason: noticeReasonSchema,
  audience: audienceChoiceSchema,
  channels: z.array(noticeChannelSchema),
  /** In the main language. */
  title: z.string(),
  mainLanguage: languageSchema,
  languages: z.array(languageSchema),
  leadDays: z.number().int(),
  effectiveOn: civilDateSchema.nullable(),
  createdAt: instantSchema,
  announcedAt: instantSchema.nullable(),
  /** Recipients that were fixed so far; null for a draft. */
  recipients: z.number().int().nullable(),
  /** When the last recipient was told, or attempted for good; null while somebody is not. */
  toldAt: instantSchema.nullable(),
  /** First day on which the change may take effect; null until everybody was told. */
  mayTakeEffectOn: civilDateSchema.nullable(),
  inForceAt: instantSchema.nullable(),
  cancelledAt: instantSchema.nullable(),
});
export type NoticeSummary = z.infer<typeof noticeSummarySchema>;

export const noticeSchema = noticeSummarySchema.extend({
  /** Counts the changes of a draft; an announcement names the one that was read. */
  revision: z.number().int(),
  legalBasis: z.array(z.string()),
  texts: noticeTextsSchema,
  /** Of a cancelled notice: what was told about it. */
  cancellation: noticeTextsSchema.nullable(),
  /** IANA name: of the organisation's policy; that of the announcement once it was made. */
  timeZone: z.string(),
  /** Address of the public page; null without that channel, or while it is a draft. */
  page: z.string().nullable(),
  /** Recipients of the list that was given with a draft. */
  listed: z.number().int(),
  figures: noticeFiguresSchema,
});
export type Notice = z.infer<typeof noticeSchema>;

/** What became of a notice for one recipient; `placed` where it waits in the product and no mail goes. */
export const recipientStateSchema = z.enum([
  'waiting',
  'sent',
  'bounced',
  'failed',
  'opted-out',
  'without-address',
  'placed',
]);
export type RecipientState = z.infer<typeof recipientStateSchema>;

/** Without the address: what proves the notice is the reference and the commitment. */
export const noticeRecipientSchema = z.object({
  /** How the organisation itself names the recipient: an account, a line of the list. */
  reference: z.string(),
  language: languageSchema,
  state: recipientStateSchema,
  /** Why it failed or still waits: a reason of messages, or `cancelled` where the notice was before it went. */
  mailReason: z.string().nullable(),
  /** When the mail was taken over, or given up. */
  concludedAt: instantSchema.nullable(),
  seenAt: instantSchema.nullable(),
  message: idSchema('Message').nullable(),
  /** Of the telling, as in the ledger entry `notice.told`; null while it waits. */
  batch: z.number().int().nullable(),
  /** SHA-256 over salt and what was told to whom, see docs/notices.md. */
  commitment: z.string(),
});
export type NoticeRecipient = z.infer<typeof noticeRecipientSchema>;

/** What keeps a draft from being announced; none where it can be. */
export const noticeObstacleSchema = z.enum([
  'legal-basis-missing',
  'effective-date-missing',
  'effective-date-too-early',
  'audience-unknown',
  'audience-empty',
  'language-missing',
]);
export type NoticeObstacle = z.infer<typeof noticeObstacleSchema>;

export const noticePreviewSchema = z.object({
  revision: z.number().int(),
  recipients: z.number().int(),
  /** How many each channel reaches; null for a channel that is not chosen. `page` reaches whoever has its address. */
  byChannel: z.object({
    'e-mail': z.number().int().nullable(),
    'in-product': z.number().int().nullable(),
    page: z.literal('anyone').nullable(),
  }),
  /** Of an announcement: how many have opted out is known only when it is sent. */
  withoutAddress: z.number().int(),
  /** How many will read it in which language, and how many in the main one since theirs is not known. */
  byLanguage: z.object({ 'pt-BR': z.number().int(), en: z.number().int(), es: z.number().int() }),
  languageUnknown: z.number().int(),
  /** Languages that somebody of the audience reads and that the notice lacks. */
  missingLanguages: z.array(languageSchema),
  /** First day on which the change may take effect, if everybody is told today. */
  earliestOn: civilDateSchema,
  timeZone: z.string(),
  obstacles: z.array(noticeObstacleSchema),
  /** As it will be sent, in each language that is there. */
  mails: z.array(z.object({ language: languageSchema, subject: z.string(), text: z.string(), html: z.string() })),
});
export type NoticePreview = z.infer<typeof noticePreviewSchema>;

export const noticeProblems = problems({
  'notice-not-found': { status: 404, title: 'There is no such notice' },
  'notice-not-a-draft': { status: 409, title: 'The notice was announced and can no longer be changed' },
  'notice-not-announced': { status: 409, title: 'The notice is not announced' },
  'notice-changed': { status: 409, title: 'The notice was changed since it was read' },
  'notice-incomplete': { status: 409, title: 'The notice cannot be announced yet' },
  'audience-grown': { status: 409, title: 'The audience has grown since it was counted' },
  'language-missing': { status: 409, title: 'The notice lacks a language of its audience' },
  'lead-time-running': { status: 409, title: 'The lead time of the notice has not ended' },
  'list-invalid': { status: 400, title: 'The list of recipients is not as it should be' },
  'list-not-wanted': { status: 409, title: 'The audience of the notice is not a list' },
  'in-product-token-invalid': { status: 401, title: 'The token is not valid, or has expired' },
});

const params = z.object({ notice: idSchema('Notice') });

export const listAudiences = endpoint({
  method: 'GET',
  path: '/v1/messages/audiences',
  summary: 'Lists whom a notice can be for',
  permission: 'messages:read',
  answer: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        label: inThreeLanguagesSchema,
        /** What `only` may hold; none where the audience has no groups. */
        groups: z.array(z.object({ name: z.string(), label: inThreeLanguagesSchema })),
        channels: z.array(noticeChannelSchema),
      }),
    ),
  }),
});

export const listNotices = endpoint({
  method: 'GET',
  path: '/v1/messages/notices',
  summary: 'Lists notices, newest first',
  permission: 'messages:read',
  query: pageQuerySchema.extend({
    state: noticeStateSchema.optional(),
    reason: noticeReasonSchema.optional(),
    category: noticeCategorySchema.optional(),
    after: idSchema('Notice').optional(),
  }),
  answer: pageOf(noticeSummarySchema),
});

export const getNotice = endpoint({
  method: 'GET',
  path: '/v1/messages/notices/:notice',
  summary: 'Shows a notice with its delivery figures',
  permission: 'messages:read',
  params,
  answer: noticeSchema,
  problems: ['notice-not-found'],
});

export const draftNotice = endpoint({
  method: 'POST',
  path: '/v1/messages/notices',
  summary: 'Drafts a notice; nobody is told yet',
  permission: 'messages:write',
  body: noticeDraftSchema,
  answer: noticeSchema,
  status: 201,
});

export const editNotice = endpoint({
  method: 'PUT',
  path: '/v1/messages/notices/:notice',
  summary: 'Replaces the draft of a notice',
  permission: 'messages:write',
  params,
  body: z.object({
    /** The revision that was read. */
    revision: z.number().int(),
    draft: noticeDraftSchema,
  }),
  answer: noticeSchema,
  problems: ['notice-not-found', 'notice-not-a-draft', 'notice-changed'],
});

export const discardNotice = endpoint({
  method: 'DELETE',
  path: '/v1/messages/notices/:notice',
  summary: 'Discards a draft with its list',
  permission: 'messages:write',
  params,
  answer: z.null(),
  status: 204,
  problems: ['notice-not-found', 'notice-not-a-draft'],
});

export const giveList = endpoint({
  method: 'PUT',
  path: '/v1/messages/notices/:notice/list',
  summary: 'Gives the recipients of a draft as CSV (header: reference, email, language) or JSON; all lines or none',
  permission: 'messages:write',
  params,
  body: z
    .object({
      /** `append` adds to what was given, so that a list larger than 2 MiB can come in parts. */
      mode: z.enum(['replace', 'append']).default('replace'),
      csv: z.string().optional(),
      /** Each `{ reference, email?, language? }`. `reference` is the organisation's own name for them: opaque, no address. */
      recipients: z.array(z.unknown()).max(50_000).optional(),
    })
    .refine(({ csv, recipients }) => (csv === undefined) !== (recipients === undefined), {
      message: 'give either csv or recipients',
    }),
  /** `repeated` were in the list already and are replaced by what came later. */
  answer: z.object({ listed: z.number().int(), added: z.number().int(), repeated: z.number().int() }),
  problems: ['notice-not-found', 'notice-not-a-draft', 'list-not-wanted', 'list-invalid'],
});

export const previewNotice = endpoint({
  method: 'GET',
  path: '/v1/messages/notices/:notice/preview',
  summary: 'Shows whom a draft would reach by which channel, how it reads, and what still keeps it from going',
  permission: 'messages:read',
  params,
  answer: noticePreviewSchema,
  problems: ['notice-not-found'],
});

export const announceNotice = endpoint({
  method: 'POST',
  path: '/v1/messages/notices/:notice/announcement',
  summary: 'Announces a notice: its recipients are fixed and told by its channels, in the background',
  permission: 'messages:approve',
  fresh: true,
  params,
  body: z.object({
    /** The revision that was read. */
    revision: z.number().int(),
    /** How many recipients the preview counted; refused when there are over a tenth more by now. */
    recipients: z.number().int().min(0),
  }),
  answer: noticeSchema,
  status: 202,
  problems: [
    'notice-not-found',
    'notice-not-a-draft',
    'notice-changed',
    'notice-incomplete',
    'language-missing',
    'audience-grown',
  ],
});

export const listNoticeRecipients = endpoint({
  method: 'GET',
  path: '/v1/messages/notices/:notice/recipients',
  summary: 'Lists what became of a notice for each recipient, by reference',
  permission: 'messages:read',
  params,
  query: pageQuerySchema.extend({
    state: recipientStateSchema.optional(),
    /** Whether it was seen in the product. */
    seen: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    language: languageSchema.optional(),
    /** References that begin with this. */
    reference: z.string().max(200).optional(),
  }),
  answer: pageOf(noticeRecipientSchema),
  problems: ['notice-not-found'],
});

export const bringNoticeIntoForce = endpoint({
  method: 'POST',
  path: '/v1/messages/notices/:notice/entry-into-force',
  summary: 'Says that the change has taken effect; refused before the lead time has ended',
  permission: 'messages:approve',
  params,
  answer: noticeSchema,
  problems: ['notice-not-found', 'notice-not-announced', 'lead-time-running'],
});

export const cancelNotice = endpoint({
  method: 'POST',
  path: '/v1/messages/notices/:notice/cancellation',
  summary: 'Cancels an announced notice, and tells so whoever was told of it',
  permission: 'messages:approve',
  fresh: true,
  params,
  /** In every language that the notice has. */
  body: z.object({ texts: noticeTextsSchema }),
  answer: noticeSchema,
  problems: ['notice-not-found', 'notice-not-announced', 'language-missing'],
});
