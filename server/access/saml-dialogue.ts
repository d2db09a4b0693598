import { randomBytes } from 'node:crypto';
import { generateServiceProviderMetadata, SAML, SamlStatusError, ValidateInResponseTo } from '@node-saml/node-saml';
import { z } from 'zod';
import { failuresOf } from '../platform/failure.ts';
import type { ProvedIdentity } from './proved-identity.ts';
import { providerRefusals } from './providers-contract.ts';
import { judgeAssertion } from './saml-assertion.ts';
import { inspectAnswer } from './saml-xml.ts';

const refuse = failuresOf(providerRefusals);

/** A SAML identity provider, and what Kept is to it. */
export interface SamlProvider {
  /** Entity id of the identity provider. */
  readonly entityId: string;
  /** Where it takes requests (HTTP-Redirect binding). */
  readonly signInUrl: string;
  /** PEM or bare Base64. */
  readonly certificates: readonly string[];
  readonly own: {
    readonly entityId: string;
    /** Where it posts its answers (HTTP-POST binding). */
    readonly answerUrl: string;
    /** PEM: with this key it encrypts assertions. */
    readonly certificate: string;
    readonly privateKey: string;
  };
}

/** What has to be remembered until the answer comes. */
export const samlMemorySchema = z.object({ requestId: z.string(), issuedAt: z.string() });
export type SamlMemory = z.infer<typeof samlMemorySchema>;

/** How far the clocks of two servers may be apart. */
export const CLOCK_SKEW_MS = 60_000;

/** Begins a sign-in. @returns where to send the browser */
export async function beginSaml(
  provider: SamlProvider,
  at: Date,
): Promise<{ readonly url: string; readonly memory: SamlMemory }> {
  // An XML ID begins with a letter or underscore.
  const memory = { requestId: `_${randomBytes(20).toString('hex')}`, issuedAt: at.toISOString() };
  const url = await librarySaml(provider, memory).getAuthorizeUrlAsync('', undefined, {});
  return { url, memory };
}

/** What an answer proves, and what must not be taken twice. */
export interface SamlProof {
  readonly identity: ProvedIdentity;
  readonly assertionId: string;
  /** From when on the assertion is void anyway. */
  readonly expiresAt: Date;
}

/**
 * Takes the answer to the request that was remembered for this browser. The library checks signatures and hands out
 * nothing but what they cover; everything the profile demands of the assertion is then checked on exactly that (SAML
 * V2.0 Profiles, 4.1.4). In the way lies `inspectAnswer`, since the advisories of 2025 against this library and its
 * parsers (CVE-2025-29774, -29775, -54369, -54419) were all about documents that say two things at once.
 * @param answer the form field `SAMLResponse`
 * @throws Failure of `providerRefusals`
 */
export async function answerSaml(
  provider: SamlProvider,
  memory: SamlMemory,
  answer: string,
  at: Date,
): Promise<SamlProof> {
  const xml = await inspectAnswer(answer, provider.own);
  const assertion = await verifiedAssertion(librarySaml(provider, memory), xml);
  return judgeAssertion(assertion, {
    issuer: provider.entityId,
    audience: provider.own.entityId,
    recipient: provider.own.answerUrl,
    requestId: memory.requestId,
    at,
    skewMs: CLOCK_SKEW_MS,
  });
}

/** What is to be registered at the identity provider, as SAML metadata. */
export function samlMetadata(own: SamlProvider['own']): string {
  return generateServiceProviderMetadata({
    issuer: own.entityId,
    callbackUrl: own.answerUrl,
    decryptionPvk: own.privateKey,
    decryptionCert: own.certificate,
    wantAssertionsSigned: true,
    identifierFormat: null,
    generateUniqueId: () => `_${randomBytes(20).toString('hex')}`,
  });
}

/** The assertion as the library read it from the octets that were signed. */
async function verifiedAssertion(saml: SAML, xml: string): Promise<unknown> {
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString('base64') });
    if (profile?.getAssertion === undefined) throw new Error('The answer holds no assertion');
    return profile.getAssertion();
  } catch (cause) {
    if (cause instanceof SamlStatusError) throw refuse('provider-refused', cause.message, { cause });
    // The library throws plain errors for all that is wrong with an answer.
    throw refuse('answer-not-trusted', cause instanceof Error ? cause.message : 'The answer cannot be read.', {
      cause,
    });
  }
}

function librarySaml(provider: SamlProvider, memory: SamlMemory): SAML {
  return new SAML({
    issuer: provider.own.entityId,
    callbackUrl: provider.own.answerUrl,
    audience: provider.own.entityId,
    entryPoint: provider.signInUrl,
    idpCert: [...provider.certificates],
    idpIssuer: provider.entityId,
    decryptionPvk: provider.own.privateKey,
    generateUniqueId: () => memory.requestId,
    // One of the two must be signed, which the library sees to; identity providers differ in which one they sign.
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: false,
    acceptedClockSkewMs: CLOCK_SKEW_MS,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: {
      async saveAsync(_key, value) {
        return { value, createdAt: 0 };
      },
      getAsync: async (key) => (key === memory.requestId ? memory.issuedAt : null),
      removeAsync: async (key) => key,
    },
  });
}
