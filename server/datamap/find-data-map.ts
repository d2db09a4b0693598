import type { Tx } from '../platform/database.ts';
import type { DataMap } from './contract.ts';
import { parseDataMap } from './parse-data-map.ts';
import { type PublishedMap, selectInForce } from './store.ts';

/** Where an organisation's data lies, as published last. */
export interface DataMapInForce {
  /** SHA-256 of the canonical JSON: the version. */
  readonly hash: string;
  readonly number: number;
  readonly publishedAt: Date;
  readonly map: DataMap;
  readonly source: string;
}

/** Undefined while nothing is published. */
export async function findDataMapInForce(tx: Tx): Promise<DataMapInForce | undefined> {
  const text = await selectInForce(tx);
  return text === undefined ? undefined : readPublished(text);
}

/** Versions are immutable, so what was read of one stays true; the last few are kept read. */
const read = new Map<string, DataMap>();
const readLimit = 50;

function readPublished({ hash, number, publishedAt, source }: PublishedMap): DataMapInForce {
  const known = read.get(source);
  if (known !== undefined) return { hash, number, publishedAt, map: known, source };
  const { map, findings } = parseDataMap(source);
  if (map === undefined) {
    throw new Error(`the published data map ${hash} can no longer be read: ${findings[0]?.message.en ?? ''}`);
  }
  const oldest = read.keys().next().value;
  if (read.size >= readLimit && oldest !== undefined) read.delete(oldest);
  read.set(source, map);
  return { hash, number, publishedAt, map, source };
}
