import { distance } from 'fastest-levenshtein';

/** The names most like the one that was not found, best first: at most three, and none that is mostly different. */
export function nearestNames(wanted: string, names: Iterable<string>): readonly string[] {
  const asked = wanted.toLowerCase();
  return [...new Set(names)]
    .map((name) => ({ name, edits: distance(asked, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(2, Math.floor(Math.max(asked.length, name.length) * 0.4)))
    .sort((one, other) => one.edits - other.edits || (one.name < other.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}
