import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { replayRange } from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { dayAfter, startOfDay, useFormat, useZone } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { webhooksWords } from './words.ts';

const states = ['failed', 'delivered', 'skipped'] as const;

/** Sends the deliveries of a time once more. */
export function Replay({ subscription }: { subscription: string }) {
  const words = useWords(webhooksWords).one;
  const format = useFormat();
  const zone = useZone();
  const client = useQueryClient();
  const [range, setRange] = useState({ from: '', to: '' });
  const [which, setWhich] = useState<readonly (typeof states)[number][]>(['failed']);
  const replaying = useMutation({
    mutationFn: () =>
      call(replayRange, {
        params: { subscription },
        body: {
          since: startOfDay(range.from, zone),
          until: startOfDay(dayAfter(range.to), zone),
          states: [...which],
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <section className="part">
      <h2>{words.replay}</h2>
      <p className="explains">{words.replayText}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!replaying.isPending) replaying.mutate();
        }}
      >
        <div className="row-of-acts">
          {(['from', 'to'] as const).map((end) => (
            <Field key={end} label={words[end]}>
              {(id) => (
                <input
                  id={id}
                  type="date"
                  className="input short"
                  required
                  min={end === 'to' ? range.from : undefined}
                  value={range[end]}
                  onChange={(event) => setRange((before) => ({ ...before, [end]: event.target.value }))}
                />
              )}
            </Field>
          ))}
        </div>
        <fieldset>
          <legend>{words.which}</legend>
          <div className="choices">
            {states.map((state) => (
              <label key={state}>
                <input
                  type="checkbox"
                  checked={which.includes(state)}
                  onChange={(event) =>
                    setWhich((before) =>
                      event.target.checked ? [...before, state] : before.filter((each) => each !== state),
                    )
                  }
                />
                {words.whichStates[state]}
              </label>
            ))}
          </div>
        </fieldset>
        {replaying.error === null ? null : <Problem error={replaying.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={replaying.isPending || which.length === 0}>
            {replaying.isPending ? words.replaying : words.replayAct}
          </button>
          <span role="status">
            {replaying.data === undefined
              ? ''
              : words.replayed(format.number(replaying.data.deliveries), replaying.data.deliveries)}
          </span>
        </p>
      </form>
    </section>
  );
}
