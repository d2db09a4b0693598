import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { verifyEmail } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { sessionQuery } from '../frame/session.ts';
import { useWords } from '../language/language.ts';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';
import { useLinkToken, WithLink } from './with-link.tsx';

/** The link of a verification mail. A press of a button takes it, since mail scanners open links on their own. */
export function VerificationPage() {
  const all = useWords(joiningWords);
  const words = all.verification;
  const token = useLinkToken();
  const client = useQueryClient();
  const verifying = useMutation({
    mutationFn: () => call(verifyEmail, { body: { token } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  if (verifying.isSuccess) {
    return (
      <Outside title={words.done}>
        <p className="prose">{words.doneText}</p>
        <p>
          <Link to="/policy" className="button first">
            {all.toStart}
          </Link>
        </p>
      </Outside>
    );
  }
  return (
    <WithLink token={token} kind="email-verification" title={words.title} invalidText={words.invalidText}>
      {(link) => (
        <Outside title={words.title}>
          <p className="prose">{words.text(link.email ?? '')}</p>
          {verifying.error === null ? null : <Problem error={verifying.error} />}
          <p>
            <button
              type="button"
              className="button first"
              disabled={verifying.isPending}
              onClick={() => verifying.mutate()}
            >
              {verifying.isPending ? words.pending : words.act}
            </button>
          </p>
        </Outside>
      )}
    </WithLink>
  );
}
