import { z } from 'zod';
import { type Actor, type Id, idSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Run } from './contract.ts';
import { ensureGate } from './gate-store.ts';
import { insertRun } from './run-store.ts';

export const runTask = 'retention.run';
export const runPayload = z.object({ organisation: idSchema('Organisation'), run: idSchema('Run') });

export const system: Actor = { kind: 'system', id: 'retention' };

/** Makes a run and the task that drives it, in the caller's transaction. What it does is worked out when it begins. */
export async function queueRun(
  platform: Platform,
  tx: Tx,
  run: {
    readonly cause: Run['cause'];
    readonly by: Actor;
    readonly plan?: Id<'Plan'>;
    readonly account?: string;
    readonly isCautious?: boolean;
  },
): Promise<Id<'Run'>> {
  await ensureGate(tx);
  const id = newId<'Run'>(tx.at);
  await insertRun(tx, {
    id,
    cause: run.cause,
    startedBy: run.by,
    plan: run.plan ?? null,
    account: run.account ?? null,
    isCautious: run.isCautious ?? false,
  });
  await enqueueRun(platform, tx, id);
  return id;
}

/** Asks for a run to be driven (on); a run that somebody drives already takes no notice. */
export async function enqueueRun(platform: Platform, tx: Tx, run: Id<'Run'>): Promise<void> {
  await platform.tasks.enqueue(tx, runTask, { organisation: tx.organisationId, run }, { singletonKey: run });
}
