import { useEffect, useRef, useState } from 'react';
import { useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { accessKeysWords } from './access-keys-words.ts';

/** The text of a key that was just made; nobody can show it again. */
export function NewKey({
  made,
  onKept,
}: {
  made: { readonly name: string; readonly key: string };
  onKept: () => void;
}) {
  const words = useWords(accessKeysWords);
  const [isCopied, setIsCopied] = useState(false);
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), []);
  return (
    <section ref={section} tabIndex={-1} className="new-key" aria-labelledby="new-key">
      <h2 id="new-key">{words.shown}</h2>
      <p className="explains">{words.shownText(made.name)}</p>
      <Source text={made.key} label={words.key} wraps />
      <p className="row-of-acts">
        {navigator.clipboard === undefined ? null : (
          <button
            type="button"
            className="button"
            onClick={() => void navigator.clipboard.writeText(made.key).then(() => setIsCopied(true))}
          >
            {words.copy}
          </button>
        )}
        <button type="button" className="button first" onClick={onKept}>
          {words.done}
        </button>
        <span role="status" className="faint">
          {isCopied ? words.copied : ''}
        </span>
      </p>
    </section>
  );
}
