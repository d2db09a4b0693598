import type { Access } from '../access/open-access.ts';
import { collectOwnRecords, type OwnRecord } from '../access/own-records.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { listMailTo } from '../messages/list-mail-to.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { writeCsv } from '../platform/csv.ts';
import type { Tx } from '../platform/database.ts';

/** Who asks for their own data. */
export interface Oneself {
  readonly id: Id<'Person'>;
  readonly email: string;
  /** The organisation they are looking at, whose record notes the export. */
  readonly organisationId: OrganisationId;
}

/** Everything Kept holds about a person, by kind: access, and the mail it wrote to them. */
export async function collectOwnData(access: Access, oneself: Oneself): Promise<Record<string, OwnRecord[]>> {
  return collectOwnRecords(access, oneself, (tx) => mailTo(tx, oneself.email));
}

async function mailTo(tx: Tx, email: string): Promise<Record<string, OwnRecord[]>> {
  const mails = await listMailTo(tx, email);
  return {
    messages: mails.map(({ template, subject, text, queuedAt, sentAt }) => ({
      template,
      subject,
      text,
      queued_at: queuedAt.toISOString(),
      sent_at: sentAt?.toISOString() ?? null,
    })),
  };
}

/**
 * A person's own data as a file (LGPD Art. 18, GDPR Art. 15 and 20): JSON by kind, or CSV with a line per value. Secrets
 * and their hashes are left out: they are no information about anybody. The export is an entry itself.
 */
export async function exportOwnData(
  access: Access,
  oneself: Oneself,
  format: 'json' | 'csv',
): Promise<{ fileName: string; mediaType: string; content: string; records: Record<string, number> }> {
  const data = await collectOwnData(access, oneself);
  const records = Object.fromEntries(Object.entries(data).map(([kind, rows]) => [kind, rows.length]));
  const entries = Object.values(records).reduce((sum, count) => sum + count, 0);
  const at = await access.platform.db.transaction(oneself.organisationId, async (tx) => {
    const actor = { kind: 'person' as const, id: oneself.id };
    await recordEntry(tx, { kind: 'access.exported', actor, body: { what: 'own-data', format, entries } });
    return tx.at;
  });
  return {
    fileName: `my-data-${at.toISOString().slice(0, 10)}.${format}`,
    mediaType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    content:
      format === 'csv'
        ? writeCsv(['kind', 'record', 'field', 'value'], lines(data))
        : `${JSON.stringify({ exportedAt: at.toISOString(), ...data }, null, 2)}\n`,
    records,
  };
}

function lines(data: Readonly<Record<string, readonly OwnRecord[]>>): (string | null)[][] {
  return Object.entries(data).flatMap(([kind, rows]) =>
    rows.flatMap((row, index) =>
      Object.entries(row).map(([field, value]) => [
        kind,
        String(index + 1),
        field,
        value === null ? null : String(value),
      ]),
    ),
  );
}
