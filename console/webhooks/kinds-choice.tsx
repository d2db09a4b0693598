import { useState } from 'react';
import { type EntryKind, entryKinds, entryKindTable } from '../../server/ledger/kinds-contract.ts';
import { useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { webhooksWords } from './words.ts';

/** Which kinds of ledger entries a subscription hears of: all, or some that are looked up by name. */
export function KindsChoice({
  kinds,
  onChange,
}: {
  /** Null for all. */
  kinds: readonly EntryKind[] | null;
  onChange: (kinds: readonly EntryKind[] | null) => void;
}) {
  const words = useWords(webhooksWords).make;
  const language = useLanguage();
  const format = useFormat();
  const [sought, setSought] = useState('');
  const wanted = sought.trim().toLowerCase();
  const shown = entryKinds.filter((kind) =>
    `${kind} ${entryKindTable[kind].label[language]}`.toLowerCase().includes(wanted),
  );
  return (
    <fieldset>
      <legend>{words.kinds}</legend>
      <label className="choice">
        <input type="radio" name="kinds" checked={kinds === null} onChange={() => onChange(null)} />
        {words.every}
      </label>
      <label className="choice">
        <input type="radio" name="kinds" checked={kinds !== null} onChange={() => onChange(kinds ?? [])} />
        {words.some}
      </label>
      {kinds === null ? null : (
        <div className="kinds">
          <p className="row-of-acts">
            <input
              type="search"
              className="input short"
              aria-label={words.find}
              placeholder={words.find}
              value={sought}
              onChange={(event) => setSought(event.target.value)}
            />
            <span className="faint" role="status">
              {words.chosen(format.number(kinds.length))}
            </span>
          </p>
          <ul>
            {shown.map((kind) => (
              <li key={kind}>
                <label className="choice">
                  <input
                    type="checkbox"
                    checked={kinds.includes(kind)}
                    onChange={(event) =>
                      onChange(event.target.checked ? [...kinds, kind] : kinds.filter((each) => each !== kind))
                    }
                  />
                  <span>
                    {entryKindTable[kind].label[language]} <code className="faint">{kind}</code>
                  </span>
                </label>
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
}
