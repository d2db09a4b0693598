import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { LedgerStatus, Refusal } from './contract.ts';
import { deliveryTrouble } from './deliver-checkpoints.ts';
import { type Examination, examineLog, originOf } from './examine-log.ts';
import { type KeyState, readSigningKey } from './signing-key.ts';
import { countPending, type LogRow, listLogs, lockLog, summariseDelivery } from './store.ts';

/** Size of the ledger, what waits, and whether Kept signs it, compared with the copies outside just now. */
export async function getStatusOf(platform: Platform, organisationId: OrganisationId): Promise<LedgerStatus> {
  const key = await readSigningKey(platform);
  return platform.db.transaction(organisationId, async (tx) => {
    let [log] = await listLogs(tx);
    let examination = await examine(tx, platform, log, key);
    if (examination.refusal !== null) {
      // Somebody may have signed between the two looks, so that the copy outside seems ahead. Under the lock of the
      // log nobody can.
      await lockLog(tx);
      [log] = await listLogs(tx);
      examination = await examine(tx, platform, log, key);
    }
    return {
      log: log?.origin ?? null,
      size: log?.size ?? 0,
      pending: await countPending(tx),
      minimumIndex: log?.minimumIndex ?? 0,
      signedSize: log?.signedSize ?? 0,
      signedAt: log?.signedAt?.toISOString() ?? null,
      signing: examination.refusal === null ? 'ok' : 'refused',
      refusal: examination.refusal,
      outside: await describeOutside(tx, platform, log, examination),
    };
  });
}

async function examine(tx: Tx, platform: Platform, log: LogRow | undefined, key: KeyState): Promise<Examination> {
  if ('refusal' in key) return { refusal: key.refusal, outside: [] };
  const origin = originOf(platform, tx.organisationId, 1);
  const fresh = { number: 0, origin, publicKey: key.key.publicKey, size: 0, minimumIndex: 0 };
  return examineLog(tx, platform, log ?? fresh, key.key);
}

async function describeOutside(
  tx: Tx,
  platform: Platform,
  log: LogRow | undefined,
  { outside, refusal }: Examination,
): Promise<LedgerStatus['outside']> {
  const copies: LedgerStatus['outside'] = outside.map(({ copy, latest }) => ({
    place: copy.place,
    size: latest?.size ?? null,
    undelivered: (latest?.size ?? 0) < (log?.signedSize ?? 0) ? 1 : 0,
    problem: troubleOf(refusal),
  }));
  if (platform.config.checkpointUrl === undefined) return copies;
  const { waiting, delivered } = await summariseDelivery(tx);
  const problem = deliveryTrouble(platform, tx.organisationId);
  return [...copies, { place: 'endpoint', size: delivered, undelivered: waiting, problem }];
}

function troubleOf(refusal: Refusal | null): string | null {
  return refusal?.code === 'outside-unwritable' ? refusal.explanation : null;
}
