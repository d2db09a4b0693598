import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashToken, newToken, sameHash } from './token.ts';

/** The key of this server's own machine, new at every start. */
export interface LocalKey {
  /** The file only the server's user can read; the command line finds the key there. */
  readonly file: string;
  matches(text: string): boolean;
}

/** Writes a new key into the data directory and remembers its hash only. */
export function writeLocalKey(dataDirectory: string): LocalKey {
  const { text, hash } = newToken();
  const file = join(dataDirectory, 'local.key');
  // A new file, so that wider rights of an old one do not carry over.
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return { file, matches: (given) => sameHash(hashToken(given), hash) };
}
