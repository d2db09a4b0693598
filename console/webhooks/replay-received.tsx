import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { replayReceivedRange } from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';
import { useFormat, useZone } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { inboundWords } from './inbound-words.ts';
import { RangeForm, rangeOf } from './range-form.tsx';

const states = ['unmapped', 'failed', 'mapped'] as const;

/** Maps what came in a time once more. */
export function ReplayReceived({ endpoint }: { endpoint: string }) {
  const all = useWords(inboundWords);
  const words = all.one;
  const format = useFormat();
  const zone = useZone();
  const client = useQueryClient();
  const [days, setDays] = useState({ from: '', to: '' });
  const [which, setWhich] = useState<readonly (typeof states)[number][]>(['unmapped', 'failed']);
  const replaying = useMutation({
    mutationFn: () => {
      const [from, to] = rangeOf(days, zone);
      return call(replayReceivedRange, { params: { endpoint }, body: { from, to, states: [...which] } });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <section className="part">
      <h2>{words.replay}</h2>
      <p className="explains">{words.replayText}</p>
      <RangeForm
        days={days}
        onDays={setDays}
        options={states.map((state) => ({ value: state, word: all.states[state] }))}
        chosen={which}
        onChosen={setWhich}
        act={words.replayAct}
        doing={replaying}
        done={
          replaying.data === undefined ? '' : words.replayed(format.number(replaying.data.count), replaying.data.count)
        }
      />
    </section>
  );
}
