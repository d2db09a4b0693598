import { Link } from '@tanstack/react-router';
import { useWords } from '../language/language.ts';
import { frameWords } from './words.ts';

/**
 * The way to older pages of a list, and back to the newest; both keep the filter that is in the address.
 * @param after the cursor of this page, undefined on the newest
 * @param next the cursor of the page after it, null on the last
 */
export function Pager({ after, next }: { after: string | undefined; next: string | null }) {
  const words = useWords(frameWords);
  if (after === undefined && next === null) return null;
  return (
    <nav className="pager" aria-label={words.pages}>
      {after === undefined ? null : (
        <Link to="." search={(before) => ({ ...before, after: undefined })}>
          ← {words.first}
        </Link>
      )}
      {next === null ? null : (
        <Link to="." search={(before) => ({ ...before, after: next })}>
          {words.next} →
        </Link>
      )}
    </nav>
  );
}
