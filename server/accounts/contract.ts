import { z } from 'zod';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema, problems } from '../platform/contract.ts';

/** `active` → `cancelled` (grace runs) → `ended` (its data is gone, but for what a law keeps). */
export const accountStateSchema = z.enum(['active', 'cancelled', 'ended']);
export type AccountState = z.infer<typeof accountStateSchema>;

/** An account as the interface shows it: without its owner's address. */
export const accountSchema = z.object({
  /** The organisation's own key of the account. */
  account: z.string(),
  /** What stands for it in ledger entries. */
  id: idSchema('Account'),
  state: accountStateSchema,
  cancelledAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  /** When the organisation's own database was last read; null while only an event has told of the account. */
  observedAt: instantSchema.nullable(),
  /** Whether there is an address to confirm the end of the contract to. */
  ownerReachable: z.boolean(),
});

export const accountProblems = problems({
  'account-not-found': { status: 404, title: 'There is no such account' },
  'account-not-cancelled': { status: 409, title: 'The account was not cancelled' },
  'account-ended': { status: 409, title: 'The account has ended' },
});

export const listAccounts = endpoint({
  method: 'GET',
  path: '/v1/accounts',
  summary: "The organisation's accounts and the state of their contracts, without addresses",
  permission: 'accounts:read',
  query: pageQuerySchema.extend({ state: accountStateSchema.optional() }),
  answer: pageOf(accountSchema),
});
