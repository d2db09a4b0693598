import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { Provider } from 'oidc-provider';

interface OidcLibraryContext {
  readonly oidc: { readonly session: { readonly accountId: string }; readonly client: { readonly clientId: string } };
}
/** Somebody at the provider. */
export interface OidcAccount {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export interface TestOidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  /** Subject → claims. */
  readonly accounts: Map<string, OidcAccount>;
  /** Who is signed in there, whatever the browser. */
  signedIn: string;
  /** Has the client come back to this address from now on. */
  register(redirectUrl: string): void;
  /** Goes through the sign-in there as a browser does. @returns the address it sends the browser back to */
  follow(address: string): Promise<string>;
  close(): Promise<void>;
}

async function listen(listener: RequestListener): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the provider listens on a port');
  return {
    address: `http://127.0.0.1:${bound.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An OpenID provider that is certified as one (`oidc-provider`), on loopback, without pages: it asks nothing. */
export async function startOidcProvider(): Promise<TestOidcProvider> {
  const accounts = new Map<string, OidcAccount>();
  const clientId = 'kept';
  const secret = randomBytes(32).toString('hex');
  let provider: Provider | undefined;
  const server = await listen((request, response) => {
    if (provider === undefined) response.writeHead(503).end();
    else if (request.url?.startsWith('/login/') === true)
      void provider.interactionFinished(request, response, { login: { accountId: opened.signedIn } });
    else provider.callback()(request, response);
  });
  const issuer = server.address;
  const opened: TestOidcProvider = {
    issuer,
    clientId,
    secret,
    accounts,
    signedIn: '',
    register(redirectUrl) {
      provider = new Provider(issuer, {
        clients: [{ client_id: clientId, client_secret: secret, redirect_uris: [redirectUrl] }],
        findAccount: (_context: unknown, id: string) =>
          accounts.has(id) ? { accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) } : undefined,
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        pkce: { required: () => true },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/login/${uid}` },
        cookies: { keys: [randomBytes(16).toString('hex')] },
        jwks: { keys: [{ ...makeKey().jwk, use: 'sig' }] },
        async loadExistingGrant({ oidc }: OidcLibraryContext) {
          if (provider === undefined) return undefined;
          const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
          grant.addOIDCScope('openid email profile');
          await grant.save();
          return grant;
        },
      });
    },
    follow: (address) => followRedirects(address, issuer),
    close: server.close,
  };
  return opened;
}

/** Follows redirects within one site, keeping its cookies. @returns the first address elsewhere */
async function followRedirects(start: string, site: string): Promise<string> {
  const cookies = new Map<string, string>();
  let address = start;
  for (let hop = 0; hop < 10; hop += 1) {
    if (!address.startsWith(`${site}/`)) return address;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = answer.headers.get('location');
    if (next === null) throw new Error(`${answer.status} ${await answer.text()}`);
    address = new URL(next, address).href;
  }
  throw new Error('the provider goes in circles');
}

/** What a provider that lies puts into its ID token and beside it. */
export interface Lies {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signed by a key that it does not publish. */
  readonly otherKey?: boolean;
  /** Without a signature. */
  readonly unsigned?: boolean;
  /** What its description says besides. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface LyingOidcProvider {
  readonly issuer: string;
  lies: Lies;
  /** How often it was asked what it is. */
  readonly discovered: () => number;
  /** Of the last token request. */
  readonly lastRequest: () => URLSearchParams;
  /** The nonce that the browser was sent with. */
  nonce: string;
  close(): Promise<void>;
}

/** An OpenID provider of our own that can do what no certified one would. */
export async function startLyingProvider(): Promise<LyingOidcProvider> {
  const own = makeKey();
  const other = makeKey();
  let last = new URLSearchParams();
  let discovered = 0;
  const server = await listen(async (request, response) => {
    const json = (value: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    const { issuer } = liar;
    if (request.url === '/.well-known/openid-configuration') {
      discovered += 1;
      return json({
        issuer,
        authorization_endpoint: `${issuer}/authorise`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...liar.lies.metadata,
      });
    }
    if (request.url === '/keys') return json({ keys: [{ ...own.publicJwk, use: 'sig' }] });
    let body = '';
    for await (const chunk of request) body += String(chunk);
    last = new URLSearchParams(body);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: 'ana-1',
      aud: 'kept',
      exp: now + 300,
      iat: now,
      nonce: liar.nonce,
      email: 'ana@corp.example',
      email_verified: true,
      ...liar.lies.claims,
    };
    const header = { alg: liar.lies.unsigned === true ? 'none' : 'RS256', kid: own.jwk['kid'], ...liar.lies.header };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part(header)}.${part(claims)}`;
    const key = liar.lies.otherKey === true ? other.privateKey : own.privateKey;
    const signature = liar.lies.unsigned === true ? '' : sign('sha256', Buffer.from(text), key).toString('base64url');
    return json({ access_token: 'x', token_type: 'Bearer', expires_in: 300, id_token: `${text}.${signature}` });
  });
  const liar: LyingOidcProvider = {
    issuer: server.address,
    lies: {},
    discovered: () => discovered,
    lastRequest: () => last,
    nonce: '',
    close: server.close,
  };
  return liar;
}

function makeKey(): { privateKey: KeyObject; jwk: Record<string, unknown>; publicJwk: Record<string, unknown> } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('hex');
  const named = { kid, alg: 'RS256' };
  return {
    privateKey,
    jwk: { ...privateKey.export({ format: 'jwk' }), ...named },
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...named },
  };
}
