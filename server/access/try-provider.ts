import * as client from 'openid-client';
import { z } from 'zod';
import { Failure } from '../platform/failure.ts';
import { selectDomains } from './domain-store.ts';
import { discoverOidc, type OidcProvider } from './oidc-dialogue.ts';
import type { Access } from './open-access.ts';
import { addressesOf, isServersGoogle, oidcNetOf, oidcOf, readCertificate, samlOf } from './provider-settings.ts';
import { type StoredProvider, updateTestedAt } from './provider-store.ts';
import type { testProvider } from './providers-contract.ts';
import { beginSaml } from './saml-dialogue.ts';
import { getProvider, type SettingUp } from './set-up-provider.ts';

type Step = z.infer<typeof testProvider.answer>['steps'][number];
/** What is looked at, in order: each answers with what it saw, or throws with what is wrong. */
type Look = readonly [code: string, look: () => Promise<string | null>];

/**
 * Looks whether a provider can be reached and its settings fit, step by step; what comes after a failure is not tried.
 * @throws Failure `provider-not-found`
 */
export async function tryProvider(
  access: Access,
  base: string,
  by: SettingUp,
  id: string,
): Promise<z.infer<typeof testProvider.answer>> {
  const { platform } = access;
  const provider = await platform.db.transaction(by.organisationId, (tx) => getProvider(tx, id));
  const looks = provider.kind === 'saml' ? looksAtSaml(access, base, provider) : looksAtOidc(access, base, provider);
  // Google as the operator set it up needs no domain.
  const ofDomains: Look[] = isServersGoogle(access, provider)
    ? []
    : [['domain-proved', () => findProvedDomain(access, provider)]];
  const steps = await go([...looks, ...ofDomains]);
  if (steps.every(({ state }) => state === 'passed'))
    await platform.db.transaction(by.organisationId, (tx) => updateTestedAt(tx, id));
  return { steps, tryUrl: `${addressesOf(access, base, provider).begin}?try=1` };
}

async function go(looks: readonly Look[]): Promise<Step[]> {
  const steps: Step[] = [];
  for (const [code, look] of looks) {
    if (steps.some(({ state }) => state === 'failed')) {
      steps.push({ code, state: 'not-tried', detail: null });
      continue;
    }
    try {
      steps.push({ code, state: 'passed', detail: await look() });
    } catch (error) {
      if (!(error instanceof Failure || error instanceof Trouble)) throw error;
      steps.push({ code, state: 'failed', detail: error.message });
    }
  }
  return steps;
}

/** What a look found wrong, in words for an administrator. */
class Trouble extends Error {}

function looksAtOidc(access: Access, base: string, provider: StoredProvider): Look[] {
  const oidc = oidcOf(access, base, provider);
  const net = oidcNetOf(access);
  let config: client.Configuration | undefined;
  const found = () => {
    if (config === undefined) throw new Error('the provider is discovered first');
    return config;
  };
  return [
    [
      'provider-found',
      async () => {
        // Whoever tries it has perhaps just mended it: what was remembered is of no use to the sign-in after it either.
        net.discoveries.forget();
        config = await discoverOidc(net, oidc);
        return config.serverMetadata().issuer;
      },
    ],
    ['code-flow-offered', async () => lookAtFlow(found().serverMetadata())],
    [
      'keys-found',
      async () => {
        const address = found().serverMetadata().jwks_uri;
        if (address === undefined) throw new Trouble('The provider names no keys (jwks_uri).');
        return lookAtKeys(await access.platform.outbound.fetch(address));
      },
    ],
    ['client-accepted', () => lookAtClient(found(), oidc)],
  ];
}

function lookAtFlow(metadata: Readonly<client.ServerMetadata>): string | null {
  const { authorization_endpoint: begin, token_endpoint: token, response_types_supported: types } = metadata;
  if (begin === undefined || token === undefined)
    throw new Trouble('The provider names no authorization_endpoint or no token_endpoint.');
  if (types !== undefined && !types.includes('code')) throw new Trouble('The provider does not offer the code flow.');
  const challenges = metadata.code_challenge_methods_supported;
  if (challenges !== undefined && !challenges.includes('S256'))
    throw new Trouble('The provider does not take PKCE with S256.');
  return begin;
}

const keysSchema = z.object({ keys: z.array(z.unknown()) });

async function lookAtKeys(answer: Response): Promise<string> {
  if (answer.status !== 200) throw new Trouble(`The keys are answered with status ${answer.status}.`);
  const keys = keysSchema.safeParse(await answer.json().catch(() => undefined)).data?.keys ?? [];
  if (keys.length === 0) throw new Trouble('What is answered there holds no keys.');
  return String(keys.length);
}

/** A code that was never given: a provider that knows the client says so, one that does not says that first. */
async function lookAtClient(config: client.Configuration, { redirectUrl }: OidcProvider): Promise<null> {
  const address = new URL(redirectUrl);
  address.search = new URLSearchParams({ code: 'a-code-that-was-never-given' }).toString();
  const issuer = config.serverMetadata();
  if (issuer.authorization_response_iss_parameter_supported === true) address.searchParams.set('iss', issuer.issuer);
  try {
    await client.authorizationCodeGrant(config, address, { pkceCodeVerifier: client.randomPKCECodeVerifier() });
  } catch (error) {
    if (error instanceof client.ResponseBodyError) {
      if (error.error === 'invalid_grant') return null;
      throw new Trouble(`${error.error}${error.error_description === undefined ? '' : `: ${error.error_description}`}`);
    }
    if (error instanceof client.WWWAuthenticateChallengeError)
      throw new Trouble('The provider does not accept client and secret (invalid_client).');
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      if (cause instanceof Failure) throw cause;
    if (error instanceof client.ClientError) throw new Trouble(error.message);
    throw error;
  }
  throw new Trouble('The provider gave tokens for a code that it never gave.');
}

function looksAtSaml(access: Access, base: string, provider: StoredProvider): Look[] {
  const saml = samlOf(access, base, provider);
  const { clock, outbound } = access.platform;
  return [
    ['certificate-valid', async () => lookAtCertificates(saml.certificates, clock.now())],
    [
      'sign-in-page-reached',
      async () => {
        const { url } = await beginSaml(saml, clock.now());
        const { status } = await outbound.fetch(url);
        if (status >= 400) throw new Trouble(`The address answers our request with status ${status}.`);
        return String(status);
      },
    ],
  ];
}

/** One that is valid now suffices: the other may be the next. @returns until when */
function lookAtCertificates(texts: readonly string[], at: Date): string {
  const certificates = texts.map(readCertificate).filter((certificate) => certificate !== null);
  const valid = certificates.filter(({ validFromDate, validToDate }) => validFromDate <= at && at < validToDate);
  const last = valid.map(({ validToDate }) => validToDate.getTime()).sort((one, other) => other - one)[0];
  if (last !== undefined) return new Date(last).toISOString();
  throw new Trouble(
    `No certificate is valid today: ${certificates.map(({ validTo }) => `until ${validTo}`).join(', ')}.`,
  );
}

async function findProvedDomain({ platform }: Access, provider: StoredProvider): Promise<string> {
  const domains = await platform.db.transaction(provider.organisationId, selectDomains);
  const proved = domains.filter(
    ({ verifiedAt, providerId }) => verifiedAt !== null && (providerId === null || providerId === provider.id),
  );
  if (proved.length === 0) throw new Trouble('The organisation has proved no domain that this provider speaks for.');
  return proved.map(({ domain }) => domain).join(', ');
}
