import type { Actor, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { ledgerProblems } from './contract.ts';
import { examineLog, originOf, rootAt, viewOutside } from './examine-log.ts';
import { verifierOf } from './note.ts';
import { type Checkpoint, toBase64 } from './proof.ts';
import { recordEntry } from './record-entry.ts';
import { makeSigningKey, readSigningKey, type SigningKey } from './signing-key.ts';
import { actAsApplication, insertLog, type LogRow, listLogs, lockLog } from './store.ts';

const fail = failuresOf(ledgerProblems);

export type ReopenReason = 'restored-backup' | 'lost-key' | 'replaced-key';

/**
 * Begins a new log after the old one can no longer be signed: the way out after a restored backup or a lost key. A
 * person decides it, since it is the one act that a reader of the ledger has to be told about. What was signed before
 * stays verifiable under its own origin; the first thing the new log records is where the old one stood, here and
 * outside, so the gap is there for everybody to see.
 * @returns the origin of the new log
 * @throws Failure `signing-works` when nothing is wrong, `signing-refused` when this is not the remedy
 */
export async function reopenOrganisationLog(
  platform: Platform,
  organisationId: OrganisationId,
  options: { reason: ReopenReason; actor: Actor },
): Promise<string> {
  if (options.reason === 'lost-key') await makeSigningKey(platform);
  const state = await readSigningKey(platform);
  if ('refusal' in state) throw fail('signing-refused', `${state.refusal.explanation} ${state.refusal.remedy}`);
  return platform.db.transaction(organisationId, (tx) => begin(tx, platform, state.key, options), {
    role: 'kept_sequencer',
  });
}

async function begin(
  tx: Tx,
  platform: Platform,
  key: SigningKey,
  options: { reason: ReopenReason; actor: Actor },
): Promise<string> {
  await lockLog(tx);
  const [known] = await listLogs(tx);
  const old = known ?? neverOpened(tx, platform, key);
  const { refusal } = await examineLog(tx, platform, old, key);
  if (refusal === null) throw fail('signing-works', `${old.origin} can be signed as it is.`);
  if (refusal.code === 'outside-unwritable') throw fail('signing-refused', `${refusal.explanation} ${refusal.remedy}`);
  const outside = await newestOutside(platform, old);
  const number = await freeNumber(tx, platform, key, Math.max(1, old.number) + 1);
  const origin = originOf(platform, tx.organisationId, number);
  await insertLog(tx, { number, origin, publicKey: key.publicKey, reason: options.reason });
  const root = await rootAt(tx, old.number, old.size);
  await actAsApplication(tx);
  await recordEntry(tx, {
    kind: 'ledger.reopened',
    actor: options.actor,
    body: {
      reason: options.reason,
      previous: { log: old.origin, size: old.size, root: toBase64(root) },
      outside: outside === undefined ? null : { size: outside.size, root: toBase64(outside.root) },
    },
  });
  platform.log.warn({ organisation: tx.organisationId, reason: options.reason }, 'a new log of the ledger was begun');
  return origin;
}

/** A database from before the first entry knows no log, yet one may be signed outside. */
function neverOpened(tx: Tx, platform: Platform, key: SigningKey): LogRow {
  const origin = originOf(platform, tx.organisationId, 1);
  const { publicKey } = key;
  return { number: 0, origin, publicKey, size: 0, minimumIndex: 0, signedSize: 0, signedAt: null };
}

async function newestOutside(platform: Platform, log: LogRow): Promise<Checkpoint | undefined> {
  const views = await viewOutside(platform, await verifierOf(log.origin, log.publicKey));
  const known = views.flatMap((view) => view.latest ?? []);
  return known.toSorted((a, b) => b.size - a.size)[0];
}

/** A number whose log was never signed outside: after restoring twice, the database may have forgotten number 2, too. */
async function freeNumber(tx: Tx, platform: Platform, key: SigningKey, from: number): Promise<number> {
  for (let number = from; ; number += 1) {
    const origin = originOf(platform, tx.organisationId, number);
    const views = await viewOutside(platform, await verifierOf(origin, key.publicKey));
    if (views.every((view) => view.latest === undefined)) return number;
  }
}
