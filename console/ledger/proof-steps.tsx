import type { Status } from '../../server/policy/contract.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { StatusShape } from '../policy/status.tsx';
import type { Proof, ProofStep } from './prove.ts';
import { ledgerWords } from './words.ts';

const shapes: Readonly<Record<ProofStep['state'], Status>> = {
  holds: 'kept',
  fails: 'broken',
  'not-reached': 'unproven',
};

/** A proof step by step: leaf, path, root, signature, each with what was computed. */
export function ProofSteps({ proof }: { proof: Proof }) {
  const words = useWords(ledgerWords).proof;
  const format = useFormat();
  return (
    <>
      <p className={`verdict ${proof.valid ? 'kept' : 'broken'}`} role="status">
        <StatusShape status={proof.valid ? 'kept' : 'broken'} />
        {proof.valid ? words.proven(format.number(proof.index ?? 0), format.number(proof.size ?? 0)) : words.notProven}
      </p>
      <p className="faint">{words.checkedHere}</p>
      <ol className="proof-steps">
        {proof.steps.map((step, at) => (
          <li key={step.name}>
            <span className="number">{format.number(at + 1)}</span>
            <div>
              <h3>{words.steps[step.name]}</h3>
              {step.reason === null ? null : <p className="broken">{words.reasons[step.reason]}</p>}
              {step.state === 'not-reached' ? null : <Computed proof={proof} step={step} />}
            </div>
            <p className={`status ${shapes[step.state]}`}>
              <StatusShape status={shapes[step.state]} />
              {words.states[step.state]}
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}

function Computed({ proof, step }: { proof: Proof; step: ProofStep }) {
  const words = useWords(ledgerWords).proof;
  const format = useFormat();
  switch (step.name) {
    case 'leaf':
      return proof.leafHash === null ? null : <p className="mono hash">SHA-256(0x00 ‖ leaf) = {proof.leafHash}</p>;
    case 'path':
      return proof.levels.length === 0 ? null : (
        <details className="figures-of">
          <summary>
            {words.levels(proof.levels.length)}. {words.showLevels}
          </summary>
          <SetTable
            label={words.steps.path}
            rows={proof.levels.map((level, at) => ({ ...level, number: at + 1 }))}
            keyOf={(level) => String(level.number)}
            columns={[
              {
                head: words.level,
                isHead: true,
                cell: (level) => `${format.number(level.number)}, ${words.side[level.side]}`,
              },
              { head: words.neighbour, cell: (level) => <span className="mono hash">{level.neighbour}</span> },
              { head: words.hash, cell: (level) => <span className="mono hash">{level.hash}</span> },
            ]}
          />
        </details>
      );
    case 'root':
      return (
        <p className="mono hash">
          {proof.reached} <span className="faint">{words.reached}</span>
          <br />
          {proof.signedRoot} <span className="faint">{words.signed}</span>
        </p>
      );
    case 'signature':
      return (
        <p className="mono hash">
          Ed25519 {words.by} {proof.log}+{proof.keyId}
        </p>
      );
  }
}
