import type { Status } from '../../server/policy/contract.ts';
import type { Plan, Run, RunStep } from '../../server/retention/contract.ts';
import { useWords } from '../language/language.ts';
import { StatusShape } from '../policy/status.tsx';
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

function State({ shape, word }: { shape: Status; word: string }) {
  return (
    <span className={`status ${shape}`}>
      <StatusShape status={shape} />
      {word}
    </span>
  );
}

export function RunState({ state }: { state: Run['state'] }) {
  return <State shape={runShapes[state]} word={useWords(retentionWords).runs.states[state]} />;
}

export function StepState({ state }: { state: RunStep['state'] }) {
  return <State shape={stepShapes[state]} word={useWords(retentionWords).run.stepStates[state]} />;
}

export function PlanState({ state }: { state: Plan['state'] }) {
  return <State shape={planShapes[state]} word={useWords(retentionWords).plans.states[state]} />;
}
