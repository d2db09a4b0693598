import type { Status } from '../../server/policy/contract.ts';
import type { Plan, Run, RunStep } from '../../server/retention/contract.ts';
import { useWords } from '../language/language.ts';
import { Marked } from '../policy/status.tsx';
import { retentionWords } from './words.ts';

/** States are shown with the shapes of the policy: done, under way or waiting, refused, not begun. */
const runShapes: Readonly<Record<Run['state'], Status>> = {
  queued: 'unproven',
  running: 'due',
  paused: 'due',
  waiting: 'due',
  stopped: 'broken',
  finished: 'kept',
  failed: 'broken',
};
const stepShapes: Readonly<Record<RunStep['state'], Status>> = {
  waiting: 'unproven',
  running: 'due',
  braked: 'due',
  blocked: 'broken',
  done: 'kept',
  skipped: 'unproven',
};
const planShapes: Readonly<Record<Plan['state'], Status>> = {
  draft: 'unproven',
  'awaiting-approval': 'due',
  approved: 'kept',
  rejected: 'broken',
  superseded: 'unproven',
};

export function RunState({ state }: { state: Run['state'] }) {
  return <Marked as={runShapes[state]}>{useWords(retentionWords).runs.states[state]}</Marked>;
}

export function StepState({ state }: { state: RunStep['state'] }) {
  return <Marked as={stepShapes[state]}>{useWords(retentionWords).run.stepStates[state]}</Marked>;
}

export function PlanState({ state }: { state: Plan['state'] }) {
  return <Marked as={planShapes[state]}>{useWords(retentionWords).plans.states[state]}</Marked>;
}
