import type { InferResult, Kysely } from 'kysely';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Database, GlobalTx, Lookup } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Rows } from '../rows.ts';
import { type Language, type Method, methodSchema, type Role } from './contract.ts';
import type { PersonId } from './person-store.ts';

/** A session as it stands in the database, with what decides about it. */
export interface SessionRow {
  readonly id: Id<'Session'>;
  readonly tokenHash: Buffer;
  readonly personId: PersonId;
  readonly name: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly language: Language;
  readonly methods: readonly Method[];
  readonly providerId: Id<'Provider'> | null;
  readonly confirmedAt: Date | null;
  readonly passwordShownAt: Date | null;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly idleAt: Date;
  readonly expiresAt: Date;
  readonly hasPassword: boolean;
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
  /** Null where none is chosen, or the person no longer belongs to it. */
  readonly belonging: {
    readonly organisationId: OrganisationId;
    readonly role: Role;
    readonly demandsSecondFactor: boolean;
    readonly demandsSingleSignOn: boolean;
    readonly isBreakGlass: boolean;
    /** Whether the session's provider is this organisation's. */
    readonly isOfProvider: boolean;
    readonly consoleAllowlist: readonly string[];
    readonly idleMinutes: number;
    readonly sessionHours: number;
  } | null;
}

/** Everything about the session of a token in one statement, since every request asks. */
function sessionQuery(db: Kysely<Rows>, hash: Buffer, at: Date) {
  return db
    .selectFrom('access.session as s')
    .innerJoin('access.person as p', 'p.id', 's.person_id')
    .leftJoin('access.membership as m', (on) =>
      on.onRef('m.organisation_id', '=', 's.organisation_id').onRef('m.person_id', '=', 's.person_id'),
    )
    .leftJoin('access.organisation as o', 'o.id', 'm.organisation_id')
    .leftJoin('access.totp as t', 't.person_id', 's.person_id')
    .select([
      's.id',
      's.person_id',
      's.methods',
      's.provider_id',
      's.confirmed_at',
      's.password_shown_at',
      's.created_at',
      's.seen_at',
      's.idle_at',
      's.expires_at',
      'p.name',
      'p.email',
      'p.email_verified_at',
      'p.language',
      't.confirmed_at as totp_at',
      'm.organisation_id',
      'm.role',
      'o.demands_second_factor',
      'o.demands_single_sign_on',
      'o.break_glass_person_id',
      'o.console_allowlist',
      'o.idle_minutes',
      'o.session_hours',
    ])
    .select((select) => [
      select('p.password_hash', 'is not', null).as('has_password'),
      select
        .exists(
          select.selectFrom('access.passkey as k').select('k.person_id').whereRef('k.person_id', '=', 's.person_id'),
        )
        .as('has_passkey'),
      select
        .exists(
          select
            .selectFrom('access.provider as v')
            .select('v.id')
            .whereRef('v.organisation_id', '=', 's.organisation_id')
            .whereRef('v.id', '=', 's.provider_id'),
        )
        .as('is_of_provider'),
    ])
    .where('s.token_hash', '=', hash)
    .where('s.idle_at', '>', at)
    .where('s.expires_at', '>', at);
}
type SessionFound = InferResult<ReturnType<typeof sessionQuery>>[number];

const sessionLookup: Lookup<SessionFound> = {
  name: 'access.session',
  build: (db) => sessionQuery(db, Buffer.alloc(0), new Date(0)),
};

/** The session of a token; undefined past its limits. */
export async function selectSession(tx: GlobalTx, hash: Buffer): Promise<SessionRow | undefined> {
  const row = await sessionQuery(tx.db, hash, tx.at).executeTakeFirst();
  return row === undefined ? undefined : toSession(row, hash);
}

/** The same, as cheap as can be, for every request. */
export async function lookUpSession(db: Database, hash: Buffer, at: Date): Promise<SessionRow | undefined> {
  const [row] = await db.look(sessionLookup, [hash, at, at]);
  return row === undefined ? undefined : toSession(row, hash);
}

function toSession(row: SessionFound, tokenHash: Buffer): SessionRow {
  const { organisation_id: organisationId, role } = row;
  return {
    id: brand<'Session'>(row.id),
    tokenHash,
    personId: brand<'Person'>(row.person_id),
    name: row.name,
    email: row.email,
    emailVerifiedAt: row.email_verified_at,
    language: row.language,
    methods: row.methods.map((method) => methodSchema.parse(method)),
    providerId: row.provider_id === null ? null : brand<'Provider'>(row.provider_id),
    confirmedAt: row.confirmed_at,
    passwordShownAt: row.password_shown_at,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    idleAt: row.idle_at,
    expiresAt: row.expires_at,
    hasPassword: Boolean(row.has_password),
    hasTotp: row.totp_at !== null,
    hasPasskey: Boolean(row.has_passkey),
    belonging:
      organisationId === null || role === null
        ? null
        : {
            organisationId: brand<'Organisation'>(organisationId),
            role,
            demandsSecondFactor: row.demands_second_factor ?? false,
            demandsSingleSignOn: row.demands_single_sign_on ?? false,
            isBreakGlass: row.break_glass_person_id === row.person_id,
            isOfProvider: Boolean(row.is_of_provider),
            consoleAllowlist: row.console_allowlist ?? [],
            idleMinutes: row.idle_minutes ?? 60,
            sessionHours: row.session_hours ?? 12,
          },
  };
}

export interface NewSession {
  readonly id: Id<'Session'>;
  readonly tokenHash: Buffer;
  readonly personId: PersonId;
  readonly organisationId: OrganisationId | null;
  readonly methods: readonly Method[];
  readonly providerId: Id<'Provider'> | null;
  readonly confirmedAt: Date | null;
  readonly passwordShownAt: Date | null;
  readonly idleAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
  readonly device: string;
  readonly country: string | null;
}

export async function insertSession(tx: GlobalTx, session: NewSession): Promise<void> {
  await tx.db
    .insertInto('access.session')
    .values({
      token_hash: session.tokenHash,
      id: session.id,
      person_id: session.personId,
      organisation_id: session.organisationId,
      methods: [...session.methods],
      provider_id: session.providerId,
      confirmed_at: session.confirmedAt,
      password_shown_at: session.passwordShownAt,
      created_at: tx.at,
      seen_at: tx.at,
      idle_at: session.idleAt,
      expires_at: session.expiresAt,
      address: session.address,
      device: session.device,
      country: session.country,
    })
    .execute();
}

/** What changes with a session's token. */
export interface Rotation {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly methods: readonly Method[];
  readonly confirmedAt: Date | null;
  readonly passwordShownAt: Date | null;
  readonly organisationId: OrganisationId | null;
  readonly idleAt: Date;
  readonly expiresAt: Date;
}

/** Gives a session another token; false when it has had another one since. Two at once: one gets it. */
export async function rotateSession(tx: GlobalTx, rotation: Rotation): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.session')
    .set({
      token_hash: rotation.after,
      earlier_token_hash: rotation.before,
      methods: [...rotation.methods],
      confirmed_at: rotation.confirmedAt,
      password_shown_at: rotation.passwordShownAt,
      organisation_id: rotation.organisationId,
      seen_at: tx.at,
      idle_at: rotation.idleAt,
      expires_at: rotation.expiresAt,
    })
    .where('token_hash', '=', rotation.before)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Whether a session had this token before the one it has now. */
export async function wasRotated(tx: GlobalTx, hash: Buffer): Promise<boolean> {
  const row = await tx.db
    .selectFrom('access.session')
    .select('id')
    .where('earlier_token_hash', '=', hash)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes that a session is in use. */
export async function touchSession(tx: GlobalTx, hash: Buffer, idleAt: Date): Promise<void> {
  await tx.db
    .updateTable('access.session')
    .set({ seen_at: tx.at, idle_at: idleAt })
    .where('token_hash', '=', hash)
    .execute();
}

export async function deleteSession(tx: GlobalTx, hash: Buffer): Promise<void> {
  await tx.db.deleteFrom('access.session').where('token_hash', '=', hash).execute();
}

/** Ends one session of a person; false when there is no such one. */
export async function deleteSessionById(tx: GlobalTx, person: PersonId, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('access.session')
    .where('person_id', '=', person)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

/** Which sessions of a person to end: all, all but one, or those in one organisation. */
export async function deleteSessionsOf(
  tx: GlobalTx,
  person: PersonId,
  which: { readonly but?: Buffer; readonly organisationId?: OrganisationId } = {},
): Promise<number> {
  let statement = tx.db.deleteFrom('access.session').where('person_id', '=', person);
  if (which.but !== undefined) statement = statement.where('token_hash', '<>', which.but);
  if (which.organisationId !== undefined) statement = statement.where('organisation_id', '=', which.organisationId);
  const { numDeletedRows } = await statement.executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

export interface ListedSession {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly device: string;
  readonly country: string | null;
  readonly address: string | null;
  readonly methods: readonly Method[];
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

/** Where a person is signed in now, latest use first. */
export async function selectSessionsOf(tx: GlobalTx, person: PersonId): Promise<ListedSession[]> {
  const rows = await tx.db
    .selectFrom('access.session')
    .select(['id', 'token_hash', 'device', 'country', 'address', 'methods', 'created_at', 'seen_at', 'expires_at'])
    .where('person_id', '=', person)
    .where('idle_at', '>', tx.at)
    .where('expires_at', '>', tx.at)
    .orderBy('seen_at', 'desc')
    .orderBy('id')
    .limit(500)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    tokenHash: row.token_hash,
    device: row.device,
    country: row.country,
    // PostgreSQL writes the network with it where it is not a single address.
    address: row.address?.split('/')[0] ?? null,
    methods: row.methods.map((method) => methodSchema.parse(method)),
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
  }));
}
