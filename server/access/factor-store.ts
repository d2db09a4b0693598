import { sql } from 'kysely';
import type { GlobalTx } from '../platform/database.ts';
import type { PersonId } from './person-store.ts';

/** The authenticator app of a person. */
export interface Totp {
  /** Sealed; null while none is in use. */
  readonly secret: Buffer | null;
  readonly confirmedAt: Date | null;
  /** Sealed; null while none waits for its first code. */
  readonly pending: Buffer | null;
}

export async function selectTotp(tx: GlobalTx, person: PersonId): Promise<Totp | undefined> {
  const row = await tx.db
    .selectFrom('access.totp')
    .select(['sealed_secret', 'confirmed_at', 'sealed_pending'])
    .where('person_id', '=', person)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { secret: row.sealed_secret, confirmedAt: row.confirmed_at, pending: row.sealed_pending };
}

/** Notes a secret that waits for its first code, in the place of another that waited. */
export async function upsertPendingTotp(tx: GlobalTx, person: PersonId, sealed: Buffer): Promise<void> {
  await tx.db
    .insertInto('access.totp')
    .values({ person_id: person, sealed_pending: sealed, created_at: tx.at })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet({ sealed_pending: sealed }))
    .execute();
}

/**
 * Puts the secret that waited in use, if it is still that one.
 * @param step time step of the code that confirmed it, null where somebody vouches for it without one
 */
export async function confirmPendingTotp(
  tx: GlobalTx,
  person: PersonId,
  sealed: Buffer,
  step: number | null,
): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.totp')
    .set({ sealed_secret: sealed, sealed_pending: null, confirmed_at: tx.at, last_step: String(step ?? 0) })
    .where('person_id', '=', person)
    .where('sealed_pending', '=', sealed)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Takes the code of a time step; false when that one or a later one was taken before. Two at once: one gets it. */
export async function takeTotpStep(tx: GlobalTx, person: PersonId, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.totp')
    .set({ last_step: String(step) })
    .where('person_id', '=', person)
    .where('last_step', '<', String(step))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** @returns false when none was in use */
export async function deleteTotp(tx: GlobalTx, person: PersonId): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('access.totp')
    .where('person_id', '=', person)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

/** New recovery codes in the place of those there were. */
export async function replaceRecoveryCodes(tx: GlobalTx, person: PersonId, hashes: readonly Buffer[]): Promise<void> {
  await deleteRecoveryCodes(tx, person);
  await tx.db
    .insertInto('access.recovery_code')
    .values(hashes.map((hash) => ({ person_id: person, code_hash: hash })))
    .execute();
}

export async function deleteRecoveryCodes(tx: GlobalTx, person: PersonId): Promise<void> {
  await tx.db.deleteFrom('access.recovery_code').where('person_id', '=', person).execute();
}

/** Uses a recovery code up. Two at once: one gets it. */
export async function takeRecoveryCode(tx: GlobalTx, person: PersonId, hash: Buffer): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.recovery_code')
    .set({ used_at: tx.at })
    .where('person_id', '=', person)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Second factors of a person. */
export interface Factors {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
}

export async function selectFactors(tx: GlobalTx, person: PersonId): Promise<Factors> {
  const { rows } = await sql<{ totp: boolean; passkeys: number; codes: number }>`select
    exists (select from access.totp t where t.person_id = ${person} and t.confirmed_at is not null) as totp,
    (select count(*)::int from access.passkey k where k.person_id = ${person}) as passkeys,
    (select count(*)::int from access.recovery_code c where c.person_id = ${person} and c.used_at is null) as codes`.execute(
    tx.db,
  );
  const row = rows[0];
  return { totp: row?.totp ?? false, passkeys: row?.passkeys ?? 0, recoveryCodes: row?.codes ?? 0 };
}
