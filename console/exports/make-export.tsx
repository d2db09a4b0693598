import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ExportFormat, type ExportKindShown, makeExport } from '../../server/exports/contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { dayAfter, startOfDay, useZone } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { exportKindsQuery } from './queries.ts';
import { exportsWords } from './words.ts';

/** The form that asks for an export: what, as what, and of which time where the kind can be narrowed down to one. */
export function MakeExport() {
  const words = useWords(exportsWords);
  const query = useQuery(exportKindsQuery);
  return (
    <section className="part">
      <h2>{words.make}</h2>
      <p className="explains">{words.makeText}</p>
      <Loaded query={query} what={words.kind}>
        {({ items }) => {
          const [first] = items;
          return first === undefined ? <p className="faint">{words.noKinds}</p> : <Form kinds={items} first={first} />;
        }}
      </Loaded>
    </section>
  );
}

function Form({ kinds, first }: { kinds: readonly ExportKindShown[]; first: ExportKindShown }) {
  const words = useWords(exportsWords);
  const language = useLanguage();
  const zone = useZone();
  const client = useQueryClient();
  const [chosen, setChosen] = useState(first.kind);
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [range, setRange] = useState({ from: '', to: '' });
  const kind = kinds.find((each) => each.kind === chosen) ?? first;
  const [given = 'csv'] = kind.formats;
  const wanted = kind.formats.includes(format) ? format : given;
  const hasTime = takes(kind, 'from') && takes(kind, 'to');
  const making = useMutation({
    mutationFn: () =>
      call(makeExport, {
        body: {
          kind: kind.kind,
          format: wanted,
          parameters: {
            ...(hasTime && range.from !== '' && { from: startOfDay(range.from, zone) }),
            ...(hasTime && range.to !== '' && { to: startOfDay(dayAfter(range.to), zone) }),
          },
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['exports'] }),
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!making.isPending) making.mutate();
      }}
    >
      <Field label={words.kind}>
        {(id) => (
          <select id={id} className="input" value={kind.kind} onChange={(event) => setChosen(event.target.value)}>
            {kinds.map((each) => (
              <option key={each.kind} value={each.kind}>
                {each.title[language]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <fieldset>
        <legend>{words.format}</legend>
        {kind.formats.map((each) => (
          <label key={each} className="choice">
            <input type="radio" name="format" checked={wanted === each} onChange={() => setFormat(each)} />
            {words.formats[each]}
          </label>
        ))}
      </fieldset>
      {hasTime ? (
        <div className="row-of-acts">
          {(['from', 'to'] as const).map((end) => (
            <Field key={end} label={words[end]}>
              {(id) => (
                <input
                  id={id}
                  type="date"
                  className="input short"
                  min={end === 'to' ? range.from : undefined}
                  value={range[end]}
                  onChange={(event) => setRange((before) => ({ ...before, [end]: event.target.value }))}
                />
              )}
            </Field>
          ))}
        </div>
      ) : null}
      {making.error === null ? null : <Problem error={making.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={making.isPending}>
          {making.isPending ? words.pending : words.act}
        </button>
        <span role="status">{making.isSuccess ? words.queued : ''}</span>
      </p>
    </form>
  );
}

/** Whether the kind's JSON Schema knows a parameter of this name. */
function takes({ parameters }: ExportKindShown, name: string): boolean {
  if (typeof parameters !== 'object' || parameters === null || !('properties' in parameters)) return false;
  const { properties } = parameters;
  return typeof properties === 'object' && properties !== null && name in properties;
}
