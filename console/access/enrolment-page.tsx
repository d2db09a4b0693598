import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Session } from '../../server/access/contract.ts';
import { sessionQuery } from '../frame/session.ts';
import { useWords } from '../language/language.ts';
import { EnrolApp, EnrolPasskey } from './enrol-factor.tsx';
import { factorWords } from './factor-words.ts';
import { Outside } from './outside.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

/** Where a role or an organisation demands a second factor of somebody who has none. */
export function EnrolmentPage({ session }: { session: Session }) {
  const words = useWords(factorWords);
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>();
  const goOn = () => client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  const enrolled = (given: readonly string[]) => (given.length === 0 ? void goOn() : setCodes(given));
  if (codes !== undefined) {
    return (
      <Outside title={words.codes.title}>
        <RecoveryCodes codes={codes} onKept={() => void goOn()} />
      </Outside>
    );
  }
  return (
    <Outside title={words.enrol.title} session={session}>
      <p className="prose">{words.enrol.why}</p>
      <div>
        <section className="factor-choice">
          <h2>{words.enrol.app}</h2>
          <p>{words.enrol.appText}</p>
          <EnrolApp label={words.enrol.appAct} onEnrolled={enrolled} />
        </section>
        <section className="factor-choice">
          <h2>{words.enrol.passkey}</h2>
          <p>{words.enrol.passkeyText}</p>
          <EnrolPasskey label={words.enrol.passkeyAct} onEnrolled={enrolled} />
        </section>
      </div>
    </Outside>
  );
}
