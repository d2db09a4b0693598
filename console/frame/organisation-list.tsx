import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { chooseOrganisation, type Session } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from './problem.tsx';
import { useEnter } from './session.ts';

type Others = Session['organisations'];

/** Organisations to turn to, in the rail. */
export function OrganisationList({ others, onTurned }: { others: Others; onTurned: () => void }) {
  const enter = useEnter();
  const navigate = useNavigate();
  const turning = useMutation({
    mutationFn: (organisation: Others[number]['organisation']['id']) =>
      call(chooseOrganisation, { body: { organisation } }),
    onSuccess: async (turned) => {
      onTurned();
      // What the address names may not exist there.
      await navigate({ to: '/policy', search: {} });
      enter(turned);
    },
  });
  return (
    <>
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
    </>
  );
}
