import { type NewEntry, recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accountAfter, type Happening } from './account-state.ts';
import { accountProblems } from './contract.ts';
import { type Account, ensureRows, lockAccounts, saveAccounts } from './store.ts';

const fail = failuresOf(accountProblems);
const accounts: Actor = { kind: 'system', id: 'accounts' };

/**
 * Applies one happening to one account and records it. A cancellation or reactivation makes an account known that was
 * not: an event may come before the organisation's database is read.
 * @param receivedAt when Kept was told; what it is told later counts, in whatever order it is worked through
 * @throws Failure of `accountProblems`
 */
export async function applyHappening(
  tx: Tx,
  account: string,
  happening: Exclude<Happening, { kind: 'observe' }>,
  receivedAt: Date,
): Promise<void> {
  const created = happening.kind === 'end' ? new Set<string>() : await ensureRows(tx, [account]);
  const [row] = await lockAccounts(tx, [account]);
  const before = row === undefined || created.has(account) ? null : row;
  if (before?.lastEventAt != null && before.lastEventAt.getTime() > receivedAt.getTime()) return;
  const outcome = accountAfter(before, happening);
  if ('refused' in outcome) throw fail(outcome.refused, refusals[outcome.refused]);
  if (row === undefined) throw fail('account-not-found', refusals['account-not-found']);
  const after: Account = { ...row, ...outcome.standing, lastEventAt: receivedAt };
  await saveAccounts(tx, [after]);
  if (outcome.entry !== null) await recordEntry(tx, entryOf(after, outcome.entry));
}

/** What the ledger is told of a change of standing. */
export function entryOf(account: Account, kind: 'accounts.cancelled' | 'accounts.reactivated'): NewEntry {
  if (kind === 'accounts.reactivated') return { kind, actor: accounts, body: { account: account.id } };
  const cancelledAt = account.cancelledAt?.toISOString() ?? null;
  return { kind, actor: accounts, body: { account: account.id, cancelledAt } };
}

const refusals = {
  'account-not-found': 'Kept knows no account with this key.',
  'account-not-cancelled': 'Only a cancelled account can end.',
  'account-ended': 'The account has ended and its data is gone; only a new contract can follow.',
} as const;
