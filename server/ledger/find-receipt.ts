import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { ledgerProblems } from './contract.ts';
import { type Receipt, toBase64 } from './proof.ts';
import { findCheckpoint, findEntry, listLogs, readTiles } from './store.ts';
import { consistencyRanges, inclusionRanges, type Range, rangeHash, tilesFor } from './tree.ts';

const fail = failuresOf(ledgerProblems);

/**
 * A self-contained proof that an entry is in the signed log, against the newest checkpoint.
 * @throws Failure `entry-not-found`, `receipt-not-ready`
 */
export async function getReceiptOf(tx: Tx, id: Id<'Entry'>): Promise<Receipt> {
  const entry = await findEntry(tx, id);
  if (entry === undefined) throw fail('entry-not-found', 'There is no such entry, or it was pruned.');
  const checkpoint = entry.place === null ? undefined : await findCheckpoint(tx, entry.place.logNumber);
  if (entry.place === null || checkpoint === undefined || entry.place.position >= checkpoint.size) {
    throw fail('receipt-not-ready', 'The entry is recorded. It will be signed within seconds; see /v1/ledger/status.');
  }
  const { logNumber, position } = entry.place;
  const proof = await hashesOf(tx, logNumber, inclusionRanges(position, checkpoint.size));
  return { format: 'kept-receipt-1', leaf: entry.leaf, index: position, proof, checkpoint: checkpoint.note };
}

/**
 * Proof that the current log of one size is a prefix of the same log of another.
 * @throws Failure `log-not-found`, `size-out-of-range`
 */
export async function getConsistencyOf(tx: Tx, from: number, to: number) {
  const [log] = await listLogs(tx);
  if (log === undefined) throw fail('log-not-found', 'Nothing has been recorded yet.');
  const least = Math.max(1, log.minimumIndex);
  if (from < least || from > to || to > log.size) {
    throw fail('size-out-of-range', `Sizes go from ${least} to ${log.size}, the first no larger than the second.`);
  }
  const [fromRoot = '', toRoot = ''] = await hashesOf(tx, log.number, [
    { from: 0, to: from },
    { from: 0, to },
  ]);
  const proof = await hashesOf(tx, log.number, consistencyRanges(from, to));
  return { log: log.origin, from, to, fromRoot, toRoot, proof };
}

async function hashesOf(tx: Tx, logNumber: number, ranges: readonly Range[]): Promise<string[]> {
  const tiles = await readTiles(tx, logNumber, tilesFor(ranges));
  return ranges.map((range) => toBase64(rangeHash(range, tiles)));
}
