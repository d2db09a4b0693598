import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import type { Role } from './contract.ts';

/** People with one of these roles, by whether they have a second factor. */
export interface FactorCount {
  readonly examined: number;
  /** Without one, and members since `before` or longer. */
  readonly late: number;
  /** Without one, members for less long. */
  readonly lacking: number;
}

/**
 * Counts memberships, in all organisations. Where an organisation demands its identity provider, that one asks for the
 * second factor, except of whoever may still come in with a password.
 */
export async function countFactors(tx: GlobalTx, roles: readonly Role[], before: Date): Promise<FactorCount> {
  const { rows } = await sql<FactorCount>`
    select count(*)::int as examined,
           count(*) filter (where lacks and joined_at <= ${before})::int as late,
           count(*) filter (where lacks and joined_at > ${before})::int as lacking
    from (
      select m.created_at as joined_at,
             not exists (select from access.totp t where t.person_id = m.person_id and t.confirmed_at is not null)
             and not exists (select from access.passkey k where k.person_id = m.person_id)
             and not (o.demands_single_sign_on and o.break_glass_person_id is distinct from m.person_id
               and exists (select from access.external_identity e where e.person_id = m.person_id)) as lacks
      from access.membership m join access.organisation o on o.id = m.organisation_id
      where m.role = any(${roles}::access.role[])
    ) as member`.execute(tx.db);
  return rows[0] ?? { examined: 0, late: 0, lacking: 0 };
}

/** How many of these entries of the organisation have no details beside them. */
export async function countWithoutDetail(tx: Tx, entries: readonly Id<'Entry'>[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from unnest(${entries}::uuid[]) as wanted (id)
    where not exists (select from access.audit_detail d
      where d.organisation_id = ${tx.organisationId} and d.entry_id = wanted.id)`.execute(tx.db);
  return rows[0]?.count ?? 0;
}

/** Which of these people there is still something of, apart from the audit details that stay for their time. */
export async function selectStillThere(tx: GlobalTx, people: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select wanted.id::text as id from unnest(${people}::uuid[]) as wanted (id)
    where exists (select from access.person p where p.id = wanted.id)
       or exists (select from access.membership m where m.person_id = wanted.id)
       or exists (select from access.session s where s.person_id = wanted.id)
       or exists (select from access.totp t where t.person_id = wanted.id)
       or exists (select from access.recovery_code c where c.person_id = wanted.id)
       or exists (select from access.passkey k where k.person_id = wanted.id)
       or exists (select from access.external_identity e where e.person_id = wanted.id)
       or exists (select from access.one_time_token o where o.person_id = wanted.id)
       or exists (select from access.handshake h where h.person_id = wanted.id)`.execute(tx.db);
  return rows.map((row) => row.id);
}
