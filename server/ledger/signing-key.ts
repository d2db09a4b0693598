import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Platform } from '../platform/platform.ts';
import type { Refusal } from './contract.ts';
import { rawPublicKey } from './note.ts';
import { syncFolder } from './outside.ts';
import type { Bytes } from './proof.ts';
import { insertSigningKey, listSigningKeys } from './store.ts';

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: Bytes;
}

export type KeyState = { readonly key: SigningKey } | { readonly refusal: Refusal };

const known = new WeakMap<Platform, { readonly mtimeMs: number; readonly key: SigningKey }>();

/**
 * The key that signs the ledger: PKCS #8 PEM, in `ledger.key` of the data directory or where KEPT_SIGNING_KEY_FILE
 * says. It is made at the first use of a database that never signed. After that a missing file is never replaced in
 * silence, since nobody could tell the new key from a forger's.
 */
export async function readSigningKey(platform: Platform): Promise<KeyState> {
  const file = signingKeyFile(platform);
  const found = await statOf(file);
  if (found === undefined) {
    const used = await platform.db.globalTransaction(listSigningKeys);
    if (used.length === 0) await makeSigningKey(platform);
    // Somebody else may have made it since the first look.
    else if ((await statOf(file)) === undefined) return { refusal: missing(file) };
    return readSigningKey(platform);
  }
  const cached = known.get(platform);
  if (cached !== undefined && cached.mtimeMs === found.mtimeMs) return { key: cached.key };
  const key = await loadKey(file);
  if (key === undefined) return { refusal: unreadable(file) };
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    platform.log.warn({ file }, 'others on this machine may read the key that signs the ledger: chmod 600');
  }
  await platform.db.globalTransaction((tx) => insertSigningKey(tx, key.publicKey));
  known.set(platform, { mtimeMs: found.mtimeMs, key });
  return { key };
}

/**
 * Makes a new key, readable for its owner only. Does nothing where a file is already there. It appears whole or not at
 * all: another task that reads it at this moment, or a start after a crash, never finds half a key.
 */
export async function makeSigningKey(platform: Platform): Promise<void> {
  const file = signingKeyFile(platform);
  const { privateKey } = generateKeyPairSync('ed25519');
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(privateKey.export({ format: 'pem', type: 'pkcs8' }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
    await syncFolder(dirname(file));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function signingKeyFile(platform: Platform): string {
  return platform.config.signingKeyFile ?? join(platform.config.dataDirectory, 'ledger.key');
}

async function loadKey(file: string): Promise<SigningKey | undefined> {
  const text = await readFile(file);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(text);
  } catch {
    // The parser's words could quote the file; that it is no key is all there is to say.
    return undefined;
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') return undefined;
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

async function statOf(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function missing(file: string): Refusal {
  return {
    code: 'key-missing',
    explanation: `The key that signed the ledger so far is not at ${file}.`,
    remedy:
      'Put the file back from your backup. If it is lost for good, begin a new log with the reason “lost-key”: what was signed stays verifiable with the old public key.',
  };
}

function unreadable(file: string): Refusal {
  return {
    code: 'key-missing',
    explanation: `${file} does not hold an Ed25519 private key in PEM form.`,
    remedy: 'Put the right file back from your backup, or move this one away and begin a new log.',
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
