import { DISPOSER } from './own-credential.ts';
import { ownDataMap } from './own-documents.ts';
import { type Privilege, prepareRole } from './role-store.ts';

/**
 * Makes the role that disposes of Kept's own data and gives it what the shipped data map needs, and nothing else: to
 * read every table of the map, to delete or change where Kept disposes. The map in force may be another one, so that
 * nobody who publishes a map can reach further. Safe to call at every start, also of several nodes at once.
 * @param databaseUrl login that owns the database
 * @returns null, or what an administrator of the database has to run so that Kept can dispose of its own data
 */
export async function grantRights(databaseUrl: string): Promise<string | null> {
  return prepareRole(databaseUrl, DISPOSER, neededRights());
}

/** What the role needs of each table. */
export function neededRights(): Privilege[] {
  return Object.values(ownDataMap().datasets).flatMap((dataset): Privilege[] => {
    const { table } = dataset;
    // Files are reached by other credentials.
    if (table === undefined) return [];
    if (dataset['disposed-by'] === 'elsewhere') return [{ table, acts: ['select'] }];
    const changes = Object.keys(dataset.anonymise).length > 0;
    // Rows whose files go before them are locked meanwhile, which is a right to change them.
    const locks = dataset.attachments.length > 0 ? (['update'] as const) : [];
    return [{ table, acts: ['select', changes ? 'update' : 'delete', ...locks, 'maintain'] }];
  });
}
