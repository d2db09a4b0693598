import { z } from 'zod';
import type { HeardEntry } from '../ledger/listen.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { type Id, idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { ErasingEvent } from '../policy/rule.ts';
import type { KeptEvent } from '../webhooks/contract.ts';
import { getEvent } from '../webhooks/get-event.ts';
import { findBasis } from './basis.ts';
import { assignErasures, erasuresOfRun, finishErasure, insertErasure, listPendingErasures } from './erasure-store.ts';
import { queueRun, system } from './queue-run.ts';
import { listUnfinishedRuns, type StepRecord } from './run-store.ts';

const bodySchema = z.object({ event: idSchema('InboxEvent'), type: z.string() });

/**
 * Takes in an event that asks for data to be gone at once: what each promise erases on it is written down and a run is
 * made, in one transaction. The same event twice has one effect.
 * @returns the run, null where nothing in the policy follows from the event
 */
export async function receiveErasure(platform: Platform, entry: HeardEntry): Promise<Id<'Run'> | null> {
  const { event, type } = bodySchema.parse(entry.body);
  if (!type.startsWith('grant.') && !type.startsWith('person.')) return null;
  return platform.db.transaction(entry.organisationId, async (tx) => {
    const { payload, receivedAt } = await getEvent(tx, event);
    const basis = await findBasis(tx);
    const asked = askedBy(payload);
    if (basis === undefined || asked === null) return null;
    const ids: Id<'Erasure'>[] = [];
    for (const { promise, dataset, kind, rule } of basis.rules) {
      if (kind !== 'event' || rule.verb !== 'erase' || rule.on !== asked.on) continue;
      const id = newId<'Erasure'>(tx.at);
      const isNew = await insertErasure(tx, { id, event, promise, dataset, value: asked.value, receivedAt });
      if (!isNew) continue;
      ids.push(id);
      await recordEntry(tx, {
        kind: 'erasure.received',
        actor: system,
        body: { erasure: id, event, promise, dataset },
      });
    }
    if (ids.length === 0) return null;
    const run = await queueRun(platform, tx, { cause: 'event', by: system });
    await assignErasures(tx, ids, run);
    return run;
  });
}

/** What an event asks to be gone: the event of the policy, and the key by which the data map finds its rows. */
function askedBy(event: KeptEvent): { readonly on: ErasingEvent; readonly value: string } | null {
  if (event.type === 'grant.revoked') return { on: 'grant-revoked', value: event.grant };
  if (event.type === 'person.deleted') return { on: 'deleted-elsewhere', value: event.person };
  return null;
}

/** Erasures that a hold, a missing approval or a change of the policy kept open are tried again. */
export async function retryErasures(platform: Platform, organisationId: OrganisationId): Promise<void> {
  await platform.db.transaction(organisationId, async (tx) => {
    const busy = new Set((await listUnfinishedRuns(tx)).map((run) => run.id));
    const open = (await listPendingErasures(tx)).filter(({ run }) => run === null || !busy.has(run));
    if (open.length === 0) return;
    const run = await queueRun(platform, tx, { cause: 'event', by: system });
    await assignErasures(
      tx,
      open.map((erasure) => erasure.id),
      run,
    );
  });
}

/** Writes down what a finished run erased. What was skipped stays open: its promise is then due, and later broken. */
export async function concludeErasures(tx: Tx, run: Id<'Run'>, steps: readonly StepRecord[]): Promise<void> {
  for (const erasure of await erasuresOfRun(tx, run)) {
    const step = steps.find(({ promise, dataset }) => promise === erasure.promise && dataset === erasure.dataset);
    if (step === undefined || step.state !== 'done' || erasure.doneAt !== null) continue;
    // Under a hold the row stays; the erasure is open until the hold is released.
    if (step.held > 0 || step.remaining !== 0) continue;
    await finishErasure(tx, erasure.id, step.disposed);
    await recordEntry(tx, {
      kind: 'erasure.done',
      actor: system,
      body: { erasure: erasure.id, run, disposed: step.disposed, remaining: step.remaining },
    });
  }
}
