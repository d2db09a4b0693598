import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Session } from '../../server/access/contract.ts';
import { sendVerification } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { sessionQuery } from '../frame/session.ts';
import { useWords } from '../language/language.ts';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';

/** Until the link in the mail was opened, a session can do nothing but wait for it. */
export function VerificationOwedPage({ session }: { session: Session }) {
  const words = useWords(joiningWords).verification;
  const client = useQueryClient();
  const sending = useMutation({ mutationFn: () => call(sendVerification) });
  return (
    <Outside title={words.title} session={session}>
      <p className="prose">{words.owedText(session.person?.email ?? '')}</p>
      {sending.error === null ? null : <Problem error={sending.error} />}
      <p className="row-of-acts">
        <button
          type="button"
          className="button first"
          onClick={() => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })}
        >
          {words.looked}
        </button>
        <button type="button" className="button" disabled={sending.isPending} onClick={() => sending.mutate()}>
          {sending.isPending ? words.sending : words.again}
        </button>
        <span role="status" className="faint">
          {sending.isSuccess ? words.sent : ''}
        </span>
      </p>
    </Outside>
  );
}
