import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { replayRange } from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';
import { useFormat, useZone } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { RangeForm, rangeOf } from './range-form.tsx';
import { webhooksWords } from './words.ts';

const states = ['failed', 'delivered', 'skipped'] as const;

/** Sends the deliveries of a time once more. */
export function Replay({ subscription }: { subscription: string }) {
  const words = useWords(webhooksWords).one;
  const format = useFormat();
  const zone = useZone();
  const client = useQueryClient();
  const [days, setDays] = useState({ from: '', to: '' });
  const [which, setWhich] = useState<readonly (typeof states)[number][]>(['failed']);
  const replaying = useMutation({
    mutationFn: () => {
      const [since, until] = rangeOf(days, zone);
      return call(replayRange, { params: { subscription }, body: { since, until, states: [...which] } });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  const count = replaying.data?.deliveries;
  return (
    <section className="part">
      <h2>{words.replay}</h2>
      <p className="explains">{words.replayText}</p>
      <RangeForm
        days={days}
        onDays={setDays}
        options={states.map((state) => ({ value: state, word: words.whichStates[state] }))}
        chosen={which}
        onChosen={setWhich}
        act={words.replayAct}
        doing={replaying}
        done={count === undefined ? '' : words.replayed(format.number(count), count)}
      />
    </section>
  );
}
