import type { PlaceMeasure, Reason } from '../policy/contract.ts';
import { reason } from '../policy/reasons.ts';
import type { DisposalRule } from './disposal-rule.ts';
import { readGate } from './gate-store.ts';
import type { Look } from './look.ts';
import { approvedAmong } from './plan-store.ts';
import { listUnfinishedRuns, stepsOfRuns } from './run-store.ts';
import { overdue } from './verdict.ts';

/** Why rows are still there: what stands in the way of disposal, where something does. */
export async function whyOverdue(
  look: Look,
  promise: string,
  places: readonly PlaceMeasure[],
  broken: boolean,
): Promise<Reason> {
  const rows = overdue(places);
  const { db } = look.platform;
  const rules = look.basis.rules.filter((rule) => rule.promise === promise);
  const known = await db.transaction(look.organisationId, async (tx) => {
    const runs = await listUnfinishedRuns(tx);
    const steps = await stepsOfRuns(
      tx,
      runs.map((run) => run.id),
    );
    const hashes = [...new Set(rules.map((rule) => rule.ruleHash))];
    return { gate: await readGate(tx), steps: [...steps.values()].flat(), approved: await approvedAmong(tx, hashes) };
  });
  if (known.gate.stopped !== null) return reason('disposal-stopped', { rows });
  const waiting = known.steps.find(
    (step) => step.promise === promise && (step.state === 'braked' || step.state === 'blocked') && step.reason !== null,
  );
  if (waiting?.reason != null) return reason('disposal-waits', { rows, explanation: waiting.reason });
  const unapproved = rules.some((rule) => overdueIn(places, rule.dataset) && !known.approved.has(rule.ruleHash));
  if (unapproved) return reason('disposal-unapproved', { rows });
  if (broken) return reason('overdue', { rows });
  const behind = look.basis.rules.filter((rule) => rule.rule.verb === 'keep' && overdueIn(places, rule.dataset));
  return reason(behind.length > 0 && behind.every(goesInBulk) ? 'due-in-bulk' : 'due-soon', { rows });
}

/** A partition waits for its youngest row, so that the next run may well leave it. */
function goesInBulk({ rule }: DisposalRule): boolean {
  return rule.verb === 'keep' && rule.form === 'for' && rule.inBulk;
}

function overdueIn(places: readonly PlaceMeasure[], dataset: string): boolean {
  return places.some((place) => place.dataset === dataset && place.due + place.broken > 0);
}
