import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { makePlan } from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { startOfDay, useZone } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { retentionWords } from './words.ts';

/** What would go on date D: a plan that is counted and never carried out. */
export function LookAhead() {
  const words = useWords(retentionWords).ahead;
  const navigate = useNavigate();
  const zone = useZone();
  const id = useId();
  const [date, setDate] = useState('');
  const looking = useMutation({
    mutationFn: () => call(makePlan, { body: { at: startOfDay(date, zone) } }),
    onSuccess: (plan) => navigate({ to: '/retention/plans/$plan', params: { plan: plan.id } }),
  });
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      <form
        className="row-of-acts"
        onSubmit={(event) => {
          event.preventDefault();
          looking.mutate();
        }}
      >
        <label htmlFor={id}>{words.date}</label>
        <input
          id={id}
          type="date"
          className="input short"
          required
          value={date}
          onChange={(event) => setDate(event.target.value)}
        />
        <button type="submit" className="button" disabled={looking.isPending}>
          {looking.isPending ? words.asking : words.ask}
        </button>
      </form>
      {looking.error === null ? null : <Problem error={looking.error} reading />}
    </section>
  );
}
