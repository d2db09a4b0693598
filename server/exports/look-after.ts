import { listOrganisations } from '../access/list-organisations.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { discardFiles } from './discard-files.ts';
import { maker } from './run-export.ts';
import { expireExports, listOpenSince, listStrayFiles, markEnded } from './store.ts';

const DAY_MS = 86_400_000;

/**
 * What has to happen though nobody asks: exports whose file is no longer given out are marked so (the file itself goes by
 * Kept's own policy), those that take longer than a day have failed, and what attempts that came to nothing left goes.
 */
export async function lookAfterExports(platform: Platform): Promise<void> {
  const { clock, files, log } = platform;
  for (const { id } of await listOrganisations(platform)) await lookAfter(platform, id);
  const swept = await files.sweep(new Date(clock.now().getTime() - DAY_MS));
  if (swept > 0) log.info({ files: swept }, 'removed files that nobody had finished writing');
}

async function lookAfter(platform: Platform, organisationId: OrganisationId): Promise<void> {
  const strays = await platform.db.transaction(organisationId, async (tx) => {
    for (const { id, kind } of await expireExports(tx))
      await recordEntry(tx, { kind: 'export.expired', actor: maker, body: { export: id, kind } });
    const aDayAgo = new Date(tx.at.getTime() - DAY_MS);
    for (const { id, kind } of await listOpenSince(tx, aDayAgo)) {
      if (!(await markEnded(tx, id, { state: 'failed', reason: 'took-too-long' }))) continue;
      const body = { export: id, kind, reason: 'took-too-long' };
      await recordEntry(tx, { kind: 'export.failed', actor: maker, body });
    }
    return listStrayFiles(tx, { begunBefore: aDayAgo });
  });
  await discardFiles(platform, organisationId, strays);
}
