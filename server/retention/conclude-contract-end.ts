import { endAccount } from '../accounts/end-account.ts';
import { findAccount } from '../accounts/find-account.ts';
import { queueMail } from '../messages/queue-mail.ts';
import type { Tx } from '../platform/database.ts';
import { confirmationFigures, confirmationTemplate } from './confirmation-mail.ts';
import { exceptedData } from './disposal-rule.ts';
import { type Drive, underHolds } from './drive.ts';
import {
  changeEnd,
  type DisposedPart,
  type KeptPart,
  lockEnd,
  newestEnds,
  reportsOf,
  writeReport,
} from './end-store.ts';
import { listHeld } from './hold-store.ts';
import { keptOfAccount } from './kept-of-account.ts';
import type { StepRecord } from './run-store.ts';

/**
 * Looks at what the run left of the account, in the stores, and answers with what is to be written down together with
 * the end of the run: the report, the account's end and the confirmation to its owner.
 * @throws SystemUnreachable, StatementRefused where what is kept cannot be counted
 */
export async function concludeContractEnd(
  drive: Drive,
  steps: readonly StepRecord[],
): Promise<(tx: Tx) => Promise<void>> {
  const { run, platform, organisationId } = drive;
  const account = run.account;
  if (account === null) throw new Error('a run of a contract end has an account');
  const left = await leftBy(drive, steps);
  const kept = await keptOf(drive, account);
  const guarded = left.guarded.map(
    ({ dataset, rows }): KeptPart => ({
      dataset,
      promise: drive.basis.end?.promise ?? '',
      untilAt: latest(kept) ?? run.createdAt,
      rows,
    }),
  );
  const at = platform.clock.now();
  const owner = await platform.db.transaction(organisationId, (tx) => findAccount(tx, account));
  return async (tx) => {
    const end = (await newestEnds(tx, [account])).get(account);
    const locked = end === undefined ? undefined : await lockEnd(tx, end.id);
    if (locked === undefined || locked.state !== 'erasing') return;
    const before = (await reportsOf(tx, [locked.id])).get(locked.id)?.disposed ?? [];
    const disposed = addUp(before, steps);
    await writeReport(tx, locked.id, disposed, [...kept, ...guarded]);
    if (left.held > 0 || left.open > 0) {
      await changeEnd(tx, locked.id, { state: 'held' });
      return;
    }
    if (owner?.state === 'cancelled') await endAccount(tx, account, at);
    const to = owner?.ownerEmail ?? null;
    const wanted = confirmationPromised(drive);
    if (to === null || !wanted) {
      await changeEnd(tx, locked.id, {
        state: 'erased',
        erasedAt: at,
        confirmation: wanted ? 'no-address' : 'not-due',
      });
      return;
    }
    const figures = confirmationFigures(drive.basis, { disposed, kept: [...kept, ...guarded], erasedAt: at });
    const message = await queueMail(tx, {
      template: confirmationTemplate.name,
      to,
      language: drive.basis.policy.languages[0] ?? 'en',
      figures,
      idempotencyKey: `contract-end:${locked.id}`,
    });
    await changeEnd(tx, locked.id, { state: 'erased', erasedAt: at, confirmation: 'queued', message });
  };
}

function confirmationPromised(drive: Drive): boolean {
  const end = drive.basis.end?.promise;
  return drive.basis.policy.promises.some(
    ({ rule }) => rule.verb === 'end' && rule.form === 'confirmation' && rule.confirms === end,
  );
}

interface Left {
  /** Rows that a hold keeps. */
  readonly held: number;
  /** Rows that are still there for no reason, for instance since their files could not go. */
  readonly open: number;
  /** Rows that stay because what a law keeps points at them. */
  readonly guarded: readonly DisposedPart[];
}

async function leftBy(drive: Drive, steps: readonly StepRecord[]): Promise<Left> {
  const holds = await drive.platform.db.transaction(drive.organisationId, listHeld);
  let held = 0;
  let open = 0;
  const guarded: DisposedPart[] = [];
  for (const step of steps) {
    if (step.state !== 'done') {
      open += 1;
      continue;
    }
    open += step.remaining ?? 0;
    if (step.held === 0) continue;
    const { target, exclusion } = underHolds({ drive, step, guardedBy: [] }, holds);
    const system = await drive.systems.get(step.system);
    const found = await system.measure(target, step.condition, exclusion, null);
    held += found.excluded;
    if (found.matching > 0) guarded.push({ dataset: step.dataset, rows: found.matching });
  }
  return { held, open, guarded };
}

async function keptOf(drive: Drive, account: string): Promise<KeptPart[]> {
  const { basis, run } = drive;
  if (basis.end === null) return [];
  const kept: KeptPart[] = [];
  const excepted = exceptedData(basis.end.rule, basis.policy.promises);
  for (const [dataset, binding] of Object.entries(basis.map.datasets)) {
    if (binding.account === undefined) continue;
    for (const { promise, rule } of new Set(binding.covers.flatMap((data) => excepted.get(data) ?? []))) {
      if (rule.verb !== 'keep' || rule.form !== 'for') continue;
      kept.push(...(await keptOfAccount({ drive, dataset, promise, rule, account, at: run.createdAt })));
    }
  }
  return kept;
}

function latest(kept: readonly KeptPart[]): Date | null {
  return kept.reduce<Date | null>((last, { untilAt }) => (last === null || untilAt > last ? untilAt : last), null);
}

function addUp(before: readonly DisposedPart[], steps: readonly StepRecord[]): DisposedPart[] {
  const rows = new Map(before.map((part) => [part.dataset, part.rows]));
  for (const step of steps) rows.set(step.dataset, (rows.get(step.dataset) ?? 0) + step.disposed);
  return [...rows]
    .filter(([, count]) => count > 0)
    .map(([dataset, count]) => ({ dataset, rows: count }))
    .sort((one, other) => (one.dataset < other.dataset ? -1 : 1));
}
