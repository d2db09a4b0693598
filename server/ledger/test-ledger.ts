import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor, Id, Json, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { openTestPlatform, type TestPlatform, type TestPlatformOptions } from '../platform/test-database.ts';
import { entryBodies } from './bodies-contract.ts';
import { verifierKey } from './note.ts';
import { type Checkpoint, openNote, parseCheckpoint, parseVerifierKey } from './proof.ts';
import { recordEntries } from './record-entry.ts';
import { findCheckpoint, listLogs } from './store.ts';

/** For tests of this folder: a platform whose data directory is its own and goes with it. */
export interface TestLedger extends TestPlatform {
  readonly dataDirectory: string;
}

export const testActor: Actor = { kind: 'system', id: 'test' };

export async function openTestLedger(options: TestPlatformOptions = {}): Promise<TestLedger> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'kept-ledger-'));
  const environment = { KEPT_DATA_DIR: dataDirectory, ...options.environment };
  const opened = await openTestPlatform({ ...options, environment });
  return {
    ...opened,
    dataDirectory,
    async close() {
      await opened.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Records entries, `perTransaction` at a time, and answers their ids in order. */
export async function record(
  platform: Platform,
  organisationId: OrganisationId,
  count: number,
  options: { perTransaction?: number; body?: Json } = {},
): Promise<Id<'Entry'>[]> {
  const { perTransaction = 100, body = entryBodies['disposal.batch'].example } = options;
  const ids: Id<'Entry'>[] = [];
  for (let done = 0; done < count; done += perTransaction) {
    const entries = Array.from({ length: Math.min(perTransaction, count - done) }, () => ({
      kind: 'disposal.batch' as const,
      actor: testActor,
      body,
    }));
    ids.push(...(await platform.db.transaction(organisationId, (tx) => recordEntries(tx, entries))));
  }
  return ids;
}

/** The newest checkpoint of the current log, opened with its key, as an outsider would. */
export async function signedHead(
  platform: Platform,
  organisationId: OrganisationId,
): Promise<Checkpoint & { note: string; key: string }> {
  const { log, row } = await platform.db.transaction(organisationId, async (tx) => {
    const [log] = await listLogs(tx);
    return { log, row: log && (await findCheckpoint(tx, log.number)) };
  });
  if (log === undefined || row === undefined) throw new Error('nothing was signed');
  const key = await verifierKey(log.origin, log.publicKey);
  return { ...parseCheckpoint(await openNote(row.note, await parseVerifierKey(key))), note: row.note, key };
}
