import { useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { frameWords } from './words.ts';

/** A secret that was just made; nobody can show it again. It stays until the person says that they have kept it. */
export function ShownOnce({
  title,
  text,
  secret,
  label,
  done,
  onKept,
}: {
  title: string;
  /** Where it is used and that it is not shown again. */
  text: string;
  secret: string;
  /** What it is, for those who hear the page. */
  label: string;
  done: string;
  onKept: () => void;
}) {
  const words = useWords(frameWords);
  const id = useId();
  const [isCopied, setIsCopied] = useState(false);
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), []);
  return (
    <section ref={section} tabIndex={-1} className="shown-once" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="explains">{text}</p>
      <Source text={secret} label={label} wraps />
      <p className="row-of-acts">
        {navigator.clipboard === undefined ? null : (
          <button
            type="button"
            className="button"
            onClick={() => void navigator.clipboard.writeText(secret).then(() => setIsCopied(true))}
          >
            {words.copy}
          </button>
        )}
        <button type="button" className="button first" onClick={onKept}>
          {done}
        </button>
        <span role="status" className="faint">
          {isCopied ? words.copied : ''}
        </span>
      </p>
    </section>
  );
}
