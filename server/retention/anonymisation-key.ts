import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrganisationId } from '../platform/contract.ts';

/**
 * The key under which an organisation's identifiers are hashed when rows are anonymised, made when first needed.
 *
 * It is a file of the data directory and not a row: whoever gets hold of a copy of Kept's database and of the product's
 * must still not be able to try identifiers until a hash fits. Nothing depends on it but that the same value becomes
 * the same hash in a later run; deleting the file makes every hash so far irreversible, and loses nothing else.
 * @returns 64 hexadecimal digits
 */
export async function anonymisationKey(dataDirectory: string, organisationId: OrganisationId): Promise<string> {
  const folder = join(dataDirectory, 'anonymisation');
  const file = join(folder, `${organisationId}.key`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const known = await readKey(file);
  if (known !== null) return known;
  // Written whole under another name first: nobody reads half a key, and of two that begin at once one wins.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  await link(draft, file).catch(unlessThere);
  await unlink(draft);
  const made = await readKey(file);
  if (made === null) throw new Error(`${file} was just made and is not there`);
  return made;
}

async function readKey(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const key = text.trim();
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error(`${file} does not hold a key; remove it to begin a new one`);
  return key;
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}
