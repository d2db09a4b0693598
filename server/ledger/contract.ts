import { z } from 'zod';
import {
  actorSchema,
  endpoint,
  idSchema,
  instantSchema,
  jsonSchema,
  pageOf,
  pageQuerySchema,
  problems,
} from '../platform/contract.ts';
import { entryKindSchema } from './kinds-contract.ts';

/**
 * Where an entry is on its way: `pending` is durable but has no place in the tree yet, `sequenced` has its index,
 * `signed` is covered by a signed checkpoint and so has a receipt.
 */
export const entryStateSchema = z.enum(['pending', 'sequenced', 'signed']);
export type EntryState = z.infer<typeof entryStateSchema>;

export const entrySchema = z.object({
  id: idSchema('Entry'),
  kind: entryKindSchema,
  at: instantSchema,
  actor: actorSchema,
  /** Ids, counts, codes and dates; what it holds for each kind is in `entryKindTable`. */
  body: jsonSchema,
  /** SHA-256 over salt and canonical JSON of details that the writing folder keeps, hex; null where there are none. */
  commitment: z.string().nullable(),
  state: entryStateSchema,
  /** Origin of the log that holds it; null while pending. */
  log: z.string().nullable(),
  /** Its index in that log, from 0; null while pending. */
  index: z.number().int().nonnegative().nullable(),
});
export type Entry = z.infer<typeof entrySchema>;

/** An entry with the exact bytes that were hashed, as UTF-8 text (RFC 8785 canonical JSON). */
export const entryDetailSchema = entrySchema.extend({
  leaf: z.string(),
  /** RFC 6962 leaf hash, base64. */
  leafHash: z.string(),
});
export type EntryDetail = z.infer<typeof entryDetailSchema>;

/** A self-contained proof that an entry is in a signed log; `verifyReceipt` of `ledger/proof.ts` checks it offline. */
export const receiptSchema = z.object({
  format: z.literal('kept-receipt-1'),
  /** The entry as it was hashed: RFC 8785 canonical JSON as text. */
  leaf: z.string(),
  index: z.number().int().nonnegative(),
  /** RFC 6962 audit path from the leaf up, each hash base64. */
  proof: z.array(z.string()),
  /** The signed note (C2SP tlog-checkpoint) whose root the proof leads to. */
  checkpoint: z.string(),
});

export const consistencySchema = z.object({
  log: z.string(),
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  fromRoot: z.string(),
  toRoot: z.string(),
  /** RFC 6962 consistency proof, each hash base64. */
  proof: z.array(z.string()),
});
export type Consistency = z.infer<typeof consistencySchema>;

/** Why Kept does not sign at the moment. Entries keep accumulating meanwhile. */
export const refusalSchema = z.object({
  code: z.enum(['database-behind', 'database-forked', 'key-missing', 'key-changed', 'outside-unwritable']),
  explanation: z.string(),
  remedy: z.string(),
});
export type Refusal = z.infer<typeof refusalSchema>;

export const ledgerStatusSchema = z.object({
  /** Origin of the current log; null before the first entry was sequenced. */
  log: z.string().nullable(),
  /** Entries in the tree. */
  size: z.number().int().nonnegative(),
  /** Entries that wait for a place in the tree. */
  pending: z.number().int().nonnegative(),
  /** Entries below it were pruned. */
  minimumIndex: z.number().int().nonnegative(),
  /** Tree size of the newest signed checkpoint. */
  signedSize: z.number().int().nonnegative(),
  signedAt: instantSchema.nullable(),
  signing: z.enum(['ok', 'refused']),
  refusal: refusalSchema.nullable(),
  /** Copies of the checkpoints outside the database. */
  outside: z.array(
    z.object({
      place: z.enum(['data-directory', 'folder', 'endpoint']),
      /** Tree size of the newest checkpoint there, null when it is not known. */
      size: z.number().int().nonnegative().nullable(),
      /** Signed checkpoints that have not arrived there yet. */
      undelivered: z.number().int().nonnegative(),
      /** What went wrong last, null when nothing did. */
      problem: z.string().nullable(),
    }),
  ),
});
export type LedgerStatus = z.infer<typeof ledgerStatusSchema>;

export const ledgerKeySchema = z.object({
  log: z.string(),
  /** Verifier key of the signed note: `name+hash+base64(algorithm byte and public key)`. */
  key: z.string(),
  /** Earlier logs of the organisation, newest first, and the keys that they were signed with. */
  former: z.array(z.object({ log: z.string(), key: z.string() })),
});

/** Why a new log is begun after the old one can no longer be signed. */
export const reopenReasonSchema = z.enum(['restored-backup', 'lost-key', 'replaced-key']);

export const ledgerProblems = problems({
  'entry-not-found': { status: 404, title: 'There is no such ledger entry' },
  'log-not-found': { status: 404, title: 'There is no such log' },
  'tile-not-found': { status: 404, title: 'This log has no such tile' },
  'no-checkpoint': { status: 404, title: 'Nothing has been signed yet' },
  'receipt-not-ready': { status: 409, title: 'The entry is recorded, but no signed checkpoint covers it yet' },
  'size-out-of-range': { status: 400, title: 'The log has no tree of this size' },
  'entry-too-large': { status: 400, title: 'A ledger entry holds at most 65,535 bytes' },
  'signing-refused': { status: 409, title: 'Kept refuses to sign this log' },
  'signing-works': { status: 409, title: 'The log can be signed, so a new one must not be begun' },
});

export const listEntries = endpoint({
  method: 'GET',
  path: '/v1/ledger/entries',
  summary: 'Entries of the ledger, newest first',
  permission: 'ledger:read',
  query: pageQuerySchema.extend({ after: idSchema('Entry').optional(), kind: entryKindSchema.optional() }),
  answer: pageOf(entrySchema),
});

export const getEntry = endpoint({
  method: 'GET',
  path: '/v1/ledger/entries/:entry',
  summary: 'One entry with the exact bytes that were hashed',
  permission: 'ledger:read',
  params: z.object({ entry: idSchema('Entry') }),
  answer: entryDetailSchema,
  problems: ['entry-not-found'],
});

export const getReceipt = endpoint({
  method: 'GET',
  path: '/v1/ledger/entries/:entry/receipt',
  summary: 'A self-contained proof that the entry is in the signed log',
  permission: 'ledger:read',
  params: z.object({ entry: idSchema('Entry') }),
  answer: receiptSchema,
  problems: ['entry-not-found', 'receipt-not-ready'],
});

export const getConsistency = endpoint({
  method: 'GET',
  path: '/v1/ledger/consistency',
  summary: 'Proof that the log of one size is a prefix of the log of another',
  permission: 'ledger:read',
  query: z.object({ from: z.coerce.number().int().nonnegative(), to: z.coerce.number().int().nonnegative() }),
  answer: consistencySchema,
  problems: ['size-out-of-range', 'log-not-found'],
});

export const getLedgerKey = endpoint({
  method: 'GET',
  path: '/v1/ledger/key',
  summary: 'The public key that checkpoints of the current log are signed with',
  permission: 'ledger:read',
  answer: ledgerKeySchema,
  problems: ['log-not-found'],
});

export const getLedgerStatus = endpoint({
  method: 'GET',
  path: '/v1/ledger/status',
  summary: 'Size of the ledger, what waits, and whether Kept signs it',
  permission: 'ledger:read',
  answer: ledgerStatusSchema,
});

export const reopenLog = endpoint({
  method: 'POST',
  path: '/v1/ledger/logs',
  summary: 'Begin a new log after the old one can no longer be signed',
  permission: 'ledger:approve',
  fresh: true,
  body: z.object({ reason: reopenReasonSchema }),
  answer: z.object({ log: z.string() }),
  status: 201,
  problems: ['signing-works', 'signing-refused'],
});

/**
 * Addresses that answer other things than JSON, as C2SP tlog-tiles defines them. `:log` is the organisation's id,
 * followed by `.2`, `.3` … for later logs; `checkpoint` is a signed note, tiles are octets.
 */
export const ledgerFilePaths = {
  checkpoint: '/v1/ledger/checkpoint',
  logCheckpoint: '/v1/ledger/log/:log/checkpoint',
  logTile: '/v1/ledger/log/:log/tile/*',
} as const;

export const ledgerEndpoints = [
  listEntries,
  getEntry,
  getReceipt,
  getConsistency,
  getLedgerKey,
  getLedgerStatus,
  reopenLog,
] as const;
