import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { Refusal } from './contract.ts';
import { deliveryTask, latestAtEndpoint } from './deliver-checkpoints.ts';
import { examineLog, originOf, outsideUnwritable, readEdge, rootAt } from './examine-log.ts';
import { announcePlaced, enqueueOwn } from './listen.ts';
import { checkpointText, signNote } from './note.ts';
import { OutsideTrouble } from './outside.ts';
import type { Checkpoint } from './proof.ts';
import { readSigningKey, type SigningKey } from './signing-key.ts';
import {
  actAsApplication,
  countPending,
  insertCheckpoint,
  insertLog,
  type LogRow,
  listLogs,
  lockLog,
  placePending,
  writeTree,
} from './store.ts';
import { appendLeaves } from './tree.ts';

/** What sequencing came to. */
export interface Sequenced {
  /** Entries that got their place now. */
  readonly placed: number;
  /** Size of the newest signed tree, 0 where nothing was ever signed. */
  readonly signedSize: number;
  /** Why nothing was placed or signed; the entries wait. */
  readonly refusal: Refusal | null;
}

/** Entries per transaction: large enough that tiles and commit cost little per entry, small enough to be brief. */
const batchSize = 4_096;
/** Batches between two signatures, so that writers who are faster than the sequencer cannot put signing off for ever. */
const batchesPerSignature = 8;

/**
 * Gives every pending entry of an organisation its place in the tree, then signs the tree.
 *
 * Each batch is a transaction: entries leave `pending`, get their places, and tiles and size grow together. Only a tree
 * that has been committed is signed; the note goes outside the database first and into it after, and is handed out only
 * then. So a crash between any two steps leaves either nothing or a committed tree that the next call signs, to the
 * very same octets, since Ed25519 is deterministic and a checkpoint has no time.
 */
export async function sequence(platform: Platform, organisationId: OrganisationId): Promise<Sequenced> {
  const state = await readSigningKey(platform);
  if ('refusal' in state) return refused(0, state.refusal);
  const remote = await askEndpoint(platform, organisationId, state.key);
  const write = <T>(work: (tx: Tx) => Promise<T>) =>
    platform.db.transaction(organisationId, work, { role: 'kept_sequencer' });
  let placed = 0;
  try {
    for (let batches = 1; ; batches += 1) {
      const batch = await write((tx) => placeBatch(tx, platform, state.key, remote));
      placed += batch.placed;
      if (batch.refusal !== null) return refused(placed, batch.refusal);
      const drained = batch.placed < batchSize;
      if (!drained && batches % batchesPerSignature !== 0) continue;
      const signed = await write((tx) => signTree(tx, platform, state.key, remote));
      if (drained || signed.refusal !== null) return { placed, ...signed };
    }
  } catch (error) {
    if (!(error instanceof OutsideTrouble)) throw error;
    return refused(placed, outsideUnwritable(error));
  }
}

/** The current log of an organisation, made when there is none and entries wait; undefined when neither. */
async function currentLog(tx: Tx, platform: Platform, key: SigningKey): Promise<LogRow | undefined> {
  const [log] = await listLogs(tx);
  if (log !== undefined) return log;
  if ((await countPending(tx)) === 0) return undefined;
  const origin = originOf(platform, tx.organisationId, 1);
  const { publicKey } = key;
  return { number: 0, origin, publicKey, size: 0, minimumIndex: 0, signedSize: 0, signedAt: null };
}

async function placeBatch(
  tx: Tx,
  platform: Platform,
  key: SigningKey,
  remote: Checkpoint | undefined,
): Promise<{ placed: number; refusal: Refusal | null }> {
  await lockLog(tx);
  const log = await currentLog(tx, platform, key);
  if (log === undefined) return { placed: 0, refusal: null };
  const { refusal } = await examineLog(tx, platform, log, key, remote);
  if (refusal !== null) return { placed: 0, refusal };
  // Only now: an origin that is signed outside but not known here must not get a log of its own.
  const number = log.number === 0 ? 1 : log.number;
  if (log.number === 0) await insertLog(tx, { ...log, number, reason: null });
  const edge = await readEdge(tx, { number, size: log.size });
  const hashes = await placePending(tx, number, log.size, batchSize);
  if (hashes.length === 0) return { placed: 0, refusal: null };
  const placed = hashes.length / 32;
  await writeTree(tx, number, log.size + placed, appendLeaves(log.size, edge, hashes));
  await actAsApplication(tx);
  await announcePlaced(tx);
  return { placed, refusal: null };
}

async function signTree(
  tx: Tx,
  platform: Platform,
  key: SigningKey,
  remote: Checkpoint | undefined,
): Promise<{ signedSize: number; refusal: Refusal | null }> {
  await lockLog(tx);
  const [log] = await listLogs(tx);
  if (log === undefined || log.size === log.signedSize) return { signedSize: log?.signedSize ?? 0, refusal: null };
  const { refusal, outside } = await examineLog(tx, platform, log, key, remote);
  if (refusal !== null) return { signedSize: log.signedSize, refusal };
  const root = await rootAt(tx, log.number, log.size);
  const note = await signNote(checkpointText(log.origin, log.size, root), { name: log.origin, ...key });
  for (const { copy, latest } of outside) {
    // A crash after writing outside and before the commit leaves the note there already.
    if (latest === undefined || latest.size < log.size) await copy.append(log.origin, note);
  }
  const awaitsDelivery = platform.config.checkpointUrl !== undefined;
  await insertCheckpoint(tx, log.number, { size: log.size, root, note, awaitsDelivery });
  await actAsApplication(tx);
  if (awaitsDelivery) await enqueueOwn(tx, deliveryTask, { organisation: tx.organisationId }, tx.organisationId);
  return { signedSize: log.size, refusal: null };
}

/** What the operator's endpoint has of the current log; asked before any transaction, since it is on the network. */
async function askEndpoint(
  platform: Platform,
  organisationId: OrganisationId,
  key: SigningKey,
): Promise<Checkpoint | undefined> {
  if (platform.config.checkpointUrl === undefined) return undefined;
  const [log] = await platform.db.transaction(organisationId, listLogs);
  const origin = log?.origin ?? originOf(platform, organisationId, 1);
  return latestAtEndpoint(platform, origin, log?.publicKey ?? key.publicKey);
}

function refused(placed: number, refusal: Refusal): Sequenced {
  return { placed, signedSize: 0, refusal };
}
