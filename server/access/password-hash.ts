import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { compare } from 'bcryptjs';

const derive = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);

/** OWASP's second choice for argon2id: 19 MiB, two passes, one lane; about 30 ms. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const PREFIX = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$`;

/** Verified where there is no such person, so that the answer takes as long: the hash of nothing anybody can type. */
const NOBODYS = `${PREFIX}AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`;

/** Hashes a password with argon2id and a new salt. @returns a PHC string */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await argon2id(password, salt, { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES });
  return `${PREFIX}${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether a password fits: argon2id of any strength, or bcrypt of an imported list of users.
 * @param stored null where nobody is known or there is no password; takes as long, and fits never
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  if (stored !== null && /^\$2[aby]\$\d\d\$/.test(stored)) return compare(password, stored);
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/-]+)\$([\w+/-]+)$/.exec(stored ?? NOBODYS);
  if (parts === null) throw new Error('a stored password has a form that Kept does not know');
  const [, memory, passes, lanes, salt = '', hash = ''] = parts;
  const wanted = Buffer.from(hash, 'base64');
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(lanes) };
  const found = await argon2id(password, Buffer.from(salt, 'base64'), cost, wanted.length);
  return timingSafeEqual(found, wanted) && stored !== null;
}

/** Whether a hash is weaker than those made today: it is replaced when its password is known, at sign-in. */
export function needsRehash(stored: string): boolean {
  return !stored.startsWith(PREFIX);
}

function argon2id(
  password: string,
  nonce: Buffer,
  cost: { readonly memory: number; readonly passes: number; readonly parallelism: number },
  tagLength = 32,
): Promise<Buffer> {
  // Keyboards write the same letter in several ways (NIST SP 800-63B-4, 3.1.1.2).
  return derive('argon2id', { ...cost, message: password.normalize('NFKC'), nonce, tagLength });
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replaceAll('=', '');
}
