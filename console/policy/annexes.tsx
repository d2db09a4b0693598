import { Link } from '@tanstack/react-router';
import type { PolicyPage as Document } from '../../server/policy/contract.ts';
import { useLanguage, useWords } from '../language/language.ts';
import { LocalisedText } from '../language/localised.tsx';
import { SetTable } from '../look/set-table.tsx';
import { citeBasis } from './cite.ts';
import { policyWords } from './words.ts';

/** The annexes: what data the policy speaks of, and what it is used for on which bases. */
export function Annexes({ page }: { page: Document }) {
  const words = useWords(policyWords);
  const language = useLanguage();
  const subjects = new Map(page.subjects.map(({ subject, title }) => [subject, title]));
  const data = new Map(page.data.map((each) => [each.data, each.title]));
  return (
    <div className="annexes">
      <section aria-labelledby="annex-data">
        <h2 id="annex-data">{words.annexData}</h2>
        <p className="prose">{words.annexDataText}</p>
        <SetTable
          label={words.annexData}
          rows={page.data}
          keyOf={(row) => row.data}
          columns={[
            { head: words.category, isHead: true, cell: (row) => <LocalisedText text={row.title} /> },
            { head: words.subject, cell: (row) => <LocalisedText text={subjects.get(row.of) ?? { en: row.of }} /> },
            { head: words.role, cell: (row) => words.roles[row.role] },
            { head: words.holds, cell: (row) => row.holds.map(spoken).join(', ') || words.none },
          ]}
        />
      </section>
      <section aria-labelledby="annex-purposes">
        <h2 id="annex-purposes">{words.annexPurposes}</h2>
        <p className="prose">{words.annexPurposesText}</p>
        <SetTable
          label={words.annexPurposes}
          rows={page.purposes}
          keyOf={(row) => row.purpose}
          columns={[
            { head: words.purpose, isHead: true, cell: (row) => <LocalisedText text={row.title} /> },
            {
              head: words.basis,
              cell: (row) => (
                <ul>
                  {Object.entries(row.basis).map(([regime, basis]) => (
                    <li key={regime}>{citeBasis(regime, basis, language)}</li>
                  ))}
                </ul>
              ),
            },
            {
              head: words.usesData,
              cell: (row) =>
                row.data.map((key, at) => (
                  <span key={key}>
                    {at === 0 ? null : ', '}
                    <LocalisedText text={data.get(key) ?? { en: spoken(key) }} />
                  </span>
                )),
            },
          ]}
        />
      </section>
      <p className="annex-versions">
        <Link to="/policy/versions">{words.versions}</Link>
      </p>
    </div>
  );
}

/** A key as it is read aloud: 'message-content' is 'message content'. */
function spoken(key: string): string {
  return key.replaceAll('-', ' ');
}
