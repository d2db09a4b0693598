import { sql } from 'kysely';
import type { OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import type { Role } from './contract.ts';
import type { PersonId } from './person-store.ts';

/** Field → value. */
type OwnRow = Readonly<Record<string, string | number | boolean | null>>;

/** What stands in the global tables, by kind; no secret and no hash of one. */
export async function selectOwnRecords(tx: GlobalTx, person: PersonId): Promise<Record<string, OwnRow[]>> {
  const account = await sql<OwnRow>`
    select p.id::text, p.name, p.email, p.language::text, p.created_at, p.email_verified_at,
           p.password_hash is not null as has_password, p.password_changed_at
    from access.person p where p.id = ${person}`.execute(tx.db);
  const memberships = await sql<OwnRow>`
    select o.slug as organisation, o.name as organisation_name, m.role::text, m.created_at as since
    from access.membership m join access.organisation o on o.id = m.organisation_id
    where m.person_id = ${person} order by m.created_at, o.slug`.execute(tx.db);
  const authenticators = await sql<OwnRow>`
    select t.created_at, t.confirmed_at,
           (select count(*)::int from access.recovery_code c where c.person_id = t.person_id and c.used_at is null)
             as recovery_codes_left
    from access.totp t where t.person_id = ${person}`.execute(tx.db);
  const passkeys = await sql<OwnRow>`
    select k.name, k.backed_up, k.created_at, k.last_used_at
    from access.passkey k where k.person_id = ${person} order by k.created_at`.execute(tx.db);
  const identities = await sql<OwnRow>`
    select coalesce(v.name, 'Google') as provider, e.subject, e.created_at, e.last_used_at
    from access.external_identity e left join access.provider v on v.id = e.provider_id
    where e.person_id = ${person} order by e.created_at`.execute(tx.db);
  const sessions = await sql<OwnRow>`
    select s.id::text, s.device, host(s.address) as address, s.country, array_to_string(s.methods, ' ') as methods,
           s.created_at, s.seen_at, s.expires_at
    from access.session s where s.person_id = ${person} order by s.created_at`.execute(tx.db);
  const links = await sql<OwnRow>`
    select t.kind::text, t.created_at, t.expires_at, t.used_at
    from access.one_time_token t where t.person_id = ${person} order by t.created_at`.execute(tx.db);
  return {
    account: account.rows.map(asText),
    memberships: memberships.rows.map(asText),
    authenticators: authenticators.rows.map(asText),
    passkeys: passkeys.rows.map(asText),
    identities: identities.rows.map(asText),
    sessions: sessions.rows.map(asText),
    links: links.rows.map(asText),
  };
}

/** What an organisation's own tables hold: from where the person acted, and invitations to their address. */
export async function selectOwnRecordsWithin(
  tx: Tx,
  person: PersonId,
  email: string,
): Promise<Record<string, OwnRow[]>> {
  const trail = await sql<OwnRow>`
    select d.at, d.kind, o.slug as organisation, host(d.address) as address, d.device, d.country, d.route, d.entry_id::text as entry
    from access.audit_detail d join access.organisation o on o.id = d.organisation_id
    where d.organisation_id = ${tx.organisationId} and d.person_id = ${person} order by d.entry_id`.execute(tx.db);
  const invitations = await sql<OwnRow>`
    select o.slug as organisation, i.email, i.role::text, i.created_at, i.expires_at, i.accepted_at, i.revoked_at
    from access.invitation i join access.organisation o on o.id = i.organisation_id
    where i.organisation_id = ${tx.organisationId} and lower(i.email) = lower(${email}) order by i.created_at`.execute(
    tx.db,
  );
  return { trail: trail.rows.map(asText), invitations: invitations.rows.map(asText) };
}

function asText(row: Readonly<Record<string, unknown>>): OwnRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.toISOString()];
      if (typeof value === 'number' || typeof value === 'boolean') return [name, value];
      return [name, typeof value === 'string' ? value : null];
    }),
  );
}

/** Organisations of which this is the only owner. */
export async function selectOnlyOwned(tx: GlobalTx, person: PersonId): Promise<string[]> {
  const { rows } = await sql<{ slug: string }>`
    select o.slug from access.membership m join access.organisation o on o.id = m.organisation_id
    where m.person_id = ${person} and m.role = 'owner'
      and not exists (select from access.membership other where other.organisation_id = m.organisation_id
        and other.role = 'owner' and other.person_id <> m.person_id)
    order by o.slug`.execute(tx.db);
  return rows.map((row) => row.slug);
}

/** Organisations that demand single sign-on, and whose one way in without it is this person. */
export async function selectOnlyOpenedBy(tx: GlobalTx, person: PersonId): Promise<string[]> {
  const { rows } = await sql<{ slug: string }>`
    select slug from access.organisation
    where break_glass_person_id = ${person} and demands_single_sign_on order by slug`.execute(tx.db);
  return rows.map((row) => row.slug);
}

/**
 * Every organisation this person owns with its owners, locked, so that two who leave at once do not leave it without
 * one, and nobody is named for emergencies while they leave.
 */
async function lockOwnersBeside(tx: Tx, person: PersonId): Promise<void> {
  await sql`
    select from access.organisation o
    where o.break_glass_person_id = ${person} or o.id in (
      select mine.organisation_id from access.membership mine where mine.person_id = ${person} and mine.role = 'owner')
    order by o.id for update`.execute(tx.db);
  await sql`
    select from access.membership m
    where m.role = 'owner' and m.organisation_id in (
      select mine.organisation_id from access.membership mine where mine.person_id = ${person} and mine.role = 'owner')
    order by m.organisation_id, m.person_id for update`.execute(tx.db);
}

/** What a deletion took. */
export interface DeletedPerson {
  /** Slugs of organisations that would be left without an owner; nothing was taken then. */
  readonly onlyOwned: readonly string[];
  /** Slugs of organisations that would be left without a way in but their identity provider; nothing was taken then. */
  readonly onlyOpened: readonly string[];
  /** Where the person belonged, in which role, and whether they were named for emergencies. */
  readonly organisations: readonly {
    readonly organisation: OrganisationId;
    readonly role: Role;
    readonly wasBreakGlass: boolean;
  }[];
}

/**
 * Takes away a person with all that is theirs, in one transaction with the entry that says so. Memberships of other
 * organisations are seen by a transaction of none only, so that for these statements this one is of none.
 */
export async function deletePerson(tx: Tx, person: PersonId): Promise<DeletedPerson> {
  await sql`set local app.organisation_id = ''`.execute(tx.db);
  await lockOwnersBeside(tx, person);
  const onlyOwned = await selectOnlyOwned(tx, person);
  const onlyOpened = await selectOnlyOpenedBy(tx, person);
  if (onlyOwned.length + onlyOpened.length > 0) return { onlyOwned, onlyOpened, organisations: [] };
  const { rows } = await sql<DeletedPerson['organisations'][number]>`
    delete from access.membership m using access.organisation o where m.person_id = ${person} and o.id = m.organisation_id
    returning m.organisation_id as organisation, m.role,
      o.break_glass_person_id is not distinct from m.person_id as "wasBreakGlass"`.execute(tx.db);
  await sql`update access.organisation set break_glass_person_id = null where break_glass_person_id = ${person}`.execute(
    tx.db,
  );
  for (const table of theirs)
    await sql`delete from ${sql.table(`access.${table}`)} where person_id = ${person}`.execute(tx.db);
  await sql`delete from access.person where id = ${person}`.execute(tx.db);
  // The organisation's id is a checked UUID; SET takes no parameters.
  await sql.raw(`set local app.organisation_id = '${tx.organisationId}'`).execute(tx.db);
  return { onlyOwned, onlyOpened, organisations: rows };
}

const theirs = [
  'session',
  'totp',
  'recovery_code',
  'passkey',
  'external_identity',
  'one_time_token',
  'handshake',
] as const;
