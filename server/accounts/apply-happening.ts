import { recordEntry } from '../ledger/record-entry.ts';
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
  await recordStanding(tx, after, outcome.entry);
}

/** Records a change of standing in the ledger, where it calls for an entry. */
export async function recordStanding(
  tx: Tx,
  account: Account,
  entry: 'accounts.cancelled' | 'accounts.reactivated' | null,
): Promise<void> {
  if (entry === null) return;
  const cancelled = entry === 'accounts.cancelled' ? { cancelledAt: account.cancelledAt?.toISOString() ?? null } : {};
  await recordEntry(tx, { kind: entry, actor: accounts, body: { account: account.id, ...cancelled } });
}

const refusals = {
  'account-not-found': 'Kept knows no account with this key.',
  'account-not-cancelled': 'Only a cancelled account can end.',
  'account-ended': 'The account has ended and its data is gone; only a new contract can follow.',
} as const;
