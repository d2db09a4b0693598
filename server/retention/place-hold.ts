import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { nearestNames } from '../policy/nearest.ts';
import { type Basis, findBasis } from './basis.ts';
import { type Hold, type HoldTarget, retentionProblems } from './contract.ts';
import { rest } from './drive.ts';
import { lockName } from './drive-run.ts';
import { isKnown } from './exclusion.ts';
import { raiseGate } from './gate-store.ts';
import { findHold, insertHold, markReleased } from './hold-store.ts';
import { listOpenBatches, stillOpen } from './journal-store.ts';
import { queueRun } from './queue-run.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { settleBatches } from './settle-batch.ts';
import { troubleOf, withSystems } from './systems.ts';

const fail = failuresOf(retentionProblems);

/**
 * Places a hold. Answers when every batch that began before it has ended: from then on no batch touches what is held.
 * @throws Failure `hold-target-unknown`; `batch-outcome-open` where the hold is in force, but a batch whose process died
 *   may still take effect in a store that does not answer
 */
export async function placeHold(
  platform: Platform,
  organisationId: OrganisationId,
  hold: { readonly target: HoldTarget; readonly reason: string; readonly reviewOn: string; readonly by: Actor },
): Promise<Hold> {
  const { basis, id } = await platform.db.transaction(organisationId, async (tx) => {
    const found = await findBasis(tx);
    refuseUnknown(found, hold.target);
    const made = newId<'Hold'>(tx.at);
    const entry = await recordEntry(tx, {
      kind: 'hold.placed',
      actor: hold.by,
      // What is held may name a person: the ledger knows the kind, the dataset and the hold's id.
      body: { hold: made, scope: hold.target.kind, reviewOn: hold.reviewOn, ...placeOf(hold.target) },
    });
    // Before the hold is written, so that two holds at once queue here and not behind a batch.
    await raiseGate(tx);
    await insertHold(tx, { ...hold, id: made, entry });
    return { basis: found, id: made };
  });
  await batchesEnded(platform, organisationId, basis);
  const today = civilDate(platform.clock.now(), basis?.calendar.timeZone ?? 'UTC');
  const placed = await platform.db.transaction(organisationId, (tx) => findHold(tx, id, today));
  if (placed === undefined) throw new Error('a hold that was just placed is not there');
  return placed;
}

/**
 * Releases a hold; a run takes what became overdue under it.
 * @throws Failure `hold-not-found`
 */
export async function releaseHold(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Hold'>,
  reason: string,
  by: Actor,
): Promise<Hold> {
  return platform.db.transaction(organisationId, async (tx) => {
    if (!(await markReleased(tx, id, by, reason))) throw fail('hold-not-found', `No hold ${id} is in force.`);
    await raiseGate(tx);
    await recordEntry(tx, { kind: 'hold.released', actor: by, body: { hold: id } });
    const basis = await findBasis(tx);
    const isBusy = (await listUnfinishedRuns(tx)).some(
      (run) => run.cause === 'hold-released' && run.startedAt === null,
    );
    if (basis !== undefined && !isBusy) await queueRun(platform, tx, { cause: 'hold-released', by });
    const released = await findHold(tx, id, civilDate(tx.at, basis?.calendar.timeZone ?? 'UTC'));
    if (released === undefined) throw new Error('a hold that was just released is not there');
    return released;
  });
}

/** The civil date of an instant in a time zone. */
export function civilDate(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
}

function placeOf(target: HoldTarget): { dataset?: string; rows?: number } {
  if (target.kind === 'dataset') return { dataset: target.dataset };
  if (target.kind === 'rows') return { dataset: target.dataset, rows: target.keys.length };
  return {};
}

function refuseUnknown(basis: Basis | undefined, target: HoldTarget): void {
  if (basis === undefined)
    throw fail('hold-target-unknown', 'There is no policy and data map yet, so nothing can be held.');
  const { map } = basis;
  if (isKnown(map, target)) return;
  const datasets = Object.keys(map.datasets);
  if (target.kind === 'account')
    throw fail('hold-target-unknown', 'No dataset of the data map says to which account its rows belong.');
  if (target.kind === 'subject') {
    const subjects = Object.values(map.datasets).flatMap((dataset) => Object.keys(dataset.subjects));
    throw fail(
      'hold-target-unknown',
      `No dataset of the data map knows subjects of the kind “${target.subject}”.${nearby(target.subject, subjects)}`,
    );
  }
  const key = map.datasets[target.dataset]?.key;
  if (key === undefined)
    throw fail(
      'hold-target-unknown',
      `The data map has no dataset “${target.dataset}”.${nearby(target.dataset, datasets)}`,
    );
  throw fail(
    'hold-target-unknown',
    `A row of “${target.dataset}” is named by ${key.length === 0 ? 'the path of its file' : key.join(', ')}.`,
  );
}

function nearby(name: string, known: readonly string[]): string {
  const names = nearestNames(name, known);
  return names.length === 0 ? '' : ` Nearest: ${names.join(', ')}.`;
}

const pollMs = 10;
/** After so long without an end, somebody looks whether the batch's process is still there. */
const suspicionMs = 2_000;

/**
 * Waits for the batches that were open when the hold was committed. Later ones read it. A batch whose process died is
 * settled with its store's own word.
 */
async function batchesEnded(
  platform: Platform,
  organisationId: OrganisationId,
  basis: Basis | undefined,
): Promise<void> {
  const batches = await platform.db.transaction(organisationId, (tx) => listOpenBatches(tx, {}));
  let open = batches.map((batch) => batch.id);
  const never = new AbortController().signal;
  let suspectAt = performance.now() + suspicionMs;
  while (open.length > 0) {
    await rest(pollMs, never);
    open = await platform.db.transaction(organisationId, (tx) => stillOpen(tx, open));
    if (performance.now() < suspectAt || open.length === 0) continue;
    for (const run of new Set(batches.filter(({ id }) => open.includes(id)).map((batch) => batch.run)))
      await settleAbandoned(platform, organisationId, basis, run);
    suspectAt = performance.now() + suspicionMs;
  }
}

async function settleAbandoned(
  platform: Platform,
  organisationId: OrganisationId,
  basis: Basis | undefined,
  run: Id<'Run'>,
): Promise<void> {
  const lock = await platform.db.tryLock(lockName(run));
  if (lock === null || basis === undefined) return;
  try {
    await withSystems(platform, organisationId, basis.map, (systems) =>
      settleBatches(platform, organisationId, run, basis, systems, lock.signal),
    );
  } catch (error) {
    const { explanation, remedy } = troubleOf(error);
    throw fail(
      'batch-outcome-open',
      `The hold is in force for every batch from now on. How a batch ended that began before it is not known: ${explanation} ${remedy}`,
      { cause: error },
    );
  } finally {
    await lock.release();
  }
}
