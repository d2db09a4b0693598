/** Reads a word of a closed vocabulary from an address; anything else counts as left out. */
export function oneOf<const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}

/** Reads a text from an address. The router reads `?q=30` as a number, which was typed as text. */
export function textFrom(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
