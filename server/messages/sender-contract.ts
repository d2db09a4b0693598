import { z } from 'zod';
import { endpoint, instantSchema } from '../platform/contract.ts';

/**
 * In whose name the organisation writes. The address is the server's, which its domain vouches for; mail about signing
 * in to Kept keeps the server's own name.
 */
export const senderSchema = z.object({
  /** Null: the name in KEPT_MAIL_FROM. */
  fromName: z.string().nullable(),
  /** Where answers go; null: to the server's address. */
  replyTo: z.string().nullable(),
});

const answer = senderSchema.extend({
  /** As recipients see it. */
  from: z.string(),
  changedAt: instantSchema.nullable(),
});

export const readSender = endpoint({
  method: 'GET',
  path: '/v1/messages/sender',
  summary: 'In whose name the organisation writes',
  permission: 'messages:read',
  answer,
});

export const changeSender = endpoint({
  method: 'PUT',
  path: '/v1/messages/sender',
  summary: 'Change in whose name the organisation writes, and where answers go',
  permission: 'messages:approve',
  fresh: true,
  body: z.object({
    fromName: z
      .string()
      .trim()
      .min(1)
      .max(80)
      .regex(/^[^\p{C}<>"@]+$/u, 'write a name, without control characters, <, >, " and @')
      .nullable(),
    replyTo: z.string().max(254).nullable(),
  }),
  answer,
  problems: ['address-invalid'],
});
