import { useMutation } from '@tanstack/react-query';
import { exportOwnData } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { saveFile } from '../look/save-file.ts';
import { accountWords } from './account-words.ts';
import { useRecordName } from './record-names.ts';

/** Everything Kept holds about the person, as a file, at once. */
export function OwnData() {
  const words = useWords(accountWords).data;
  const format = useFormat();
  const nameOf = useRecordName();
  const exporting = useMutation({
    mutationFn: (as: 'json' | 'csv') => call(exportOwnData, { query: { format: as } }),
    onSuccess: ({ fileName, mediaType, content }) => saveFile(fileName, mediaType, content),
  });
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      <p className="row-of-acts">
        {(['json', 'csv'] as const).map((as) => (
          <button
            key={as}
            type="button"
            className="button"
            disabled={exporting.isPending}
            onClick={() => exporting.mutate(as)}
          >
            {exporting.isPending && exporting.variables === as ? words.exporting : words[as]}
          </button>
        ))}
      </p>
      <div role="status">
        {exporting.data === undefined ? null : (
          <>
            <p className="records">{words.exported(exporting.data.fileName)}</p>
            <dl className="facts records">
              {Object.entries(exporting.data.records).map(([kind, count]) => (
                <div key={kind} className="provider-fact">
                  <dt>{nameOf(kind)}</dt>
                  <dd className="figures">{format.number(count)}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </div>
      {exporting.error === null ? null : <Problem error={exporting.error} reading />}
    </section>
  );
}
