import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { AuditEntry } from './members-contract.ts';

/** Who caused an entry, and from where. */
export interface AuditDetail {
  readonly entry: Id<'Entry'>;
  readonly kind: string;
  readonly person: string | null;
  readonly key: string | null;
  readonly session: string | null;
  readonly address: string;
  readonly device: string;
  readonly country: string | null;
  readonly route: string;
}

/** All were caused by the same request and differ in entry, kind and salt. */
export async function insertAuditDetails(
  tx: Tx,
  details: readonly (AuditDetail & { readonly salt: string })[],
): Promise<void> {
  await tx.db
    .insertInto('access.audit_detail')
    .values(
      details.map((detail) => ({
        organisation_id: tx.organisationId,
        entry_id: detail.entry,
        kind: detail.kind,
        at: tx.at,
        person_id: detail.person,
        key_id: detail.key,
        session_id: detail.session,
        address: detail.address,
        device: detail.device,
        country: detail.country,
        route: detail.route,
        salt: detail.salt,
      })),
    )
    .execute();
}

export interface AuditFilter {
  readonly person?: string | undefined;
  readonly kind?: string | undefined;
  readonly address?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Newest first. */
export async function selectAudit(
  tx: Tx,
  filter: AuditFilter,
  page: { readonly limit: number; readonly before?: string | undefined },
): Promise<AuditEntry[]> {
  let query = filtered(tx, filter)
    .leftJoin('access.person as p', 'p.id', 'd.person_id')
    .select(['d.entry_id', 'd.kind', 'd.at', 'd.key_id', 'd.session_id', 'd.device', 'd.country', 'd.route'])
    .select([sql<string | null>`host(d.address)`.as('address'), 'p.id as person', 'p.name', 'p.email'])
    .orderBy('d.entry_id', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) query = query.where('d.entry_id', '<', page.before);
  const rows = await query.execute();
  return rows.map((row) => ({
    entry: brand<'Entry'>(row.entry_id),
    kind: row.kind,
    at: row.at.toISOString(),
    person:
      row.person === null || row.name === null || row.email === null
        ? null
        : { id: brand<'Person'>(row.person), name: row.name, email: row.email },
    key: row.key_id,
    session: row.session_id === null ? null : brand<'Session'>(row.session_id),
    address: row.address,
    device: row.device,
    country: row.country,
    route: row.route,
  }));
}

export async function countAudit(tx: Tx, filter: AuditFilter): Promise<number> {
  const row = await filtered(tx, filter).select(sql<string>`count(*)`.as('n')).executeTakeFirstOrThrow();
  return Number(row.n);
}

function filtered(tx: Tx, filter: AuditFilter) {
  let query = tx.db.selectFrom('access.audit_detail as d').where('d.organisation_id', '=', tx.organisationId);
  if (filter.person !== undefined) query = query.where('d.person_id', '=', filter.person);
  if (filter.kind !== undefined) query = query.where('d.kind', '=', filter.kind);
  if (filter.address !== undefined) query = query.where('d.address', '=', filter.address);
  if (filter.from !== undefined) query = query.where('d.at', '>=', new Date(filter.from));
  if (filter.to !== undefined) query = query.where('d.at', '<', new Date(filter.to));
  return query;
}
