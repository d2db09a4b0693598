import { z } from 'zod';
import { webauthnSchema } from './contract.ts';
import { type HandshakeKind, insertHandshake, takeHandshake } from './handshake-store.ts';
import type { Access } from './open-access.ts';
import type { PersonId } from './person-store.ts';
import { hashToken, newToken } from './token.ts';

/** What a browser is asked, and the token by which its answer is known to come from the same browser. */
export interface Challenge {
  readonly options: z.infer<typeof webauthnSchema>;
  readonly token: string;
  readonly expiresAt: Date;
}

type PasskeyHandshake = Extract<HandshakeKind, `passkey-${string}`>;

const CHALLENGE_MS = 5 * 60_000;

const stateSchema = z.object({ challenge: z.string() });

/** Remembers a challenge for one answer. */
export async function beginChallenge(
  { platform }: Access,
  kind: PasskeyHandshake,
  person: PersonId | null,
  options: { readonly challenge: string },
): Promise<Challenge> {
  const token = newToken();
  return platform.db.globalTransaction(async (tx) => {
    const expiresAt = new Date(tx.at.getTime() + CHALLENGE_MS);
    await insertHandshake(tx, {
      hash: token.hash,
      kind,
      personId: person,
      providerId: null,
      state: { challenge: options.challenge },
      expiresAt,
    });
    // As JSON, in which what is absent is not there.
    return { options: webauthnSchema.parse(JSON.parse(JSON.stringify(options))), token: token.text, expiresAt };
  });
}

/** Takes a challenge up, once. */
export async function takeChallenge(
  { platform }: Access,
  token: string | undefined,
  kinds: readonly PasskeyHandshake[],
): Promise<{ readonly kind: HandshakeKind; readonly personId: string | null; readonly challenge: string } | undefined> {
  if (token === undefined) return undefined;
  const handshake = await platform.db.globalTransaction((tx) => takeHandshake(tx, hashToken(token), kinds));
  if (handshake === undefined) return undefined;
  return { kind: handshake.kind, personId: handshake.personId, ...stateSchema.parse(handshake.state) };
}
