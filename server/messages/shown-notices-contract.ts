import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import { civilDateSchema, endpoint, idSchema, instantSchema } from '../platform/contract.ts';
import { noticeCategorySchema, noticeReasonSchema } from './notices-contract.ts';

/* Notices as their recipients read them: in the organisation’s product by a token, in the console as members. */

const params = z.object({ notice: idSchema('Notice') });

export const createInProductToken = endpoint({
  method: 'POST',
  path: '/v1/messages/in-product/tokens',
  summary: 'Makes a short-lived token with which one recipient’s browser reads their notices',
  permission: 'messages:write',
  body: z.object({
    /** As the audience names them: the account, or the reference of the list. */
    recipient: z.string().min(1).max(200),
    minutes: z.number().int().min(1).max(1_440).default(60),
  }),
  answer: z.object({ token: z.string(), expiresAt: instantSchema }),
  status: 201,
});

/** A notice as its recipient reads it, in one language. */
export const shownNoticeSchema = z.object({
  id: idSchema('Notice'),
  /** `cancellation` where it says that a notice which was seen no longer holds. */
  kind: z.enum(['notice', 'cancellation']),
  category: noticeCategorySchema,
  reason: noticeReasonSchema,
  language: languageSchema,
  title: z.string(),
  body: z.string(),
  link: z.object({ label: z.string(), url: z.string() }).nullable(),
  announcedAt: instantSchema,
  /** Null for a cancellation. */
  effectiveOn: civilDateSchema.nullable(),
  /** Address of the public page. */
  page: z.string().nullable(),
});
export type ShownNotice = z.infer<typeof shownNoticeSchema>;

const shownQuery = z.object({ language: languageSchema.optional() });
/** Newest first, at most 20, and none that was marked as seen. */
const shownAnswer = z.object({ items: z.array(shownNoticeSchema) });

export const listInProductNotices = endpoint({
  method: 'GET',
  path: '/v1/messages/in-product/notices',
  summary: 'Lists what a recipient has not seen; authorised by their token as bearer, from any origin',
  permission: 'public',
  query: shownQuery,
  answer: shownAnswer,
  problems: ['in-product-token-invalid'],
});

export const markInProductNoticeSeen = endpoint({
  method: 'POST',
  path: '/v1/messages/in-product/seen',
  summary: 'Notes that the recipient of the token has seen a notice, or its cancellation',
  permission: 'public',
  body: params,
  answer: z.null(),
  status: 204,
  problems: ['in-product-token-invalid', 'notice-not-found'],
});

/** For the console's own banner. A key has no notices of its own. */
export const listOwnNotices = endpoint({
  method: 'GET',
  path: '/v1/messages/own-notices',
  summary: 'Lists notices for members that the caller has not seen',
  permission: 'messages:own',
  query: shownQuery,
  answer: shownAnswer,
});

export const markOwnNoticeSeen = endpoint({
  method: 'POST',
  path: '/v1/messages/own-notices/:notice/seen',
  summary: 'Notes that the caller has seen a notice, or its cancellation',
  permission: 'messages:own',
  params,
  answer: z.null(),
  status: 204,
  problems: ['notice-not-found'],
});
