import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import { z } from 'zod';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Json } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { giveRecoveryCodes, requireEnrolment } from './enrol-totp.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import { beginChallenge, type Challenge, takeChallenge } from './passkey-challenge.ts';
import { insertPasskey, selectPasskeys } from './passkey-store.ts';
import type { RelyingParty } from './relying-party.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/** EdDSA, ES256 and RS256, as COSE numbers them: what authenticators have. */
const algorithms = [-8, -7, -257];

/**
 * Asks a browser for a passkey that can sign in by itself and asks for the person (user verification), so that it is
 * both factors at once.
 * @throws Failure `not-permitted` or `second-factor-needed`
 */
export async function beginPasskeyRegistration(
  access: Access,
  session: Session,
  party: RelyingParty,
): Promise<Challenge> {
  await requireEnrolment(access, session);
  const known = await access.platform.db.globalTransaction((tx) => selectPasskeys(tx, session.personId));
  const options = await generateRegistrationOptions({
    rpName: 'Kept',
    rpID: party.id,
    userName: session.email,
    userDisplayName: session.name,
    userID: new TextEncoder().encode(session.personId),
    supportedAlgorithmIDs: algorithms,
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId.toString('base64url'),
      transports: [...transports],
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return beginChallenge(access, 'passkey-registration', session.personId, options);
}

const responseSchema = z.object({
  id: z.string().max(1400),
  rawId: z.string().max(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: z.string().max(10_000),
    attestationObject: z.string().max(100_000),
    transports: z.array(z.string().max(50)).max(20).default([]),
  }),
  // Nothing was asked of extensions, so nothing they say counts.
  clientExtensionResults: z.unknown().transform(() => ({})),
});

/**
 * Takes the passkey that a browser made. With a person's first second factor come recovery codes.
 * @param token of the cookie that came with the challenge
 * @throws Failure `not-permitted`, `second-factor-needed` or `code-refused`
 */
export async function registerPasskey(
  access: Access,
  session: Session,
  party: RelyingParty,
  given: { readonly token: string | undefined; readonly name: string; readonly response: Json },
): Promise<{ recoveryCodes: string[]; opened: OpenedSession }> {
  await requireEnrolment(access, session);
  const challenge = await takeChallenge(access, given.token, ['passkey-registration']);
  if (challenge?.personId !== session.personId)
    throw fail('code-refused', 'No registration is under way in this browser; begin anew.');
  const made = await verify(party, challenge.challenge, given.response);
  const { personId } = session;
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  return access.platform.db.transaction(home, async (tx) => {
    const isNew = await insertPasskey(tx, { ...made, personId, name: given.name });
    if (!isNew) throw fail('code-refused', 'This passkey is registered already.');
    await recordEntry(tx, {
      kind: 'access.factor-changed',
      actor: { kind: 'person', id: personId },
      body: { person: personId, factor: 'passkey', act: 'enrolled' },
    });
    const recoveryCodes = session.hasFactor ? [] : await giveRecoveryCodes(tx, personId);
    const opened = await changeSessionWithin(access, tx, session, { methods: ['passkey'], confirms: true });
    return { recoveryCodes, opened };
  });
}

async function verify(party: RelyingParty, expectedChallenge: string, given: Json) {
  const response = responseSchema.safeParse(given);
  if (!response.success) throw fail('code-refused', 'The answer of the browser is incomplete.');
  const verified = await verifyRegistrationResponse({
    response: response.data,
    expectedChallenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  }).catch((cause: unknown) => {
    // The library throws plain errors for all that is wrong with a response.
    throw fail('code-refused', cause instanceof Error ? cause.message : 'The passkey cannot be verified.', { cause });
  });
  if (!verified.verified) throw fail('code-refused', 'The passkey cannot be verified.');
  const { credential, credentialBackedUp } = verified.registrationInfo;
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: response.data.response.transports,
    isBackedUp: credentialBackedUp,
  };
}
