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

/**
 * The closed vocabulary of the ledger: what happened, what the entry's body holds (ids, counts, codes and dates, never
 * personal data) and how people read it. Ledger entries are evidence, webhook feed and event bus at once, so a kind,
 * once released, keeps its name and meaning. The Postgres enum `ledger.entry_kind` has the same values.
 */
export const entryKindTable = {
  'access.owner-linked': {
    what: 'A one-time link signed the local owner in',
    body: 'person',
    label: {
      en: 'Owner signed in by link',
      'pt-BR': 'Responsável entrou por link',
      es: 'Responsable entró por enlace',
    },
  },
  'access.signed-in': {
    what: 'A person signed in',
    body: 'person, method',
    label: { en: 'Person signed in', 'pt-BR': 'Pessoa entrou', es: 'Persona inició sesión' },
  },
  'accounts.cancelled': {
    what: 'An account of the organisation was cancelled',
    body: 'account, cancelledAt',
    label: { en: 'Account cancelled', 'pt-BR': 'Conta cancelada', es: 'Cuenta cancelada' },
  },
  'accounts.reactivated': {
    what: 'A cancelled account came back within its grace period',
    body: 'account',
    label: { en: 'Account reactivated', 'pt-BR': 'Conta reativada', es: 'Cuenta reactivada' },
  },
  'policy.published': {
    what: 'A version of the policy was published',
    body: 'version (SHA-256 of its canonical JSON), parent, number, promises (count)',
    label: { en: 'Policy published', 'pt-BR': 'Política publicada', es: 'Política publicada' },
  },
  'promise.measured': {
    what: 'A promise was measured in the real store',
    body: 'promise, version, status, reason (code), measuredAt, counts',
    label: { en: 'Promise measured', 'pt-BR': 'Promessa medida', es: 'Promesa medida' },
  },
  'datamap.published': {
    what: 'A version of the data map was published',
    body: 'version, parent, number, datasets (count)',
    label: { en: 'Data map published', 'pt-BR': 'Mapa de dados publicado', es: 'Mapa de datos publicado' },
  },
  'disposal.planned': {
    what: 'What would be disposed of was worked out',
    body: 'plan, rows, steps (count), cutoff, draft',
    label: { en: 'Disposal planned', 'pt-BR': 'Descarte planejado', es: 'Eliminación planificada' },
  },
  'disposal.approved': {
    what: 'A person approved a plan',
    body: 'plan, rows',
    label: { en: 'Disposal approved', 'pt-BR': 'Descarte aprovado', es: 'Eliminación aprobada' },
  },
  'disposal.rejected': {
    what: 'A person rejected a plan',
    body: 'plan',
    label: { en: 'Disposal rejected', 'pt-BR': 'Descarte rejeitado', es: 'Eliminación rechazada' },
  },
  'disposal.started': {
    what: 'A run began',
    body: 'run, cause, plan, cutoff, steps (count)',
    label: { en: 'Disposal started', 'pt-BR': 'Descarte iniciado', es: 'Eliminación iniciada' },
  },
  'disposal.batch': {
    what: 'A batch of rows or files was disposed of',
    body: 'run, batch, dataset, disposed, refused, transaction; disposedAtMost where the store could not tell; partitions',
    label: { en: 'Batch disposed of', 'pt-BR': 'Lote descartado', es: 'Lote eliminado' },
  },
  'disposal.finished': {
    what: 'A run ended with its counting pass',
    body: 'run, disposed, disposedAtMost, refused, remaining, bytesReusable, bytesReturned, steps (figures of each)',
    label: { en: 'Disposal finished', 'pt-BR': 'Descarte concluído', es: 'Eliminación concluida' },
  },
  'disposal.braked': {
    what: 'A run waits, since it would take an unusual share',
    body: 'run, plan, promise, dataset, share, rows',
    label: { en: 'Disposal braked', 'pt-BR': 'Descarte freado', es: 'Eliminación frenada' },
  },
  'disposal.released': {
    what: 'A person let a braked run go on',
    body: 'run, step, promise, dataset, rows',
    label: { en: 'Brake released', 'pt-BR': 'Freio liberado', es: 'Freno liberado' },
  },
  'disposal.paused': {
    what: 'A run lets the store breathe',
    body: 'run, reason (code)',
    label: { en: 'Disposal paused', 'pt-BR': 'Descarte pausado', es: 'Eliminación en pausa' },
  },
  'disposal.resumed': {
    what: 'A paused run goes on',
    body: 'run',
    label: { en: 'Disposal resumed', 'pt-BR': 'Descarte retomado', es: 'Eliminación reanudada' },
  },
  'disposal.stopped': {
    what: 'All disposal was halted',
    body: 'runs (under way)',
    label: { en: 'All disposal stopped', 'pt-BR': 'Todo descarte parado', es: 'Toda eliminación detenida' },
  },
  'disposal.restarted': {
    what: 'Disposal is allowed again',
    body: 'none',
    label: { en: 'Disposal allowed again', 'pt-BR': 'Descarte liberado de novo', es: 'Eliminación permitida de nuevo' },
  },
  'hold.placed': {
    what: 'Data must stay, whatever its period',
    body: 'hold, scope, reviewOn; dataset and rows (count) where it is on them',
    label: { en: 'Hold placed', 'pt-BR': 'Bloqueio criado', es: 'Retención colocada' },
  },
  'hold.released': {
    what: 'A hold ended',
    body: 'hold',
    label: { en: 'Hold released', 'pt-BR': 'Bloqueio liberado', es: 'Retención liberada' },
  },
  'contract.ended': {
    what: 'An account is past its grace, so its data goes',
    body: 'account, end, datasets (count)',
    label: { en: 'Contract ended', 'pt-BR': 'Contrato encerrado', es: 'Contrato terminado' },
  },
  'contract.end-confirmed': {
    what: "The confirmation of a contract's end was sent",
    body: 'account, end, message, disposed (rows), kept (datasets)',
    label: { en: 'Contract end confirmed', 'pt-BR': 'Fim de contrato confirmado', es: 'Fin de contrato confirmado' },
  },
  'erasure.received': {
    what: 'An erasure that must happen at once was asked for',
    body: 'erasure, event, promise, dataset',
    label: { en: 'Erasure received', 'pt-BR': 'Exclusão recebida', es: 'Supresión recibida' },
  },
  'erasure.done': {
    what: 'It was carried out and counted',
    body: 'erasure, run, disposed, remaining',
    label: { en: 'Erasure done', 'pt-BR': 'Exclusão feita', es: 'Supresión hecha' },
  },
  'event.received': {
    what: 'An event arrived from a system of the organisation',
    body: 'event, type',
    label: { en: 'Event received', 'pt-BR': 'Evento recebido', es: 'Evento recibido' },
  },
  'message.sent': {
    what: 'A message was accepted for delivery',
    body: 'message, template, channel',
    label: { en: 'Message sent', 'pt-BR': 'Mensagem enviada', es: 'Mensaje enviado' },
  },
  'message.failed': {
    what: 'A message could not be delivered',
    body: 'message, template, channel, reason (code)',
    label: { en: 'Message failed', 'pt-BR': 'Mensagem falhou', es: 'Mensaje fallido' },
  },
  'ledger.pruned': {
    what: 'Entries past the audit period were removed; the tree stays',
    body: 'log, minimumIndex, removed, before',
    label: { en: 'Ledger pruned', 'pt-BR': 'Registro podado', es: 'Registro podado' },
  },
  'ledger.reopened': {
    what: 'A new log began, since the old one can no longer be signed',
    body: 'reason, previous (log, size, root), outside (size, root)',
    label: { en: 'New log begun', 'pt-BR': 'Novo registro iniciado', es: 'Nuevo registro iniciado' },
  },
} as const;

export const entryKinds = [
  'access.owner-linked',
  'access.signed-in',
  'accounts.cancelled',
  'accounts.reactivated',
  'policy.published',
  'promise.measured',
  'datamap.published',
  'disposal.planned',
  'disposal.approved',
  'disposal.rejected',
  'disposal.started',
  'disposal.batch',
  'disposal.finished',
  'disposal.braked',
  'disposal.released',
  'disposal.paused',
  'disposal.resumed',
  'disposal.stopped',
  'disposal.restarted',
  'hold.placed',
  'hold.released',
  'contract.ended',
  'contract.end-confirmed',
  'erasure.received',
  'erasure.done',
  'event.received',
  'message.sent',
  'message.failed',
  'ledger.pruned',
  'ledger.reopened',
] as const satisfies readonly (keyof typeof entryKindTable)[];

export const entryKindSchema = z.enum(entryKinds);
export type EntryKind = z.infer<typeof entryKindSchema>;

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
