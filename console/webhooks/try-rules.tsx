import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { tryRules } from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { inboundWords } from './inbound-words.ts';
import { Troubles } from './received-parts.tsx';
import { type RuleDraft, ruleOf } from './rule-draft.ts';

type Tried = (typeof tryRules.answer)['_output'];

/** What the rules as they stand in the form would make of an example. */
export function TryRules({ endpoint, drafts }: { endpoint: string; drafts: readonly RuleDraft[] }) {
  const words = useWords(inboundWords).trial;
  const [body, setBody] = useState('');
  const [headers, setHeaders] = useState('');
  const trying = useMutation({
    mutationFn: () =>
      call(tryRules, {
        params: { endpoint },
        body: {
          rules: drafts.map(ruleOf),
          example: { from: 'text', body, headers: headersOf(headers) },
        },
      }),
  });
  return (
    <details className="trial figures-of">
      <summary>{words.title}</summary>
      <p className="explains">{words.text}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!trying.isPending) trying.mutate();
        }}
      >
        <Field label={words.body}>
          {(id) => (
            <textarea
              id={id}
              className="input mono"
              required
              spellCheck={false}
              value={body}
              onChange={(event) => setBody(event.target.value)}
            />
          )}
        </Field>
        <Field label={words.headers}>
          {(id) => (
            <textarea
              id={id}
              className="input mono"
              spellCheck={false}
              value={headers}
              onChange={(event) => setHeaders(event.target.value)}
            />
          )}
        </Field>
        {trying.error === null ? null : <Problem error={trying.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={trying.isPending}>
            {trying.isPending ? words.pending : words.act}
          </button>
        </p>
      </form>
      <div role="status">{trying.data === undefined ? null : <Result of={trying.data} />}</div>
    </details>
  );
}

function Result({ of: tried }: { of: Tried }) {
  const all = useWords(inboundWords);
  const words = all.trial;
  const format = useFormat();
  return (
    <>
      {tried.events.length === 0 ? (
        <p>{words.nothing}</p>
      ) : (
        <>
          <h3>{words.events}</h3>
          <ul>
            {tried.events.map((event) => (
              <li key={`${event.rule} ${event.type} ${event.about}`}>
                {all.rules.events[event.type]}: {words.about} <code>{event.about}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      {tried.trouble.length === 0 ? null : (
        <>
          <h3>{words.trouble}</h3>
          <Troubles of={tried.trouble} />
        </>
      )}
      <ul className="faint">
        {tried.rules.map(({ rule, applied, failedCondition }) => (
          <li key={rule}>
            {failedCondition === null
              ? words.applied(rule, format.number(applied), applied)
              : words.held(rule, format.number(failedCondition + 1))}
          </li>
        ))}
        <li>
          {words.senderId}: {tried.senderId === null ? words.byBody : <code>{tried.senderId}</code>}
        </li>
      </ul>
    </>
  );
}

/** `name: value`, one a line. */
function headersOf(text: string): { name: string; value: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}
