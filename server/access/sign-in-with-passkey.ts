import { generateAuthenticationOptions, verifyAuthenticationResponse } from '@simplewebauthn/server';
import { z } from 'zod';
import type { Json } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { changeSession, type OpenedSession, openSession } from './open-session.ts';
import { beginChallenge, type Challenge, takeChallenge } from './passkey-challenge.ts';
import { type Passkey, selectPasskey, selectPasskeys, updatePasskeyUse } from './passkey-store.ts';
import { type PersonId, selectBelongings } from './person-store.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';
import type { RelyingParty } from './relying-party.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Asks a browser for a passkey: for any of this server's to sign in, or where somebody is signed in for one of theirs.
 * @throws Failure `factor-not-found` where who is signed in has none
 */
export async function beginPasskey(
  access: Access,
  session: Session | undefined,
  party: RelyingParty,
): Promise<Challenge> {
  if (session === undefined) {
    const options = await generateAuthenticationOptions({ rpID: party.id, userVerification: 'required' });
    return beginChallenge(access, 'passkey-sign-in', null, options);
  }
  const known = await access.platform.db.globalTransaction((tx) => selectPasskeys(tx, session.personId));
  if (known.length === 0) throw fail('factor-not-found', 'You have no passkey here.');
  const options = await generateAuthenticationOptions({
    rpID: party.id,
    userVerification: 'required',
    allowCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId.toString('base64url'),
      transports: [...transports],
    })),
  });
  return beginChallenge(access, 'passkey-confirmation', session.personId, options);
}

const responseSchema = z.object({
  id: z.string().max(1400),
  rawId: z.string().max(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: z.string().max(10_000),
    authenticatorData: z.string().max(10_000),
    signature: z.string().max(10_000),
    userHandle: z.string().max(200).optional(),
  }),
  clientExtensionResults: z.unknown().transform(() => ({})),
});
type Response = z.infer<typeof responseSchema>;

/**
 * Takes the answer to a challenge: signs in, or completes and freshens the session there is.
 * @param given.token of the cookie that came with the challenge
 * @throws Failure `sign-in-refused` or `single-sign-on-needed`
 */
export async function signInWithPasskey(
  access: Access,
  session: Session | undefined,
  party: RelyingParty,
  given: { readonly token: string | undefined; readonly response: Json },
): Promise<OpenedSession> {
  const challenge = await takeChallenge(access, given.token, ['passkey-sign-in', 'passkey-confirmation']);
  if (challenge === undefined)
    throw fail('sign-in-refused', 'This challenge was answered already, or took too long. Begin anew.');
  const response = responseSchema.safeParse(given.response);
  if (!response.success) throw fail('sign-in-refused', 'The answer of the browser is incomplete.');
  const passkey = await findPasskey(access, response.data);
  const isConfirmation = challenge.kind === 'passkey-confirmation';
  // A confirmation is of the person who asked for it, in the session in which they asked.
  const isTheirs =
    !isConfirmation || (challenge.personId === passkey?.personId && session?.personId === passkey?.personId);
  const isRight =
    passkey !== undefined && isTheirs && (await verify(access, party, challenge.challenge, passkey, response.data));
  if (!isRight) {
    await noteRefusal(access, isConfirmation ? session?.personId : passkey?.personId);
    throw fail('sign-in-refused', 'This passkey is not known here, or its answer cannot be verified.');
  }
  if (isConfirmation && session !== undefined)
    return changeSession(access, session, { methods: ['passkey'], confirms: true });
  return openSession(access, { personId: passkey.personId, methods: ['passkey'] });
}

/** The passkey that a response names; what it says of its owner must be so. */
async function findPasskey({ platform }: Access, response: Response): Promise<Passkey | undefined> {
  const passkey = await platform.db.globalTransaction((tx) => selectPasskey(tx, Buffer.from(response.id, 'base64url')));
  const { userHandle } = response.response;
  if (userHandle === undefined || passkey === undefined) return passkey;
  return Buffer.from(userHandle, 'base64url').toString('utf8') === passkey.personId ? passkey : undefined;
}

async function verify(
  { platform }: Access,
  party: RelyingParty,
  expectedChallenge: string,
  passkey: Passkey,
  response: Response,
): Promise<boolean> {
  const { userHandle, ...signed } = response.response;
  const verified = await verifyAuthenticationResponse({
    response: { ...response, response: { ...signed, ...(userHandle !== undefined && { userHandle }) } },
    expectedChallenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId.toString('base64url'),
      publicKey: new Uint8Array(passkey.publicKey),
      counter: passkey.counter,
    },
  }).catch((cause: unknown) => {
    // The library throws plain errors for all that is wrong with a response, a counter that went back among them.
    platform.log.info({ err: cause }, 'a passkey was refused');
    return undefined;
  });
  if (verified?.verified !== true) return false;
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  return platform.db.globalTransaction((tx) =>
    updatePasskeyUse(tx, {
      credentialId: passkey.credentialId,
      before: passkey.counter,
      counter: newCounter,
      isBackedUp: credentialBackedUp,
    }),
  );
}

async function noteRefusal({ platform, ownOrganisationId }: Access, person: PersonId | undefined): Promise<void> {
  const belongings =
    person === undefined ? [] : await platform.db.globalTransaction((tx) => selectBelongings(tx, person));
  await platform.db.transaction(belongings[0]?.organisationId ?? ownOrganisationId, (tx) =>
    recordSignInRefusal(tx, person, { method: 'passkey', reason: 'sign-in-refused' }),
  );
}
