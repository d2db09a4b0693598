import * as client from 'openid-client';
import { z } from 'zod';
import { Failure, failuresOf } from '../platform/failure.ts';
import type { Outbound } from '../platform/outbound.ts';
import type { ProvedIdentity } from './proved-identity.ts';
import { providerRefusals } from './providers-contract.ts';
import type { Discoveries } from './remember-discoveries.ts';

const refuse = failuresOf(providerRefusals);

/** An OpenID Connect provider, and where its answers go. */
export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a public client, which PKCE alone protects. */
  readonly secret: string | null;
  readonly redirectUrl: string;
  /** Google tells apart whom it vouches for, see `isOfGoogle`. */
  readonly isGoogle: boolean;
}

export const googleIssuer = 'https://accounts.google.com';

/** What has to be remembered until the answer comes. */
export const oidcMemorySchema = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() });
export type OidcMemory = z.infer<typeof oidcMemorySchema>;

/** How far the clocks of two servers may be apart. */
const CLOCK_TOLERANCE_SECONDS = 60;
const TIMEOUT_SECONDS = 10;

/**
 * Begins a sign-in: authorization code flow with PKCE (RFC 7636), state and nonce.
 * @returns where to send the browser
 * @throws Failure `provider-unavailable` or `answer-not-trusted`
 */
export async function beginOidc(
  net: OidcNet,
  provider: OidcProvider,
): Promise<{ readonly url: string; readonly memory: OidcMemory }> {
  const config = await net.discoveries.find(provider, () => discoverOidc(net, provider));
  const memory = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    codeVerifier: client.randomPKCECodeVerifier(),
  };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: provider.redirectUrl,
    scope: 'openid email profile',
    state: memory.state,
    nonce: memory.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(memory.codeVerifier),
    code_challenge_method: 'S256',
  });
  // The browser follows this address, so it is held to what Kept itself would call.
  if (url.protocol !== 'https:' && !net.mayBeInsecure(url))
    throw refuse('answer-not-trusted', 'The provider sends people to an address without HTTPS.');
  return { url: url.href, memory };
}

/**
 * Takes the answer: exchanges the code, and checks the ID token's signature, issuer, audience, nonce and time.
 * @param query of the address the browser came back to
 * @throws Failure of `providerRefusals`
 */
export async function answerOidc(
  net: OidcNet,
  provider: OidcProvider,
  memory: OidcMemory,
  query: URLSearchParams,
): Promise<ProvedIdentity> {
  const address = new URL(provider.redirectUrl);
  address.search = query.toString();
  return withReason(async () => {
    const config = await net.discoveries.find(provider, () => discoverOidc(net, provider));
    const tokens = await client.authorizationCodeGrant(config, address, {
      pkceCodeVerifier: memory.codeVerifier,
      expectedState: memory.state,
      expectedNonce: memory.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw refuse('answer-not-trusted', 'The provider sent no ID token.');
    const told = claimsSchema.parse(claims);
    // Many providers tell the address only here; the subject is checked to be the one of the ID token.
    const more =
      told.email == null && config.serverMetadata().userinfo_endpoint !== undefined
        ? claimsSchema.parse(await client.fetchUserInfo(config, tokens.access_token, claims.sub))
        : told;
    return identityOf(provider, { ...told, ...more, sub: claims.sub });
  });
}

/** What the dialogue needs of the network. */
export interface OidcNet {
  readonly outbound: Outbound;
  readonly discoveries: Discoveries;
  /** Whether an address without HTTPS is one that the operator of this server allowed. */
  mayBeInsecure(url: URL): boolean;
}

/**
 * Reads what the provider says of itself now.
 * @throws Failure `provider-unavailable` or `answer-not-trusted`
 */
export async function discoverOidc(net: OidcNet, provider: OidcProvider): Promise<client.Configuration> {
  const issuer = new URL(provider.issuer);
  const insecure = issuer.protocol === 'http:' && net.mayBeInsecure(issuer);
  return withReason(async () => {
    const config = await client.discovery(
      issuer,
      provider.clientId,
      { [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
      (...request) => authenticationFor(provider, request[0])(...request),
      {
        [client.customFetch]: fetchThrough(net.outbound),
        timeout: TIMEOUT_SECONDS,
        // Signatures are checked although the token comes over TLS from the issuer itself.
        execute: [client.enableNonRepudiationChecks, ...(insecure ? [client.allowInsecureRequests] : [])],
      },
    );
    return config;
  });
}

/** HTTP Basic, which a provider that says nothing takes (OpenID Connect Discovery 1.0, 3), or in the body. */
function authenticationFor(provider: OidcProvider, server: client.ServerMetadata): client.ClientAuth {
  if (provider.secret === null) return client.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? client.ClientSecretBasic(provider.secret)
    : client.ClientSecretPost(provider.secret);
}

const truthSchema = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0']), z.literal([0, 1])])
  .transform((value) => value === true || value === 'true' || value === '1' || value === 1);

/** Of what a provider may leave out some send null. */
const claimsSchema = z.object({
  email: z.string().max(320).nullish(),
  email_verified: truthSchema.nullish(),
  /** Microsoft Entra: whether the owner of the address' domain was verified. */
  xms_edov: truthSchema.nullish(),
  name: z.string().nullish(),
  /** Google Workspace: the organisation's domain. */
  hd: z.string().nullish(),
});

function identityOf(provider: OidcProvider, claims: z.infer<typeof claimsSchema> & { sub: string }): ProvedIdentity {
  const vouched = claims.email_verified ?? claims.xms_edov ?? false;
  const name = claims.name?.trim().slice(0, 200);
  return {
    subject: claims.sub,
    email: claims.email ?? null,
    isEmailVerified: vouched && (!provider.isGoogle || isOfGoogle(claims)),
    name: name === undefined || name === '' ? null : name,
  };
}

/**
 * Google knows who owns an address of its own and of the domains it hosts. Of any other it only knows that somebody
 * could read a mail once, perhaps long ago (Google Identity, "Verify the Google ID token on your server side").
 */
export function isOfGoogle({
  email,
  hd,
}: {
  email?: string | null | undefined;
  hd?: string | null | undefined;
}): boolean {
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return domain !== undefined && (domain === 'gmail.com' || domain === hd?.toLowerCase());
}

/** The libraries' way out is ours: guarded, bounded, without redirects. */
function fetchThrough(outbound: Outbound): client.CustomFetch {
  return (url, { method, headers, body, signal }) => {
    const text = body instanceof URLSearchParams ? body.toString() : body;
    if (method !== 'GET' && method !== 'POST') throw new Error(`an OpenID Connect dialogue has no use for ${method}`);
    if (text !== null && text !== undefined && typeof text !== 'string')
      throw new Error('an OpenID Connect dialogue sends forms and text only');
    return outbound.fetch(url, {
      method,
      headers,
      ...(typeof text === 'string' && { body: text }),
      ...(signal !== undefined && { signal }),
    });
  };
}

/** Turns what the library throws into what a person can act upon. */
async function withReason<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      if (!(cause instanceof Failure)) continue;
      if (!cause.code.startsWith('outbound-')) throw cause;
      throw refuse('provider-unavailable', cause.message, { cause: error });
    }
    if (error instanceof client.AuthorizationResponseError)
      throw refuse('provider-refused', `The provider answered ${error.error}.`, { cause: error });
    if (error instanceof client.ResponseBodyError)
      throw refuse('provider-refused', `The provider answered ${error.error}.`, { cause: error });
    if (error instanceof client.ClientError || error instanceof z.ZodError || error instanceof TypeError)
      throw refuse(
        'answer-not-trusted',
        error instanceof z.ZodError ? 'Its claims are not of the expected form.' : error.message,
        { cause: error },
      );
    throw error;
  }
}
