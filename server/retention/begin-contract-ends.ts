import { findAccount } from '../accounts/find-account.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { addPeriod, parsePeriod } from '../policy/period.ts';
import { type Basis, findBasis, readGone } from './basis.ts';
import { changeEnd, type EndRecord, insertEnd, listOpenEnds, lockEnd, newestEnds } from './end-store.ts';
import { readGate } from './gate-store.ts';
import { listHeld } from './hold-store.ts';
import { approvedAmong } from './plan-store.ts';
import { queueRun, system } from './queue-run.ts';
import { changeRun, findRun } from './run-store.ts';

export interface BeginOptions {
  /** The plan that a person has just approved, so that the brake knows what they saw. */
  readonly plan?: Id<'Plan'> | null;
  /** Whether ends that wait for a hold are tried again. */
  readonly retryHeld?: boolean;
}

/**
 * Follows every cancelled account: grace begins with the cancellation, ends when the account comes back, and once it is
 * over a run of its own erases the account. An account under a hold waits.
 */
export async function beginContractEnds(
  platform: Platform,
  organisationId: OrganisationId,
  options: BeginOptions = {},
): Promise<void> {
  const basis = await platform.db.transaction(organisationId, findBasis);
  if (basis?.end == null) return;
  const { promise, rule } = basis.end;
  await platform.db.transaction(organisationId, (tx) => followAccounts(tx, basis, promise, rule.grace));
  const open = await platform.db.transaction(organisationId, listOpenEnds);
  for (const end of open)
    await platform.db.transaction(organisationId, (tx) => carryOn(platform, tx, basis, end.id, options));
}

async function followAccounts(tx: Tx, basis: Basis, promise: string, grace: string): Promise<void> {
  const gone = (await readGone(tx, basis)).filter((account) => account.ending);
  const ends = await newestEnds(
    tx,
    gone.map(({ account }) => account),
  );
  for (const { account, cancelledAt } of gone) {
    const graceUntilAt = graceEnd(basis, cancelledAt, grace);
    const end = ends.get(account);
    if (end?.state === 'in-grace') {
      if (end.graceUntilAt.getTime() !== graceUntilAt.getTime())
        await changeEnd(tx, end.id, { cancelledAt, graceUntilAt });
      continue;
    }
    if (end?.state === 'erasing' || end?.state === 'held') continue;
    const known = await findAccount(tx, account);
    if (known === undefined) continue;
    const id = newId<'ContractEnd'>(tx.at);
    await insertEnd(tx, { id, promise, account, accountId: known.id, cancelledAt, graceUntilAt });
  }
}

export function graceEnd(basis: Pick<Basis, 'calendar'>, cancelledAt: Date, grace: string): Date {
  return addPeriod(cancelledAt, parsePeriod(grace), basis.calendar.timeZone, basis.calendar.monthEnd);
}

async function carryOn(
  platform: Platform,
  tx: Tx,
  basis: Basis,
  id: Id<'ContractEnd'>,
  options: BeginOptions,
): Promise<void> {
  const end = await lockEnd(tx, id);
  if (end === undefined || end.state === 'erased') return;
  if (end.state === 'erasing' && end.run !== null && (await findRun(tx, end.run))?.finishedAt === null) return;
  if (end.state === 'held' && options.retryHeld !== true) return;
  const account = await findAccount(tx, end.account);
  if (account?.state === 'active') return reactivate(tx, end);
  if (end.graceUntilAt > tx.at) return;
  const holds = await listHeld(tx);
  if (holds.some((hold) => hold.kind === 'account' && hold.account === end.account)) {
    if (end.state !== 'held') await changeEnd(tx, id, { state: 'held' });
    return;
  }
  const rules = basis.rules.filter((rule) => rule.kind === 'end');
  const hashes = rules.map((rule) => rule.ruleHash);
  // Half an account is not an end: as long as a person has to approve a part, the whole waits, and the board says so.
  if ((await approvedAmong(tx, hashes)).size < new Set(hashes).size) return;
  if ((await readGate(tx)).stopped !== null) return;
  const run = await queueRun(platform, tx, {
    cause: 'contract-end',
    by: system,
    account: end.account,
    ...(options.plan != null && { plan: options.plan }),
  });
  await changeEnd(tx, id, { state: 'erasing', run });
  if (end.run === null)
    await recordEntry(tx, {
      kind: 'contract.ended',
      actor: system,
      body: { account: end.accountId, end: id, datasets: rules.length },
    });
}

/** The account came back: nothing more of it goes. */
export async function reactivate(tx: Tx, end: EndRecord): Promise<void> {
  if (end.state !== 'in-grace' && end.state !== 'held' && end.state !== 'erasing') return;
  const run = end.run === null ? undefined : await findRun(tx, end.run);
  if (run !== undefined && run.finishedAt === null)
    await changeRun(tx, run.id, {
      state: 'failed',
      reason: 'The account was reactivated while its data was being erased; what is left stays.',
      finishedAt: tx.at,
    });
  await changeEnd(tx, end.id, { state: 'reactivated' });
}

/** Hears that an account came back, however Kept was told. */
export async function hearReactivation(tx: Tx, account: string): Promise<void> {
  const end = (await newestEnds(tx, [account])).get(account);
  if (end === undefined) return;
  const locked = await lockEnd(tx, end.id);
  if (locked !== undefined) await reactivate(tx, locked);
}
