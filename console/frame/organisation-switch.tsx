import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { chooseOrganisation, type Session } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { useWords } from '../language/language.ts';
import { Problem } from './problem.tsx';
import { useEnter } from './session.ts';
import { frameWords } from './words.ts';

/** The organisation that is being looked at; who belongs to several opens the list and turns to another. */
export function OrganisationSwitch({ session }: { session: Session }) {
  const words = useWords(frameWords);
  const enter = useEnter();
  const navigate = useNavigate();
  const list = useRef<HTMLDetailsElement>(null);
  const turning = useMutation({
    mutationFn: (organisation: NonNullable<Session['organisation']>['id']) =>
      call(chooseOrganisation, { body: { organisation } }),
    onSuccess: async (turned) => {
      if (list.current !== null) list.current.open = false;
      // What the address names may not exist there.
      await navigate({ to: '/policy', search: {} });
      enter(turned);
    },
  });
  const name = session.organisation?.name ?? '';
  const others = session.organisations.filter(({ organisation }) => organisation.id !== session.organisation?.id);
  if (others.length === 0) return <span className="organisation">{name}</span>;
  return (
    <details className="organisations" ref={list}>
      <summary>
        <span className="hidden">{words.otherOrganisation(name)}</span>
        <span aria-hidden="true">{turning.isPending ? words.turning : name}</span>
      </summary>
      <ul>
        {others.map(({ organisation }) => (
          <li key={organisation.id}>
            <button
              type="button"
              className="button plain"
              disabled={turning.isPending}
              onClick={() => turning.mutate(organisation.id)}
            >
              {organisation.name}
            </button>
          </li>
        ))}
      </ul>
      {turning.error === null ? null : <Problem error={turning.error} />}
    </details>
  );
}
