import { Link } from '@tanstack/react-router';
import { useWords } from '../language/language.ts';
import { membersWords } from './members-words.ts';

/** Members and invitations are two lists of one thing. */
export function PeopleTabs({ current }: { current: 'members' | 'invitations' }) {
  const words = useWords(membersWords);
  return (
    <nav className="page-tabs" aria-label={words.which}>
      <Link to="/settings/members" aria-current={current === 'members' ? 'page' : undefined}>
        {words.people}
      </Link>
      <Link to="/settings/invitations" aria-current={current === 'invitations' ? 'page' : undefined}>
        {words.invitations}
      </Link>
    </nav>
  );
}
