/** A thing to be put in order, and the tables it must come before (its parents). */
export interface Ordered {
  /** `system table`; several steps may share it. */
  readonly place: string;
  /** Places whose rows are pointed at by this one's: they go later. */
  readonly parents: readonly string[];
  /** Goes after everything else: the account's own row. */
  readonly last: boolean;
}

/**
 * Leaf first: what points at others goes before them, so that nothing is refused and no cascade takes what has a rule
 * of its own. Stable otherwise. A cycle is cut where it is met first; the connector has named it as an obstacle unless
 * a person declared the break.
 */
export function leafFirst<T extends Ordered>(items: readonly T[]): T[] {
  const parentsOf = new Map<string, Set<string>>();
  for (const item of items) {
    const parents = parentsOf.get(item.place) ?? new Set<string>();
    for (const parent of item.parents) if (parent !== item.place) parents.add(parent);
    parentsOf.set(item.place, parents);
  }
  const childrenOf = new Map<string, string[]>();
  for (const [place, parents] of parentsOf)
    for (const parent of parents) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), place]);

  const rank = new Map<string, number>();
  const under = new Set<string>();
  function rankOf(place: string): number {
    const known = rank.get(place);
    if (known !== undefined) return known;
    if (under.has(place)) return 0;
    under.add(place);
    const children = childrenOf.get(place) ?? [];
    const value = children.length === 0 ? 0 : 1 + Math.max(...children.map(rankOf));
    under.delete(place);
    rank.set(place, value);
    return value;
  }
  return items
    .map((item, index) => ({ item, index, rank: rankOf(item.place) }))
    .sort((a, b) => Number(a.item.last) - Number(b.item.last) || a.rank - b.rank || a.index - b.index)
    .map(({ item }) => item);
}
