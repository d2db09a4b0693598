import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { deleteFile, type FileRecord } from './store.ts';

/** Takes files away, then what says that they are there; safe to be killed in between. @throws Failure `storage-unavailable` */
export async function discardFiles(
  { db, files }: Platform,
  organisationId: OrganisationId,
  discarded: readonly FileRecord[],
): Promise<void> {
  for (const { id, path } of discarded) {
    await files.remove(path);
    await db.transaction(organisationId, (tx) => deleteFile(tx, id));
  }
}
