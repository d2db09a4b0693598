import { z } from 'zod';
import { countAuditEntries, listAudit } from '../access/list-audit.ts';
import { auditFilterSchema } from '../access/members-contract.ts';
import { entryKindSchema } from '../ledger/kinds-contract.ts';
import { countLeafEntries, type LeafFilter, listLeafEntries } from '../ledger/list-leaves.ts';
import { categorySchema, messageStateSchema } from '../messages/contract.ts';
import { publicState } from '../messages/find-message.ts';
import { findLastAnnounced, listDelivery } from '../messages/list-delivery.ts';
import { listMessages } from '../messages/list-messages.ts';
import { recipientStateSchema } from '../messages/notices-contract.ts';
import { idSchema, instantSchema } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { registerExport } from './register-export.ts';

/** What the folders below hold; those above register theirs themselves. */
export function registerExportKinds(platform: Platform): void {
  registerLedgerEntries(platform);
  registerAuditTrail(platform);
  registerMessageLog(platform);
  registerNoticeDelivery(platform);
}

const every = ['ndjson', 'csv', 'json'] as const;

function registerLedgerEntries(platform: Platform): void {
  const parameters = z.strictObject({
    kind: entryKindSchema.optional(),
    from: instantSchema.optional(),
    to: instantSchema.optional(),
  });
  const filterOf = ({ kind, from, to }: z.output<typeof parameters>): LeafFilter => ({
    kind,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  });
  registerExport(platform, {
    kind: 'ledger-entries',
    title: { en: 'Ledger entries', 'pt-BR': 'Entradas do registro', es: 'Entradas del registro' },
    permission: 'ledger:read',
    formats: every,
    parameters,
    columns: ['at', 'kind', 'id', 'log', 'index', 'state', 'actor', 'body', 'commitment', 'leaf'],
    count: (tx, given) => countLeafEntries(tx, filterOf(given)),
    async page(tx, given, page) {
      const { items, next } = await listLeafEntries(tx, filterOf(given), page);
      return { rows: items.map((entry) => ({ ...entry })), next };
    },
  });
}

function registerAuditTrail(platform: Platform): void {
  registerExport(platform, {
    kind: 'audit-trail',
    title: { en: 'Audit trail', 'pt-BR': 'Trilha de auditoria', es: 'Registro de auditoría' },
    permission: 'access:audit',
    formats: every,
    parameters: auditFilterSchema.strict(),
    columns: ['at', 'kind', 'person', 'email', 'key', 'session', 'address', 'country', 'device', 'route', 'entry'],
    count: countAuditEntries,
    async page(tx, filter, { after, limit }) {
      const { items, next } = await listAudit(tx, filter, { after: after ?? undefined, limit });
      const rows = items.map(({ person, ...entry }) => ({
        ...entry,
        personId: person?.id ?? null,
        person: person?.name ?? null,
        email: person?.email ?? null,
      }));
      return { rows, next };
    },
  });
}

function registerMessageLog(platform: Platform): void {
  registerExport(platform, {
    kind: 'message-log',
    title: { en: 'Message log', 'pt-BR': 'Registro de mensagens', es: 'Registro de mensajes' },
    permission: 'messages:read',
    formats: every,
    parameters: z.strictObject({
      state: messageStateSchema.optional(),
      template: z.string().max(100).optional(),
      category: categorySchema.optional(),
      from: instantSchema.optional(),
      to: instantSchema.optional(),
    }),
    columns: [
      'queuedAt',
      'template',
      'category',
      'language',
      'state',
      'reason',
      'reply',
      'attempts',
      'sentAt',
      'bouncedAt',
      'failedAt',
      'id',
    ],
    async page(tx, { from, to, ...filter }, { after, limit }) {
      const { items, next } = await listMessages(tx, {
        ...filter,
        queuedFrom: from === undefined ? undefined : new Date(from),
        queuedBefore: to === undefined ? undefined : new Date(to),
        after: after === null ? undefined : brand<'Message'>(after),
        limit,
      });
      const rows = items.map((record) => ({
        id: record.id,
        template: record.template,
        category: record.category,
        language: record.language,
        state: publicState(record),
        reason: record.reason,
        reply: record.reply,
        attempts: record.attempts,
        queuedAt: record.queuedAt.toISOString(),
        sentAt: record.sentAt?.toISOString() ?? null,
        bouncedAt: record.bouncedAt?.toISOString() ?? null,
        failedAt: record.failedAt?.toISOString() ?? null,
      }));
      return { rows, next };
    },
  });
}

/** The proof of notice: what became of one notice for each of its recipients, with what opens the commitments. */
function registerNoticeDelivery(platform: Platform): void {
  registerExport(platform, {
    kind: 'notice-delivery',
    title: { en: 'Delivery of a notice', 'pt-BR': 'Entrega de um aviso', es: 'Entrega de un aviso' },
    // The salt that opens a commitment lets whoever has it try addresses.
    permission: 'messages:audit',
    formats: every,
    parameters: z.strictObject({
      /** The one that was announced last where it is left out. */
      notice: idSchema('Notice').optional(),
      state: recipientStateSchema.optional(),
    }),
    columns: [
      'reference',
      'language',
      'state',
      'mailReason',
      'concludedAt',
      'seenAt',
      'batch',
      'message',
      'commitment',
      'salt',
      'notice',
    ],
    async page(tx, { notice: wanted, state }, { after, limit }) {
      // The page after names its notice: another may be the last by then.
      const [begun, ...reference] = after === null ? [] : after.split(' ');
      const notice = begun === undefined ? (wanted ?? (await findLastAnnounced(tx))) : brand<'Notice'>(begun);
      if (notice === undefined) return { rows: [], next: null };
      const last = begun === undefined ? undefined : reference.join(' ');
      const { items, next } = await listDelivery(tx, notice, { state, after: last, limit });
      const rows = items.map((item) => ({
        ...item,
        notice,
        concludedAt: item.concludedAt?.toISOString() ?? null,
        seenAt: item.seenAt?.toISOString() ?? null,
      }));
      return { rows, next: next === null ? null : `${notice} ${next}` };
    },
  });
}
