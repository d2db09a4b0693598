import { z } from 'zod';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { accessProblems, type Language } from './contract.ts';
import { insertHandshake, takeHandshake } from './handshake-store.ts';
import { answerOidc, beginOidc, oidcMemorySchema } from './oidc-dialogue.ts';
import type { Access } from './open-access.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import type { PersonId } from './person-store.ts';
import type { ProvedIdentity } from './proved-identity.ts';
import { isServersGoogle, oidcNetOf, oidcOf, samlOf } from './provider-settings.ts';
import {
  insertUsedAssertion,
  type StoredProvider,
  selectGoogleOfServer,
  selectProviderAnywhere,
  updateTestedAt,
} from './provider-store.ts';
import { providerRefusals } from './providers-contract.ts';
import { admitByProvider, recogniseByProvider } from './recognise-person.ts';
import { answerSaml, beginSaml, samlMemorySchema } from './saml-dialogue.ts';
import { hashToken, newToken } from './token.ts';

const fail = failuresOf(accessProblems);
const refuse = failuresOf(providerRefusals);

/** How long somebody may take at the identity provider. */
const DIALOGUE_MS = 10 * 60_000;

/** A dialogue that has begun: where to send the browser, and what it has to bring back. */
export interface Begun {
  readonly url: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** What the browser brought back, in the form of either protocol. */
export interface Brought {
  /** Of the address, for OpenID Connect. */
  readonly query: URLSearchParams;
  /** Of the form, for SAML. */
  readonly samlResponse: string | undefined;
  readonly language: Language;
}

const stateSchema = z.object({ memory: z.base64(), isTrial: z.boolean() });

/**
 * The provider an address of ours names: by its id, or `google` for that of the server's operator.
 * @throws Failure `provider-not-found`
 */
export async function getProviderByName({ platform }: Access, name: string): Promise<StoredProvider> {
  const provider = await platform.db.globalTransaction(async (tx) => {
    if (name === 'google') return selectGoogleOfServer(tx);
    return z.uuid().safeParse(name).success ? selectProviderAnywhere(tx, name.toLowerCase()) : undefined;
  });
  if (provider === undefined) throw fail('provider-not-found', 'There is no such identity provider.');
  return provider;
}

/**
 * Begins a sign-in. The answer will be taken from this browser only, once, within ten minutes.
 * @param trial the administrator who tries the provider: it may be switched off, and nobody is signed in
 * @throws Failure `provider-not-found` or of `providerRefusals`
 */
export async function beginDialogue(
  access: Access,
  base: string,
  provider: StoredProvider,
  trial: PersonId | null,
): Promise<Begun> {
  if (!provider.enabled && trial === null) throw fail('provider-not-found', 'This identity provider is switched off.');
  const { platform } = access;
  const isSaml = provider.kind === 'saml';
  if (trial !== null) access.discoveries.forget();
  const { url, memory } = isSaml
    ? await beginSaml(samlOf(access, base, provider), platform.clock.now())
    : await beginOidc(oidcNetOf(access), oidcOf(access, base, provider));
  const token = newToken();
  return platform.db.globalTransaction(async (tx) => {
    const expiresAt = new Date(tx.at.getTime() + DIALOGUE_MS);
    await insertHandshake(tx, {
      hash: token.hash,
      kind: isSaml ? 'saml' : 'oidc',
      personId: trial,
      providerId: provider.id,
      state: { memory: sealMemory(platform, token.hash, memory), isTrial: trial !== null },
      expiresAt,
    });
    return { url, token: token.text, expiresAt };
  });
}

/** A dialogue that was taken up; no other answer will find it. */
export interface Dialogue {
  readonly memory: unknown;
  /** Whether an administrator only tries the provider. */
  readonly isTrial: boolean;
}

/**
 * Takes up the dialogue that began in this browser with this provider.
 * @param token of the cookie
 * @throws Failure `dialogue-lost`
 */
export async function takeUpDialogue(
  { platform }: Access,
  provider: StoredProvider,
  token: string | undefined,
): Promise<Dialogue> {
  const kind = provider.kind === 'saml' ? 'saml' : 'oidc';
  const hash = hashToken(token ?? '');
  const handshake =
    token === undefined ? undefined : await platform.db.globalTransaction((tx) => takeHandshake(tx, hash, [kind]));
  if (handshake?.providerId !== provider.id)
    throw refuse('dialogue-lost', 'This sign-in did not begin in this browser, or was answered already. Begin again.');
  const { memory, isTrial } = stateSchema.parse(handshake.state);
  return { memory: openMemory(platform, hash, memory), isTrial };
}

/** What proves that the answer is to our question, such as the verifier of PKCE, is nobody's who reads the database. */
function sealMemory({ seal }: Platform, hash: Buffer, memory: unknown): string {
  return seal.close(JSON.stringify(memory), 'dialogue', hash.toString('hex')).toString('base64');
}

function openMemory({ seal }: Platform, hash: Buffer, sealed: string): unknown {
  return JSON.parse(seal.open(Buffer.from(sealed, 'base64'), 'dialogue', hash.toString('hex')));
}

/**
 * Takes the answer of a provider.
 * @returns the session it opens; null where the provider was only tried, and would have signed this person in
 * @throws Failure of `providerRefusals`, `provider-not-found`, or of `openSession`
 */
export async function concludeDialogue(
  access: Access,
  base: string,
  provider: StoredProvider,
  { memory, isTrial }: Dialogue,
  brought: Brought,
): Promise<OpenedSession | null> {
  const { platform } = access;
  if (!provider.enabled && !isTrial) throw fail('provider-not-found', 'This identity provider was switched off.');
  const identity = await proveIdentity(access, base, provider, memory, brought);
  if (isTrial) {
    await platform.db.transaction(provider.organisationId, async (tx) => {
      await recogniseByProvider(access, tx, provider, identity);
      await updateTestedAt(tx, provider.id);
    });
    return null;
  }
  const personId = await platform.db.transaction(provider.organisationId, (tx) =>
    admitByProvider(access, tx, provider, identity, brought.language),
  );
  // Google speaks for a person; the provider of an organisation for one of its members, and opens nothing else.
  const through = isServersGoogle(access, provider)
    ? {}
    : { provider: { id: provider.id, organisationId: provider.organisationId } };
  return openSession(access, { personId, methods: ['provider'], ...through });
}

async function proveIdentity(
  access: Access,
  base: string,
  provider: StoredProvider,
  memory: unknown,
  brought: Brought,
): Promise<ProvedIdentity> {
  if (provider.kind !== 'saml')
    return answerOidc(oidcNetOf(access), oidcOf(access, base, provider), oidcMemorySchema.parse(memory), brought.query);
  if (brought.samlResponse === undefined) throw refuse('answer-not-trusted', 'The answer holds no SAMLResponse.');
  const { platform } = access;
  const at = platform.clock.now();
  const proof = await answerSaml(
    samlOf(access, base, provider),
    samlMemorySchema.parse(memory),
    brought.samlResponse,
    at,
  );
  const isFirst = await platform.db.globalTransaction((tx) =>
    insertUsedAssertion(tx, {
      providerId: provider.id,
      assertionId: proof.assertionId,
      expiresAt: proof.expiresAt,
    }),
  );
  if (!isFirst) throw refuse('answer-used', 'This assertion was taken before.');
  return proof.identity;
}
