import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataMap } from '../datamap/contract.ts';
import { parseDataMap } from '../datamap/parse-data-map.ts';

/** The policy of Kept itself as this version ships it. */
export function readOwnPolicy(): string {
  return readFileSync(join(import.meta.dirname, 'policy.yaml'), 'utf8');
}

/**
 * Where Kept's own data lies, as this version ships it, with its files where the configuration has them.
 * @param filesAreIn what KEPT_FILES_URL leads to
 */
export function readOwnDataMap(filesAreIn: 'folder' | 's3' = 'folder'): string {
  const source = readFileSync(join(import.meta.dirname, 'data-map.yaml'), 'utf8');
  if (filesAreIn === 'folder') return source;
  const written = source.replace('files: { kind: folder,', 'files: { kind: s3,');
  if (written === source) throw new Error("Kept's own data map does not say where its files are");
  return written;
}

/** The same, read. @throws Error where the file of this version is not one */
export function ownDataMap(): DataMap {
  const { map, findings } = parseDataMap(readOwnDataMap());
  if (map === undefined) throw new Error(`Kept's own data map cannot be read: ${findings[0]?.message.en ?? ''}`);
  return map;
}
