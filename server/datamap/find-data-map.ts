import type { Tx } from '../platform/database.ts';
import { rememberReadings } from '../policy/remember-readings.ts';
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

const read = rememberReadings(parseDataMap);

function readPublished({ hash, number, publishedAt, source }: PublishedMap): DataMapInForce {
  const { map, findings } = read(source);
  if (map === undefined) {
    throw new Error(`the published data map ${hash} can no longer be read: ${findings[0]?.message.en ?? ''}`);
  }
  return { hash, number, publishedAt, map, source };
}
