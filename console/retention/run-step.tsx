import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Run, type RunStep, releaseBrake } from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { useMay } from '../frame/session.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { ProgressLine } from './progress.tsx';
import { runQuery } from './queries.ts';
import { StepState } from './states.tsx';
import { retentionWords } from './words.ts';

/** One step of a run: what it takes from where on the left, how far it is and what was counted on the right. */
export function RunStepEntry({ run, step }: { run: Run; step: RunStep }) {
  const all = useWords(retentionWords);
  const words = all.run;
  const format = useFormat();
  const amount = all.count(format.number(step.expected), step.expected, step.fate);
  return (
    <li className="step">
      <span className="number">{format.number(step.position)}</span>
      <div className="step-text">
        <h3>
          <span className="mono">{step.dataset}</span>
        </h3>
        <p className="faint">
          <Link to="/policy/promises/$promise" params={{ promise: step.promise }}>
            {step.promise}
          </Link>
          {step.path === null ? null : ` · ${all.path[step.path]}`}
          {step.batches === 0 ? null : ` · ${words.batches(format.number(step.batches), step.batches)}`}
        </p>
        {step.reason === null ? null : <p lang="en">{step.reason}</p>}
        {step.state === 'braked' ? <Release run={run} step={step} act={all.act[step.fate](amount)} /> : null}
      </div>
      <span className="leader" aria-hidden="true" />
      <div className="note">
        <p>
          <StepState state={step.state} />
        </p>
        <p className="figures">{words.of(disposedOf(step, format.number, words.range), amount)}</p>
        {step.state === 'running' ? (
          <ProgressLine done={step.disposed} all={step.expected} label={step.dataset} />
        ) : null}
        <Outcome step={step} />
      </div>
    </li>
  );
}

/** A store that could not tell whether its last batch took effect gives a range. */
function disposedOf(step: RunStep, number: (value: number) => string, range: (low: string, high: string) => string) {
  const low = number(step.disposed);
  return step.disposedAtMost > step.disposed ? range(low, number(step.disposedAtMost)) : low;
}

function Outcome({ step }: { step: RunStep }) {
  const words = useWords(retentionWords).run;
  const format = useFormat();
  const lines = [
    ...(step.held > 0 ? [words.held(format.number(step.held))] : []),
    ...(step.refused > 0 ? [words.refused(format.number(step.refused))] : []),
    ...(step.remaining === null ? [] : [words.remaining(format.number(step.remaining), step.remaining)]),
    ...((step.bytesReusable ?? 0) > 0 ? [words.reusable(format.bytes(step.bytesReusable ?? 0))] : []),
    ...((step.bytesReturned ?? 0) > 0 ? [words.returned(format.bytes(step.bytesReturned ?? 0))] : []),
  ];
  return lines.map((line) => (
    <p key={line} className="faint figures">
      {line}
    </p>
  ));
}

/** Lets a step go on that the brake holds; who does it names the number they saw, and why. */
function Release({ run, step, act }: { run: Run; step: RunStep; act: string }) {
  const all = useWords(retentionWords);
  const client = useQueryClient();
  if (!useMay('retention:approve')) return null;
  return (
    <p className="row-of-acts">
      <ActDialog
        button={all.run.release}
        title={all.run.releaseTitle(act)}
        text={<p>{all.run.releaseText}</p>}
        confirm={act}
        pending={all.run.releasing}
        destroys
        look="careful"
        reason={{ label: all.reason, hint: all.reasonHint }}
        onConfirm={async (reason) => {
          const changed = await call(releaseBrake, {
            params: { run: run.id, position: step.position },
            body: { rows: step.expected, reason },
          });
          client.setQueryData(runQuery(run.id).queryKey, changed);
        }}
      />
    </p>
  );
}
