import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataMap } from '../datamap/contract.ts';
import { parseDataMap } from '../datamap/parse-data-map.ts';

/** The policy of Kept itself as this version ships it. */
export function readOwnPolicy(): string {
  return readFileSync(join(import.meta.dirname, 'policy.yaml'), 'utf8');
}

/** Where Kept's own data lies, as this version ships it. */
export function readOwnDataMap(): string {
  return readFileSync(join(import.meta.dirname, 'data-map.yaml'), 'utf8');
}

/** The same, read. @throws Error where the file of this version is not one */
export function ownDataMap(): DataMap {
  const { map, findings } = parseDataMap(readOwnDataMap());
  if (map === undefined) throw new Error(`Kept's own data map cannot be read: ${findings[0]?.message.en ?? ''}`);
  return map;
}
