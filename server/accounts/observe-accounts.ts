import type { Tx } from '../platform/database.ts';
import { accountAfter, isNews, type Reading } from './account-state.ts';
import { recordStanding } from './apply-happening.ts';
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
  for (const row of rows) {
    const stored = known.get(row.account);
    if (stored === undefined) throw new Error('an account that was just made sure of is not there');
    const isNew = created.has(row.account);
    if (!isNew && saysTheSame(stored, row)) {
      same.push(row.account);
      continue;
    }
    changed.push(await observe(tx, stored, isNew, row));
  }
  await saveAccounts(tx, changed);
  await touchObserved(tx, same);
}

async function observe(tx: Tx, stored: Account, isNew: boolean, row: ObservedAccount): Promise<Account> {
  const reading: Reading = { state: row.state, cancelledAt: row.cancelledAt };
  const seen: Account = { ...stored, observed: reading, observedAt: tx.at };
  const counts = isNew || isNews(stored.observed, reading);
  if (!counts) return withOwner(seen, row.ownerEmail);
  const outcome = accountAfter(isNew ? null : stored, { kind: 'observe', ...reading, at: tx.at });
  if ('refused' in outcome) throw new Error('what the organisation itself says is never refused');
  const after = withOwner({ ...seen, ...outcome.standing }, row.ownerEmail);
  await recordStanding(tx, after, outcome.entry);
  return after;
}

/** An account that has ended keeps the address it had until it is forgotten, and takes no new one. */
function withOwner(account: Account, ownerEmail: string | null): Account {
  return account.state === 'ended' ? account : { ...account, ownerEmail, ownerForgottenAt: null };
}

function saysTheSame(stored: Account, row: ObservedAccount): boolean {
  if (stored.observed === null || isNews(stored.observed, row)) return false;
  return stored.state === 'ended' || stored.ownerEmail === row.ownerEmail;
}
