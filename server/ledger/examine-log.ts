import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { Refusal } from './contract.ts';
import { verifierOf } from './note.ts';
import { type OutsideCopy, OutsideTrouble, outsideCopies } from './outside.ts';
import { type Bytes, type Checkpoint, toBase64, type VerifierKey } from './proof.ts';
import type { SigningKey } from './signing-key.ts';
import { type LogRow, readTiles } from './store.ts';
import { edgeOf, rangeHash, tilesFor } from './tree.ts';

/** What a copy outside the database says of a log. */
export interface OutsideView {
  readonly copy: OutsideCopy;
  readonly latest: Checkpoint | undefined;
}

/** What is needed to write a log, or why it must not be written. */
export type Examination =
  | { readonly refusal: null; readonly outside: readonly OutsideView[] }
  | { readonly refusal: Refusal; readonly outside: readonly OutsideView[] };

/** Origin of an organisation's log: the address of its tiles without the scheme, as C2SP tlog-tiles recommends. */
export function originOf(platform: Platform, organisationId: OrganisationId, number: number): string {
  const address = platform.config.publicUrl ?? 'http://kept.localhost';
  const prefix = address.replace(/^https?:\/\//, '');
  return `${prefix}/v1/ledger/log/${organisationId}${number === 1 ? '' : `.${number}`}`;
}

/**
 * Compares a log in the database with every copy of its checkpoints outside. To be asked before a log is written or
 * signed: a database that was restored from a backup has forgotten what it signed, and going on would sign two
 * histories.
 * @param remote what the operator's endpoint last had, where it is known
 */
export async function examineLog(
  tx: Tx,
  platform: Platform,
  log: Pick<LogRow, 'number' | 'origin' | 'publicKey' | 'size' | 'minimumIndex'>,
  key: SigningKey,
  remote?: Checkpoint,
): Promise<Examination> {
  if (!Buffer.from(log.publicKey).equals(key.publicKey)) return { refusal: keyChanged(log.origin), outside: [] };
  try {
    const outside = await viewOutside(platform, await verifierOf(log.origin, log.publicKey));
    const claims = outside.flatMap((view) =>
      view.latest === undefined ? [] : [{ where: view.copy.folder, checkpoint: view.latest }],
    );
    if (remote !== undefined) claims.push({ where: 'the endpoint for checkpoints', checkpoint: remote });
    for (const { where, checkpoint } of claims) {
      const refusal = await compare(tx, log, where, checkpoint);
      if (refusal !== null) return { refusal, outside };
    }
    return { refusal: null, outside };
  } catch (error) {
    if (!(error instanceof OutsideTrouble)) throw error;
    return { refusal: outsideUnwritable(error), outside: [] };
  }
}

/** What every copy outside has of a log. */
export async function viewOutside(platform: Platform, key: VerifierKey): Promise<OutsideView[]> {
  const views: OutsideView[] = [];
  for (const copy of outsideCopies(platform.config)) views.push({ copy, latest: await copy.latest(key.name, key) });
  return views;
}

/** Root of the tree over the first `size` entries of a log. */
export async function rootAt(tx: Tx, logNumber: number, size: number): Promise<Bytes> {
  const range = { from: 0, to: size };
  return rangeHash(range, await readTiles(tx, logNumber, tilesFor([range])));
}

/** The tiles that appending to a log of this size begins with. */
export function readEdge(tx: Tx, log: Pick<LogRow, 'number' | 'size'>) {
  return readTiles(tx, log.number, edgeOf(log.size));
}

/** Refused since a copy outside cannot be written, see `OutsideTrouble`. */
export function outsideUnwritable(trouble: OutsideTrouble): Refusal {
  return {
    code: 'outside-unwritable',
    explanation: trouble.message,
    remedy: 'Make the folder reachable and writable. Kept tries again every minute; nothing is lost meanwhile.',
  };
}

async function compare(
  tx: Tx,
  log: Pick<LogRow, 'number' | 'origin' | 'size' | 'minimumIndex'>,
  where: string,
  checkpoint: Checkpoint,
): Promise<Refusal | null> {
  const remedy =
    'Restore a newer backup of the database. If there is none, begin a new log with the reason “restored-backup”: the old one stays verifiable as far as it was signed, and the new one says where it ended.';
  if (checkpoint.size > log.size) {
    const lost = checkpoint.size - log.size;
    return {
      code: 'database-behind',
      explanation: `The database has ${log.size} entries of ${log.origin}, but ${where} has a signed checkpoint of ${checkpoint.size}: ${lost} entries are missing, as after restoring an older backup.`,
      remedy,
    };
  }
  // The tiles of so early a tree were pruned. Whoever is that far behind cannot tell more than the other copies do.
  if (checkpoint.size < log.minimumIndex || checkpoint.size === 0) return null;
  const root = await rootAt(tx, log.number, checkpoint.size);
  if (Buffer.from(root).equals(checkpoint.root)) return null;
  return {
    code: 'database-forked',
    explanation: `The first ${checkpoint.size} entries of ${log.origin} have the root ${toBase64(root)} in the database, but ${where} has it signed as ${toBase64(checkpoint.root)}: the database was restored and has other entries since.`,
    remedy,
  };
}

function keyChanged(origin: string): Refusal {
  return {
    code: 'key-changed',
    explanation: `${origin} was signed with another key than the one that Kept has now.`,
    remedy:
      'Put the former key file back. If it is lost or was replaced on purpose, begin a new log with the reason “lost-key” or “replaced-key”.',
  };
}
