import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { failuresOf } from '../platform/failure.ts';
import { httpProblems } from '../platform/http.ts';
import { accessProblems, providerSignInPath } from './contract.ts';
import { googleIssuer, type OidcNet, type OidcProvider } from './oidc-dialogue.ts';
import type { Access } from './open-access.ts';
import type { StoredProvider } from './provider-store.ts';
import type { Provider, ProviderInput } from './providers-contract.ts';
import type { SamlProvider } from './saml-dialogue.ts';

const fail = failuresOf(accessProblems);
const refuse = failuresOf(httpProblems);

const oidcSettings = z.object({ issuer: z.string(), clientId: z.string() });
const googleSettings = z.object({ clientId: z.string() });
const samlSettings = z.object({
  entityId: z.string(),
  signInUrl: z.string(),
  certificates: z.array(z.string()),
  /** Of Kept, for this provider; the key lies sealed beside it. */
  ownCertificate: z.string(),
});

/** What the sealed secret of a provider is for, as the seal is told. */
export const providerSecret = 'provider';

/** Whether it is Google as the operator set it up, for people of every organisation. */
export function isServersGoogle(access: Access, provider: Pick<StoredProvider, 'kind' | 'organisationId'>): boolean {
  return provider.kind === 'google' && provider.organisationId === access.ownOrganisationId;
}

/** Addresses of Kept that have to do with one provider. */
export interface ProviderAddresses {
  readonly begin: string;
  readonly answer: string;
  readonly metadata: string;
}

export function addressesOf(access: Access, base: string, provider: StoredProvider): ProviderAddresses {
  const begin = `${base}${providerSignInPath(isServersGoogle(access, provider) ? 'google' : provider.id)}`;
  return { begin, answer: `${begin}/answer`, metadata: `${begin}/metadata` };
}

export function oidcOf(access: Access, base: string, provider: StoredProvider): OidcProvider {
  const isGoogle = provider.kind === 'google';
  const { clientId, issuer } = isGoogle
    ? { ...googleSettings.parse(provider.settings), issuer: googleIssuer }
    : oidcSettings.parse(provider.settings);
  return {
    issuer,
    clientId,
    secret: openSecret(access, provider),
    redirectUrl: addressesOf(access, base, provider).answer,
    isGoogle,
  };
}

export function samlOf(access: Access, base: string, provider: StoredProvider): SamlProvider {
  const { ownCertificate, ...settings } = samlSettings.parse(provider.settings);
  const privateKey = openSecret(access, provider);
  if (privateKey === null) throw fail('provider-failed', 'The key of this provider is gone: set it up anew.');
  const { answer, metadata } = addressesOf(access, base, provider);
  return { ...settings, own: { entityId: metadata, answerUrl: answer, certificate: ownCertificate, privateKey } };
}

function openSecret(access: Access, provider: StoredProvider): string | null {
  return provider.sealedSecret === null
    ? null
    : access.platform.seal.open(provider.sealedSecret, providerSecret, provider.id);
}

/** How the dialogue with an OpenID Connect provider reaches it. Without HTTPS only where the operator allowed the host. */
export function oidcNetOf({ platform, discoveries }: Access): OidcNet {
  return {
    outbound: platform.outbound,
    discoveries,
    mayBeInsecure: (url) => platform.config.outboundAllow.includes(url.hostname.toLowerCase()),
  };
}

/** What of the settings says who people are: where it changes, old subjects mean nobody any more. */
export function namespaceOf(kind: Provider['kind'], settings: unknown): string {
  if (kind === 'saml') return JSON.stringify([kind, samlSettings.parse(settings).entityId]);
  const { clientId } = googleSettings.parse(settings);
  return JSON.stringify([kind, clientId, kind === 'oidc' ? oidcSettings.parse(settings).issuer : googleIssuer]);
}

export function readOwnCertificate(settings: unknown): string {
  return samlSettings.parse(settings).ownCertificate;
}

/** A provider as its administrators see it: without secrets, with what is to be registered there. */
export function shownProvider(access: Access, base: string, provider: StoredProvider): Provider {
  const { answer, metadata } = addressesOf(access, base, provider);
  const isSaml = provider.kind === 'saml';
  return {
    id: provider.id,
    kind: provider.kind,
    name: provider.name,
    defaultRole: provider.defaultRole,
    admits: provider.admits,
    enabled: provider.enabled,
    settings: shownSettings(provider),
    hasSecret: !isSaml && provider.sealedSecret !== null,
    register: { redirectUrl: answer, entityId: isSaml ? metadata : null, metadataUrl: isSaml ? metadata : null },
    createdAt: provider.createdAt.toISOString(),
    testedAt: provider.testedAt?.toISOString() ?? null,
  };
}

function shownSettings({ kind, settings }: StoredProvider): Provider['settings'] {
  if (kind === 'oidc') return oidcSettings.parse(settings);
  if (kind === 'google') return googleSettings.parse(settings);
  const { ownCertificate: _own, ...shown } = samlSettings.parse(settings);
  return shown;
}

/**
 * Refuses settings that could never work, or that would send people somewhere without HTTPS.
 * @throws Failure `invalid-input`
 */
export function checkProviderInput(access: Access, input: ProviderInput): void {
  const issues: { path: string; message: string }[] = [];
  const net = oidcNetOf(access);
  const checkAddress = (path: string, address: string) => {
    const url = new URL(address);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && net.mayBeInsecure(url)))
      issues.push({ path, message: 'must begin with https:' });
    if (url.username !== '' || url.password !== '')
      issues.push({ path, message: 'must hold no user name or password' });
  };
  if (input.kind === 'oidc') checkAddress('body.settings.issuer', input.settings.issuer);
  if (input.kind === 'saml') {
    checkAddress('body.settings.signInUrl', input.settings.signInUrl);
    for (const [index, text] of input.settings.certificates.entries()) {
      const message = certificateTrouble(text);
      if (message !== null) issues.push({ path: `body.settings.certificates.${index}`, message });
    }
  }
  if (issues.length > 0)
    throw refuse('invalid-input', issues.map(({ path, message }) => `${path} ${message}`).join('; '), { issues });
}

/** Why a certificate cannot be used; null where it can. */
export function certificateTrouble(text: string): string | null {
  const certificate = readCertificate(text);
  if (certificate === null) return 'is no X.509 certificate; paste it with its BEGIN and END lines, or its bare Base64';
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type !== 'rsa' || (details?.modulusLength ?? 0) < 2048) return 'must hold an RSA key of at least 2048 bits';
  return null;
}

/** PEM, or bare Base64 as SAML metadata writes it. */
export function readCertificate(text: string): X509Certificate | null {
  const bare = text.replaceAll(/-----[^-]*-----|\s/g, '');
  try {
    return new X509Certificate(Buffer.from(bare, 'base64'));
  } catch {
    return null;
  }
}

/** The form in which certificates are kept: bare Base64. */
export function plainCertificate(text: string): string {
  return text.replaceAll(/-----[^-]*-----|\s/g, '');
}
