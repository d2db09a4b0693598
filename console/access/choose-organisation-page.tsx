import { useMutation } from '@tanstack/react-query';
import { chooseOrganisation, type Session } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useEnter } from '../frame/session.ts';
import { useWords } from '../language/language.ts';
import { DeleteAccount } from './delete-account.tsx';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';
import { OwnData } from './own-data.tsx';
import { rolesWords } from './roles-words.ts';

type OrganisationId = Session['organisations'][number]['organisation']['id'];

/** Where somebody who belongs to several organisations begins. */
export function ChooseOrganisationPage({ session }: { session: Session }) {
  const words = useWords(joiningWords).choose;
  const { names } = useWords(rolesWords);
  const enter = useEnter();
  const choosing = useMutation({
    mutationFn: (organisation: OrganisationId) => call(chooseOrganisation, { body: { organisation } }),
    onSuccess: enter,
  });
  if (session.organisations.length === 0) {
    return (
      <Outside title={words.none} session={session}>
        <p className="prose">{words.noneText}</p>
        <OwnData />
        <DeleteAccount />
      </Outside>
    );
  }
  return (
    <Outside title={words.title} session={session}>
      <p className="prose">{words.text}</p>
      <ul className="organisation-list">
        {session.organisations.map(({ organisation, role }) => (
          <li key={organisation.id}>
            <button type="button" disabled={choosing.isPending} onClick={() => choosing.mutate(organisation.id)}>
              <span className="organisation-name">{organisation.name}</span>
              <span className="faint">
                {choosing.isPending && choosing.variables === organisation.id ? words.pending : names[role]}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {choosing.error === null ? null : <Problem error={choosing.error} />}
    </Outside>
  );
}
