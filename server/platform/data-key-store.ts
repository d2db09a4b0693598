import type { GlobalTx } from './database.ts';

export type DataKeyUse = 'seal' | 'derive';

/** A data key as it lies in the database. */
export interface StoredDataKey {
  readonly id: string;
  readonly use: DataKeyUse;
  readonly wrapped: Buffer;
  /** Name of the key-encryption key. */
  readonly wrappedBy: string;
  readonly wrappedVersion: string | null;
  readonly wrappedAt: Date;
  readonly createdAt: Date;
}

/** All of them, oldest first. */
export async function selectDataKeys(tx: GlobalTx): Promise<StoredDataKey[]> {
  const rows = await tx.db.selectFrom('platform.data_key').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id,
    use: row.use,
    wrapped: row.wrapped,
    wrappedBy: row.wrapped_by,
    wrappedVersion: row.wrapped_version,
    wrappedAt: row.wrapped_at,
    createdAt: row.created_at,
  }));
}

export type NewDataKey = Pick<StoredDataKey, 'id' | 'use' | 'wrapped' | 'wrappedBy' | 'wrappedVersion'>;

export async function insertDataKeys(tx: GlobalTx, keys: readonly NewDataKey[]): Promise<void> {
  const values = keys.map((key) => ({
    id: key.id,
    use: key.use,
    wrapped: key.wrapped,
    wrapped_by: key.wrappedBy,
    wrapped_version: key.wrappedVersion,
    wrapped_at: tx.at,
    created_at: tx.at,
  }));
  await tx.db.insertInto('platform.data_key').values(values).execute();
}

/** Puts another wrapping in the place of one. */
export async function replaceWrapping(tx: GlobalTx, key: NewDataKey): Promise<void> {
  await tx.db
    .updateTable('platform.data_key')
    .set({
      wrapped: key.wrapped,
      wrapped_by: key.wrappedBy,
      wrapped_version: key.wrappedVersion,
      wrapped_at: tx.at,
    })
    .where('id', '=', key.id)
    .execute();
}
