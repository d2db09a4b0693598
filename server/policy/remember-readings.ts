/** A reading takes some eight octets of memory per character of its text: at most about 64 MB. */
const mostCharactersAtOnce = 8_000_000;

/**
 * Reads texts and remembers what it read. Versions are immutable, and reading one takes tens of milliseconds, too long
 * for every organisation at every scrape of the metrics. The texts used last are remembered.
 * @param mostCharacters so many characters of text together
 */
export function rememberReadings<T>(
  read: (source: string) => T,
  mostCharacters: number = mostCharactersAtOnce,
): (source: string) => T {
  // A map keeps the order of insertion: what was used longest ago stands first.
  const known = new Map<string, { readonly reading: T }>();
  let characters = 0;
  return (source) => {
    const found = known.get(source);
    const { reading } = found ?? { reading: read(source) };
    if (found === undefined) characters += source.length;
    else known.delete(source);
    known.set(source, { reading });
    for (const oldest of known.keys()) {
      if (characters <= mostCharacters) break;
      known.delete(oldest);
      characters -= oldest.length;
    }
    return reading;
  };
}
