import type { Id } from '../platform/contract.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { EntryKind } from './kinds-contract.ts';

/** An entry about to be recorded, as its witness is told of it. */
export interface WitnessedEntry {
  readonly id: Id<'Entry'>;
  readonly kind: EntryKind;
}

/**
 * Notes who caused entries and from where, in their own transaction, so that both exist or neither.
 * @returns commitments to what was noted, which go into those entries that have none of their own
 */
export type Witness = (tx: Tx, entries: readonly WitnessedEntry[]) => Promise<ReadonlyMap<Id<'Entry'>, string>>;

const witnesses = new WeakMap<Database, Witness>();
const nothing: ReadonlyMap<Id<'Entry'>, string> = new Map();

/** From now on `witness` is told of every entry of this database. There is one; another takes its place. */
export function witnessEntries(database: Database, witness: Witness): void {
  witnesses.set(database, witness);
}

/** Tells the witness, where there is one. */
export async function tellWitness(
  tx: Tx,
  entries: readonly WitnessedEntry[],
): Promise<ReadonlyMap<Id<'Entry'>, string>> {
  return (await witnesses.get(tx.database)?.(tx, entries)) ?? nothing;
}
