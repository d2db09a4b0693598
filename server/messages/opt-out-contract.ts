import { z } from 'zod';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema } from '../platform/contract.ts';

/** How an opt-out came: the button of a mail program, the page behind a mail's link, a system, an event, an answer. */
export const optOutViaSchema = z.enum(['one-click', 'page', 'api', 'event', 'reply']);
export type OptOutVia = z.infer<typeof optOutViaSchema>;

/** Somebody who wants no announcements. Nobody can tell who: only a keyed hash of the address is kept. */
export const optOutSchema = z.object({
  id: idSchema('OptOut'),
  via: optOutViaSchema,
  optedOutAt: instantSchema,
  /** When it was taken back. */
  withdrawnAt: instantSchema.nullable(),
});

export const listOptOuts = endpoint({
  method: 'GET',
  path: '/v1/messages/opt-outs',
  summary: 'Opt-outs from announcements, newest first, without addresses',
  permission: 'messages:read',
  query: pageQuerySchema.extend({
    via: optOutViaSchema.optional(),
    inForce: z.stringbool().optional(),
    after: idSchema('OptOut').optional(),
  }),
  /** `count`: how many are in force. */
  answer: pageOf(optOutSchema).extend({ count: z.number().int() }),
});

const addressBody = z.object({ address: z.string().max(254) });
/** Whether an address wants no announcements, and since when. */
const standing = z.object({ optedOut: z.boolean(), optedOutAt: instantSchema.nullable() });

export const addOptOut = endpoint({
  method: 'POST',
  path: '/v1/messages/opt-outs',
  summary: 'Note that somebody wants no announcements',
  permission: 'messages:write',
  body: addressBody,
  answer: standing,
  problems: ['address-invalid'],
});

export const withdrawOptOut = endpoint({
  method: 'POST',
  path: '/v1/messages/opt-outs/withdrawal',
  summary: 'Note that somebody wants announcements again, because they said so',
  permission: 'messages:write',
  body: addressBody,
  answer: standing,
  problems: ['address-invalid'],
});

export const checkOptOut = endpoint({
  method: 'POST',
  path: '/v1/messages/opt-outs/check',
  summary: 'Whether an address wants no announcements',
  permission: 'messages:write',
  reveals: 'opt-out',
  body: addressBody,
  answer: standing,
  problems: ['address-invalid'],
});
