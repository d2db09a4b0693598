import type { GlobalTx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { privilegedRoles } from './permissions.ts';
import type { PersonId } from './person-store.ts';

/** A passkey: the public half of what an authenticator keeps. */
export interface Passkey {
  readonly credentialId: Buffer;
  readonly personId: PersonId;
  readonly publicKey: Buffer;
  /** How often it was used, as far as its authenticator counts; 0 where it does not. */
  readonly counter: number;
  /** How browsers reach it, such as `internal` or `usb`. */
  readonly transports: readonly string[];
  readonly name: string;
  /** Whether it is kept by more than one device. */
  readonly isBackedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

const columns = [
  'credential_id',
  'person_id',
  'public_key',
  'counter',
  'transports',
  'name',
  'backed_up',
  'created_at',
  'last_used_at',
] as const;

function toPasskey(row: {
  readonly credential_id: Buffer;
  readonly person_id: string;
  readonly public_key: Buffer;
  readonly counter: string;
  readonly transports: string[];
  readonly name: string;
  readonly backed_up: boolean;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}): Passkey {
  return {
    credentialId: row.credential_id,
    personId: brand<'Person'>(row.person_id),
    publicKey: row.public_key,
    counter: Number(row.counter),
    transports: row.transports,
    name: row.name,
    isBackedUp: row.backed_up,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Those of a person, oldest first. */
export async function selectPasskeys(tx: GlobalTx, person: PersonId): Promise<Passkey[]> {
  const rows = await tx.db
    .selectFrom('access.passkey')
    .select(columns)
    .where('person_id', '=', person)
    .orderBy('created_at')
    .orderBy('credential_id')
    .limit(200)
    .execute();
  return rows.map(toPasskey);
}

export async function selectPasskey(tx: GlobalTx, credentialId: Buffer): Promise<Passkey | undefined> {
  const row = await tx.db
    .selectFrom('access.passkey')
    .select(columns)
    .where('credential_id', '=', credentialId)
    .executeTakeFirst();
  return row === undefined ? undefined : toPasskey(row);
}

/** @returns false when it is registered already, with whomever */
export async function insertPasskey(
  tx: GlobalTx,
  passkey: Omit<Passkey, 'createdAt' | 'lastUsedAt'>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.passkey')
    .values({
      credential_id: passkey.credentialId,
      person_id: passkey.personId,
      public_key: passkey.publicKey,
      counter: String(passkey.counter),
      transports: [...passkey.transports],
      name: passkey.name,
      backed_up: passkey.isBackedUp,
      created_at: tx.at,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/**
 * Notes a use, unless the counter was moved in the meantime: of two uses with the same count one is a copy's.
 * @param before the counter that the use was judged by
 */
export async function updatePasskeyUse(
  tx: GlobalTx,
  use: {
    readonly credentialId: Buffer;
    readonly before: number;
    readonly counter: number;
    readonly isBackedUp: boolean;
  },
): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.passkey')
    .set({ counter: String(use.counter), backed_up: use.isBackedUp, last_used_at: tx.at })
    .where('credential_id', '=', use.credentialId)
    .where('counter', '=', String(use.before))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function deletePasskey(tx: GlobalTx, person: PersonId, credentialId: Buffer): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('access.passkey')
    .where('person_id', '=', person)
    .where('credential_id', '=', credentialId)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

export async function deletePasskeys(tx: GlobalTx, person: PersonId): Promise<void> {
  await tx.db.deleteFrom('access.passkey').where('person_id', '=', person).execute();
}

/** Whether a role of a person, in any organisation, or an organisation of theirs demands a second factor. */
export async function selectIsFactorDemanded(tx: GlobalTx, person: PersonId): Promise<boolean> {
  const row = await tx.db
    .selectFrom('access.membership as m')
    .innerJoin('access.organisation as o', 'o.id', 'm.organisation_id')
    .select('m.role')
    .where('m.person_id', '=', person)
    .where((by) => by.or([by('m.role', 'in', [...privilegedRoles]), by('o.demands_second_factor', '=', true)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
