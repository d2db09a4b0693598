import type { Condition, Exclusion, Target } from '../connectors/connector.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { type Basis, heldTarget, isBulkOnly } from './basis.ts';
import type { HoldTarget } from './contract.ts';
import type { DisposalRule } from './disposal-rule.ts';
import type { RunRecord, StepRecord } from './run-store.ts';
import type { Systems } from './systems.ts';

/** A run as the process that owns it drives it. */
export interface Drive {
  readonly platform: Platform;
  readonly organisationId: OrganisationId;
  readonly run: RunRecord;
  /** This owner's number; a later owner has a higher one. */
  readonly epoch: number;
  readonly basis: Basis;
  readonly systems: Systems;
  /** Aborted when the process stops or the lock on the run was lost. */
  readonly signal: AbortSignal;
}

/** How a step came to rest. Only `done` and `skipped` are for good. */
export type StepEnd =
  | { readonly kind: 'done' | 'skipped' }
  | { readonly kind: 'braked' | 'blocked'; readonly reason: string }
  /** The whole run rests: stopped by `kept stop`, paused by a person, or by the pressure on a store. */
  | { readonly kind: 'halted'; readonly by: Halt; readonly reason: string | null };

export type Halt = 'stopped' | 'paused' | 'pressure' | 'taken-over' | 'interrupted';

/** The process ends, or the lock on the run was lost with its database: the run is taken up again later. */
export class Interrupted extends Error {
  constructor(cause?: unknown) {
    super('the run was interrupted', { cause });
    this.name = 'Interrupted';
  }
}

/** A step with everything that carrying it out needs. */
export interface Work {
  readonly drive: Drive;
  readonly step: StepRecord;
  readonly rule: DisposalRule;
  readonly guardedBy: readonly string[];
  /** What is counted before and after: `step.condition`, less what was anonymised. */
  readonly counted: Condition;
  readonly clock: string | null;
}

/** The step's target, and what must stay of it under these holds. */
export function underHolds(
  work: Pick<Work, 'drive' | 'guardedBy'> & { readonly step: Pick<StepRecord, 'dataset'> },
  holds: readonly HoldTarget[],
): { readonly target: Target; readonly exclusion: Exclusion } {
  const { drive, step, guardedBy } = work;
  const bulkOnly = isBulkOnly(drive.basis, step.dataset);
  return heldTarget(drive.basis, step.dataset, { bulkOnly, guardedBy }, holds);
}

export function runOf(drive: Drive): Id<'Run'> {
  return drive.run.id;
}

/** Waits, but not longer than the process may. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake, { once: true });
  });
}
