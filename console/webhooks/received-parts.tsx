import type { Status } from '../../server/policy/contract.ts';
import type { Received } from '../../server/webhooks/endpoints-contract.ts';
import { useWords } from '../language/language.ts';
import { Marked } from '../policy/status.tsx';
import { inboundWords } from './inbound-words.ts';

const shapes: Readonly<Record<Received['state'], Status>> = {
  waiting: 'due',
  mapped: 'kept',
  unmapped: 'unproven',
  failed: 'broken',
  unreadable: 'broken',
};

export function ReceivedMark({ state }: { state: Received['state'] }) {
  return <Marked as={shapes[state]}>{useWords(inboundWords).states[state]}</Marked>;
}

/** Where rules that applied could not be carried out. */
export function Troubles({ of: troubles }: { of: Received['trouble'] }) {
  const words = useWords(inboundWords).troubles;
  return (
    <ul>
      {troubles.map(({ rule, field, code, at }) => (
        <li key={`${rule} ${field} ${at}`}>
          <code>{rule}</code> {field} ← <code>{at}</code>: {words[code]}
        </li>
      ))}
    </ul>
  );
}
