import { useId, useState } from 'react';
import { useWords } from '../language/language.ts';
import { ProofSteps } from './proof-steps.tsx';
import { type Proof, proveReceipt } from './prove.ts';
import { ledgerWords } from './words.ts';

/** Checks any receipt against this log's key, here and without sending it anywhere. */
export function CheckReceipt({ publicKey }: { publicKey: string }) {
  const all = useWords(ledgerWords);
  const words = all.checkpoint;
  const id = useId();
  const [text, setText] = useState('');
  const [proof, setProof] = useState<Proof>();
  const [isNotJson, setIsNotJson] = useState(false);
  async function check() {
    const receipt = jsonOf(text);
    setIsNotJson(receipt === undefined);
    setProof(receipt === undefined ? undefined : await proveReceipt(receipt, publicKey));
  }
  return (
    <section className="part">
      <h2>{words.check}</h2>
      <p className="explains">{window.isSecureContext ? words.checkText : all.proof.insecure}</p>
      <form
        className="hold-form"
        onSubmit={(event) => {
          event.preventDefault();
          void check();
        }}
      >
        <div className="field">
          <label htmlFor={`${id}-file`}>{words.file}</label>
          <input
            id={`${id}-file`}
            type="file"
            accept="application/json,.json"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file !== undefined) void file.text().then(setText);
            }}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-text`}>{words.receipt}</label>
          <textarea
            id={`${id}-text`}
            className="input mono"
            spellCheck={false}
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={!window.isSecureContext}>
            {words.checkButton}
          </button>
        </p>
        {isNotJson ? (
          <p className="broken" role="alert">
            {words.notJson}
          </p>
        ) : null}
      </form>
      {proof === undefined ? null : (
        <div className="proof">
          <ProofSteps proof={proof} />
        </div>
      )}
    </section>
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
