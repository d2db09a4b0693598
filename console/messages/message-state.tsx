import type { MessageState } from '../../server/messages/contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { useWords } from '../language/language.ts';
import { Marked } from '../policy/status.tsx';
import { messagesWords } from './words.ts';

const shapes: Readonly<Record<MessageState, Status>> = {
  queued: 'due',
  sent: 'kept',
  bounced: 'broken',
  failed: 'broken',
};

export function MessageMark({ state }: { state: MessageState }) {
  return <Marked as={shapes[state]}>{useWords(messagesWords).states[state]}</Marked>;
}
