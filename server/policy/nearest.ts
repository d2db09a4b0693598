import { distance } from 'fastest-levenshtein';

/**
 * Known names near an unknown one, best first, at most `limit`. Near means: at most a third of the longer
 * name has to change, or one begins with the other, so that a guess is worth showing.
 */
export function nearestNames(name: string, known: Iterable<string>, limit = 3): string[] {
  const wanted = name.toLowerCase();
  const scored: { candidate: string; score: number }[] = [];
  for (const candidate of new Set(known)) {
    const other = candidate.toLowerCase();
    // Letters in another order are one slip of the fingers, not two.
    const edits = lettersOf(wanted) === lettersOf(other) ? 0.5 : distance(wanted, other);
    const longer = Math.max(wanted.length, other.length);
    const begins = wanted.length >= 3 && other.length >= 3 && (other.startsWith(wanted) || wanted.startsWith(other));
    if (edits <= Math.max(2, Math.ceil(longer / 3)) && edits < longer) scored.push({ candidate, score: edits });
    else if (begins) scored.push({ candidate, score: longer });
  }
  scored.sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1));
  return scored.slice(0, limit).map((entry) => entry.candidate);
}

function lettersOf(name: string): string {
  return [...name].sort().join('');
}
