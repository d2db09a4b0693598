import { useState } from 'react';
import { useWords } from '../language/language.ts';
import { saveFile } from '../look/save-file.ts';
import { factorWords } from './factor-words.ts';
import './factors.css';

/** Recovery codes, shown once: to copy, print or save. The page goes on when the person says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const words = useWords(factorWords).codes;
  const [isCopied, setIsCopied] = useState(false);
  const text = `${words.fileHead}\n\n${codes.join('\n')}\n`;
  return (
    <section className="recovery-codes" aria-label={words.list}>
      <p className="prose">{words.text}</p>
      <ol>
        {codes.map((code) => (
          <li key={code} className="mono">
            {code}
          </li>
        ))}
      </ol>
      <p className="row-of-acts">
        {navigator.clipboard === undefined ? null : (
          <button
            type="button"
            className="button"
            onClick={() => void navigator.clipboard.writeText(codes.join('\n')).then(() => setIsCopied(true))}
          >
            {words.copy}
          </button>
        )}
        <button type="button" className="button" onClick={() => window.print()}>
          {words.print}
        </button>
        <button type="button" className="button" onClick={() => saveFile(words.fileName, 'text/plain', text)}>
          {words.save}
        </button>
        <span role="status" className="faint">
          {isCopied ? words.copied : ''}
        </span>
      </p>
      <p className="row-of-acts">
        <button type="button" className="button first" onClick={onKept}>
          {words.kept}
        </button>
      </p>
    </section>
  );
}
