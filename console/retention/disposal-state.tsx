import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  type disposalStateSchema,
  makePlan,
  restartDisposal,
  startRun,
  stopDisposal,
} from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { Instant } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { disposalStateQuery } from './queries.ts';
import { retentionWords } from './words.ts';

type State = (typeof disposalStateSchema)['_output'];

/** Whether anything is disposed of now, and the acts that begin and stop it. */
export function DisposalState() {
  const words = useWords(retentionWords);
  const query = useQuery(disposalStateQuery);
  return (
    <Loaded query={query} what={words.what}>
      {(state) => (
        <section className="disposal-state" aria-label={words.what}>
          <Sentence state={state} />
          <Acts state={state} />
        </section>
      )}
    </Loaded>
  );
}

function Sentence({ state }: { state: State }) {
  const words = useWords(retentionWords).state;
  if (state.stopped !== null) {
    return (
      <div className="stopped">
        <p className="state-sentence">{words.stopped}.</p>
        <p>{words.stoppedText(state.stopped.reason)}</p>
        <p className="faint">
          <Instant at={state.stopped.at} />, <ActorName actor={state.stopped.by} />
        </p>
      </div>
    );
  }
  const [first] = state.running;
  return (
    <div>
      <p className="state-sentence">{first === undefined ? words.idle : words.running}.</p>
      <p className="faint">
        {first === undefined ? null : (
          <>
            <Link to="/retention/runs/$run" params={{ run: first.run }}>
              {state.running.map(({ dataset }) => dataset).join(', ')}
            </Link>
            {'. '}
            {words.runningText}{' '}
          </>
        )}
        {state.nextRunAt === null ? (
          words.noNext
        ) : (
          <>
            {words.next} <Instant at={state.nextRunAt} />.
          </>
        )}
      </p>
    </div>
  );
}

function Acts({ state }: { state: State }) {
  const words = useWords(retentionWords);
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayWrite = useMay('retention:write');
  const mayApprove = useMay('retention:approve');
  const refresh = () => client.invalidateQueries({ queryKey: ['retention'] });
  const planning = useMutation({
    mutationFn: () => call(makePlan, { body: {} }),
    onSuccess: (plan) => navigate({ to: '/retention/plans/$plan', params: { plan: plan.id } }),
  });
  const starting = useMutation({
    mutationFn: () => call(startRun, { body: {} }),
    onSuccess: (run) => navigate({ to: '/retention/runs/$run', params: { run: run.id } }),
  });
  const error = planning.error ?? starting.error;
  return (
    <>
      <div className="row-of-acts">
        {mayWrite ? (
          <>
            <button type="button" className="button" disabled={planning.isPending} onClick={() => planning.mutate()}>
              {planning.isPending ? words.planning : words.planNow}
            </button>
            {state.stopped === null ? (
              <button type="button" className="button" disabled={starting.isPending} onClick={() => starting.mutate()}>
                {starting.isPending ? words.starting : words.runNow}
              </button>
            ) : null}
          </>
        ) : null}
        {mayWrite && state.stopped === null ? (
          <ActDialog
            button={words.stop.button}
            title={words.stop.title}
            text={
              <>
                <p>{words.stop.text}</p>
                <p>{words.stop.underWay(state.running.filter(({ batchInFlight }) => batchInFlight).length)}</p>
              </>
            }
            confirm={words.stop.confirm}
            pending={words.stop.confirm}
            destroys
            look="careful"
            reason={{ label: words.reason, hint: words.reasonHint }}
            onConfirm={(reason) => call(stopDisposal, { body: { reason } }).then(refresh)}
          />
        ) : null}
        {mayApprove && state.stopped !== null ? (
          <ActDialog
            button={words.restart.button}
            title={words.restart.title}
            text={<p>{words.restart.text}</p>}
            confirm={words.restart.confirm}
            pending={words.restart.confirm}
            onConfirm={() => call(restartDisposal, { body: {} }).then(refresh)}
          />
        ) : null}
      </div>
      {error === null ? null : <Problem error={error} />}
    </>
  );
}
