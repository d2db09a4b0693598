import type { Tx } from '../platform/database.ts';
import { versionHash } from '../policy/canonical.ts';
import { parseDataMap } from './parse-data-map.ts';
import { selectHead, selectWasPublished } from './store.ts';

/** Hash of the data map in force, null while there is none: what a new version names as its parent. */
export async function headOfDataMap(tx: Tx): Promise<string | null> {
  return (await selectHead(tx))?.hash ?? null;
}

/** Whether this text ever was in force, however it was written. @throws Error where it does not read */
export async function wasDataMapPublished(tx: Tx, source: string): Promise<boolean> {
  const { written, findings } = parseDataMap(source);
  if (written === undefined) throw new Error(`the data map does not read: ${findings[0]?.message.en ?? ''}`);
  return selectWasPublished(tx, await versionHash(written));
}
