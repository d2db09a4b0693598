import { useQuery } from '@tanstack/react-query';
import type { Actor } from '../../server/platform/contract.ts';
import { useWords } from '../language/language.ts';
import { sessionQuery } from './session.ts';
import { frameWords } from './words.ts';

/** Who acted: 'you', Kept itself, or a person or key by the end of its opaque id. */
export function ActorName({ actor }: { actor: Actor }) {
  const words = useWords(frameWords).actor;
  const session = useQuery(sessionQuery);
  const self = session.data?.actor;
  if (self?.kind === actor.kind && self.id === actor.id) return words.you;
  if (actor.kind === 'system') return words.system;
  return (
    <>
      {words[actor.kind]}{' '}
      <span className="mono faint" title={actor.id}>
        {actor.id.length > 12 ? `…${actor.id.slice(-6)}` : actor.id}
      </span>
    </>
  );
}
