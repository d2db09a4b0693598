import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Client, endpoints, KeptError } from '@kept/sdk';
import { z } from 'zod';
import { codeAt, stepAt } from './authenticator.ts';

/** Somebody who owns an organisation, with what she would have in her head and on her telephone. */
export interface Owner {
  readonly organisation: string;
  readonly email: string;
  readonly password: string;
  /** Base32, as it is typed into an authenticator app. */
  readonly secret: string;
  /** The newest step whose code she has used: none works twice. */
  readonly lastStep: number;
}

type Language = 'pt-BR' | 'en' | 'es';
const ownerSchema: z.ZodType<Owner> = z.object({
  organisation: z.string(),
  email: z.string(),
  password: z.string(),
  secret: z.string(),
  lastStep: z.number().int(),
});

/** How often another address is tried where somebody has the one before, whose secret nobody knows any more. */
const MOST_ADDRESSES = 50;

/**
 * Makes a person of her own an owner of the organisation.
 * @param client with the local key
 */
export async function makeOwner(client: Client, organisation: string, language: Language): Promise<Owner> {
  const password = randomBytes(10).toString('hex');
  for (let place = 1; place <= MOST_ADDRESSES; place++) {
    const email = place === 1 ? 'iara@mare.example' : `iara.${place}@mare.example`;
    const body = { organisation, name: 'Iara Nogueira', email, password, language };
    const { totp } = await client.call(endpoints.access.createOwner, { body });
    // A secret is told once. Where a start was interrupted right then, it is lost, and so is the person.
    if (totp !== null) return { organisation, email, password, secret: totp.secret, lastStep: 0 };
  }
  throw new Error(`there are ${MOST_ADDRESSES} owners already whose secrets are lost; begin again with --fresh`);
}

/**
 * Waits for the next code of her authenticator that she has not used, if need be.
 * @param remember is handed the owner as she is once the code counts as used, before it can be
 */
export async function nextCode(owner: Owner, remember: (owner: Owner) => void): Promise<string> {
  // The server takes the code before and after the present one, too. The oldest first leaves some for the next time.
  const step = Math.max(stepAt(new Date()) - 1, owner.lastStep + 1);
  while (step > stepAt(new Date()) + 1) await pause(250);
  remember({ ...owner, lastStep: step });
  return codeAt(owner.secret, step);
}

/**
 * Makes a link that opens the console signed in: the code of her authenticator goes with it.
 * @throws KeptError `member-not-found` where the server does not know her
 */
export async function linkFor(client: Client, owner: Owner, remember: (owner: Owner) => void): Promise<string> {
  const { email, organisation } = owner;
  let now = owner;
  for (let refused = 0; ; refused++) {
    const code = await nextCode(now, (next) => {
      now = next;
      remember(next);
    });
    try {
      return (await client.call(endpoints.access.createSignInLink, { body: { email, organisation, code } })).url;
    } catch (error) {
      // A step has just ended, or a person has used this code.
      if (!(error instanceof KeptError && error.code === 'code-refused') || refused === 2) throw error;
    }
  }
}

/**
 * A link for the owner that is remembered in the file; where there is none, or the server does not know her, one is
 * made and remembered first.
 * @param file is readable for this user only
 */
export async function openAsOwner(
  client: Client,
  file: string,
  organisation: string,
  language: Language,
): Promise<{ owner: Owner; url: string }> {
  const remember = (owner: Owner) => writeWhole(file, JSON.stringify(owner, null, 2));
  const known = readOwner(file);
  try {
    if (known !== undefined) return { owner: known, url: await linkFor(client, known, remember) };
  } catch (error) {
    // Kept's database was dropped and the data directory stayed.
    if (!(error instanceof KeptError && error.code === 'member-not-found')) throw error;
  }
  const owner = await makeOwner(client, organisation, language);
  remember(owner);
  return { owner, url: await linkFor(client, owner, remember) };
}

function readOwner(file: string): Owner | undefined {
  if (!existsSync(file)) return undefined;
  const read = ownerSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Error(`${file} is not what the demonstration wrote; begin again with --fresh`);
  return read.data;
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
