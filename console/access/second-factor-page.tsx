import type { Session } from '../../server/access/contract.ts';
import { useEnter } from '../frame/session.ts';
import { useWords } from '../language/language.ts';
import { factorWords } from './factor-words.ts';
import { Outside } from './outside.tsx';
import { ShowFactor } from './show-factor.tsx';

/** The second step of signing in. */
export function SecondFactorPage({ session }: { session: Session }) {
  const words = useWords(factorWords);
  const enter = useEnter();
  return (
    <Outside title={words.title} session={session}>
      <p className="prose">{words.text}</p>
      <ShowFactor factors={session.factors} onShown={enter} />
    </Outside>
  );
}
