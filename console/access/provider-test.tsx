import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Provider, testProvider } from '../../server/access/providers-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { StatusShape } from '../policy/status.tsx';
import { providersWords } from './providers-words.ts';

type Step = (typeof testProvider.answer)['_output']['steps'][number];

const shapes: Readonly<Record<Step['state'], Status>> = { passed: 'kept', failed: 'broken', 'not-tried': 'unproven' };

/** Whether the provider can be used, step by step; and the way to try it as a member would. */
export function ProviderTest({ provider }: { provider: Provider }) {
  const words = useWords(providersWords);
  const client = useQueryClient();
  const testing = useMutation({
    mutationFn: () => call(testProvider, { params: { provider: provider.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['access', 'providers'] }),
  });
  return (
    <>
      {testing.data === undefined ? null : (
        <ol className="provider-test" aria-label={words.test}>
          {testing.data.steps.map((step) => (
            <li key={step.code}>
              <span>{words.steps[step.code]?.[0] ?? step.code}</span>
              <span className={`status ${shapes[step.state]}`}>
                <StatusShape status={shapes[step.state]} />
                {words.states[step.state]}
              </span>
              {step.detail === null ? null : <span className="detail mono faint">{step.detail}</span>}
              {step.state === 'failed' ? <span className="detail">{words.steps[step.code]?.[1]}</span> : null}
            </li>
          ))}
        </ol>
      )}
      {testing.error === null ? null : <Problem error={testing.error} />}
      <p className="row-of-acts" aria-live="polite">
        <button type="button" className="button" disabled={testing.isPending} onClick={() => testing.mutate()}>
          {testing.isPending ? words.testing : words.test}
        </button>
        {testing.data === undefined ? null : (
          <a href={testing.data.tryUrl} target="_blank" rel="noreferrer">
            {words.tryIt}
          </a>
        )}
      </p>
    </>
  );
}
