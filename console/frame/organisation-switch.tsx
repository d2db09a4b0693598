import { lazy, Suspense, useState } from 'react';
import type { Session } from '../../server/access/contract.ts';
import { useWords } from '../language/language.ts';
import { frameWords } from './words.ts';

const OrganisationList = lazy(() =>
  import('./organisation-list.tsx').then((list) => ({ default: list.OrganisationList })),
);

/** The organisation that is being looked at; who belongs to several opens the list and turns to another. */
export function OrganisationSwitch({ session }: { session: Session }) {
  const words = useWords(frameWords);
  const [isOpen, setIsOpen] = useState(false);
  const name = session.organisation?.name ?? '';
  const others = session.organisations.filter(({ organisation }) => organisation.id !== session.organisation?.id);
  if (others.length === 0) return <span className="organisation">{name}</span>;
  return (
    <details className="organisations" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <span className="hidden">{words.otherOrganisation(name)}</span>
        <span aria-hidden="true">{name}</span>
      </summary>
      {isOpen ? (
        <Suspense>
          <OrganisationList others={others} onTurned={() => setIsOpen(false)} />
        </Suspense>
      ) : null}
    </details>
  );
}
