import { createHash, randomBytes } from 'node:crypto';
import type { Actor, Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { EntryKind } from './kinds-contract.ts';
import { canonicalJson, newEntryId, writeLeaf } from './leaf.ts';
import { announceEntries } from './listen.ts';
import { insertPending } from './store.ts';
import { tellWitness } from './witness.ts';

/** What happened, for the ledger. */
export interface NewEntry {
  readonly kind: EntryKind;
  readonly actor: Actor;
  /** Ids, counts, codes and dates as `entryKindTable` says; never personal data. */
  readonly body: Json;
  /** From `commitTo`, where details are kept elsewhere. */
  readonly commitment?: string;
}

/**
 * Records what happened, in the transaction in which it happens: the entry exists if and only if that commits. It gets
 * its place in the tree within about a second after.
 * @throws Failure `entry-too-large`
 */
export async function recordEntry(tx: Tx, entry: NewEntry): Promise<Id<'Entry'>> {
  const [id] = await recordEntries(tx, [entry]);
  if (id === undefined) throw new Error('one entry has one id');
  return id;
}

/** The same for many at once, in one statement; their order is kept. */
export async function recordEntries(tx: Tx, entries: readonly NewEntry[]): Promise<Id<'Entry'>[]> {
  if (entries.length === 0) return [];
  const at = tx.at.toISOString();
  const named = entries.map((entry) => ({ ...entry, id: newEntryId(tx.at) }));
  const witnessed = await tellWitness(tx, named);
  const rows = named.map(({ id, kind, actor, body, commitment = witnessed.get(id) }) => {
    refusePersonalData(kind, body);
    const optional = commitment === undefined ? {} : { commitment };
    const leaf = writeLeaf({ id, organisation: tx.organisationId, kind, at, actor, body, ...optional });
    return { id, kind, leaf };
  });
  await insertPending(tx, rows);
  await announceEntries(tx, rows);
  return rows.map((row) => row.id);
}

/**
 * A salted commitment: details stay in the caller's own table, with the salt, and can be purged there without breaking
 * a proof; whoever has both can show that the entry meant exactly them.
 * @returns salt (32 hexadecimal digits) and SHA-256(salt text ‖ canonical JSON), hex
 */
export function commitTo(details: Json): { salt: string; commitment: string } {
  const salt = randomBytes(16).toString('hex');
  return { salt, commitment: commitmentOf(details, salt) };
}

/** Whether a commitment was made to these details with this salt. */
export function opensCommitment(commitment: string, details: Json, salt: string): boolean {
  return commitmentOf(details, salt) === commitment;
}

function commitmentOf(details: Json, salt: string): string {
  return createHash('sha256').update(salt).update(canonicalJson(details)).digest('hex');
}

/**
 * The ledger cannot forget, so what must never be in it is refused where that can be told: an e-mail address. This is
 * a last wall against a mistake in our own code; it does not find names or numbers.
 */
function refusePersonalData(kind: EntryKind, body: Json): void {
  if (typeof body === 'string') {
    if (/[^\s@]@[^\s@]+\.[^\s@]/.test(body)) throw new Error(`an entry of the kind ${kind} holds an e-mail address`);
  } else if (typeof body === 'object' && body !== null) {
    for (const value of Object.values(body)) refusePersonalData(kind, value);
  }
}
