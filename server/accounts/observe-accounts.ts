import { type NewEntry, recordEntries } from '../ledger/record-entry.ts';
import type { Tx } from '../platform/database.ts';
import { accountAfter, isNews, type Reading } from './account-state.ts';
import { entryOf } from './apply-happening.ts';
import { type Account, ensureRows, lockAccounts, saveAccounts, touchObserved } from './store.ts';

/** An account as the organisation's own database has it. */
export interface ObservedAccount extends Reading {
  readonly account: string;
  readonly ownerEmail: string | null;
}

const CHUNK = 1000;

/**
 * Takes in what the organisation's own database says of its accounts. What it says for the first time or says anew
 * changes their standing and is recorded; what it repeats changes nothing. Where a key comes twice the last row counts.
 */
export async function observeAccounts(tx: Tx, rows: readonly ObservedAccount[]): Promise<void> {
  const distinct = [...new Map(rows.map((row) => [row.account, row])).values()];
  for (let from = 0; from < distinct.length; from += CHUNK) await observeChunk(tx, distinct.slice(from, from + CHUNK));
}

async function observeChunk(tx: Tx, rows: readonly ObservedAccount[]): Promise<void> {
  const keys = rows.map((row) => row.account);
  const created = await ensureRows(tx, keys);
  const known = new Map((await lockAccounts(tx, keys)).map((account) => [account.account, account]));
  const changed: Account[] = [];
  const same: string[] = [];
  const entries: NewEntry[] = [];
  for (const row of rows) {
    const stored = known.get(row.account);
    if (stored === undefined) throw new Error('an account that was just made sure of is not there');
    const isNew = created.has(row.account);
    if (!isNew && saysTheSame(stored, row)) {
      same.push(row.account);
      continue;
    }
    const { account, entry } = observe(stored, isNew, row, tx.at);
    changed.push(account);
    if (entry !== null) entries.push(entryOf(account, entry));
  }
  await saveAccounts(tx, changed);
  await touchObserved(tx, same);
  await recordEntries(tx, entries);
}

function observe(stored: Account, isNew: boolean, row: ObservedAccount, at: Date) {
  const reading: Reading = { state: row.state, cancelledAt: row.cancelledAt };
  const seen: Account = { ...stored, observed: reading, observedAt: at };
  if (!isNew && !isNews(stored.observed, reading)) return { account: withOwner(seen, row.ownerEmail), entry: null };
  const outcome = accountAfter(isNew ? null : stored, { kind: 'observe', ...reading, at });
  if ('refused' in outcome) throw new Error('what the organisation itself says is never refused');
  return { account: withOwner({ ...seen, ...outcome.standing }, row.ownerEmail), entry: outcome.entry };
}

/** An account that has ended keeps the address it had until it is forgotten, and takes no new one. */
function withOwner(account: Account, ownerEmail: string | null): Account {
  return account.state === 'ended' ? account : { ...account, ownerEmail, ownerForgottenAt: null };
}

function saysTheSame(stored: Account, row: ObservedAccount): boolean {
  if (stored.observed === null || isNews(stored.observed, row)) return false;
  return stored.state === 'ended' || stored.ownerEmail === row.ownerEmail;
}
