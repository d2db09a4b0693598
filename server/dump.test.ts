import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { openTestAccess, testPassword } from './access/test-access.ts';
import { startOidcProvider } from './access/test-oidc.ts';
import { openBrowser } from './access/test-provider-server.ts';
import { createApp } from './app.ts';
import { openQuietly } from './own/seal-anew.ts';
import { sealedPlaces } from './own/sealed-places.ts';
import { visitSealed } from './own/visit-sealed.ts';
import { unwrapDataKey } from './platform/data-keys.ts';
import { openKeyring } from './platform/keyring.ts';
import { describeDataKeys } from './platform/rotate-data-keys.ts';
import { hmacScheme, sign } from './webhooks/test-inbound.ts';

/**
 * The whole database as text, with a secret of every kind in it, and nobody finds one. Whoever adds a kind of secret
 * adds what makes one to `makers`; a sealed column that none of them fills is found, too.
 */
const idp = await startOidcProvider();
const environment = {
  KEPT_OUTBOUND_ALLOW: '127.0.0.1',
  KEPT_SMTP_URL: 'smtp://kept:smtp-password-7f3a@127.0.0.1:9',
  KEPT_SECRET_CRM_DATABASE: 'postgres://crm:crm-password-91bd@127.0.0.1:9/crm',
};
const kept = await openTestAccess({ environment });
const app = await createApp({ config: kept.platform.config });
const address = await app.http.listen();
after(async () => {
  await app.stop();
  await kept.close();
  await idp.close();
});
const { platform, people } = kept;

type Who = Readonly<Record<string, string>> | string;

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked at
async function ask(method: string, path: string, who: Who, body?: unknown): Promise<any> {
  const headers = typeof who === 'string' ? { cookie: who } : who;
  const answer = await fetch(address + path, {
    method,
    headers: {
      'sec-fetch-site': 'same-origin',
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

const owner = await kept.cookieOf('owner');
const localKey = readFileSync(kept.access.localKey.file, 'utf8').trim();
const operator = { ...kept.keyOf(), authorization: `Bearer ${localKey}` };

/** What makes a secret of each kind. @returns those that are told to somebody once */
const makers: Readonly<Record<string, () => Promise<readonly (string | null)[]>>> = {
  'the server’s own files and settings': async () => [
    readFileSync(join(platform.config.dataDirectory, 'sealing.key'), 'utf8').trim(),
    localKey,
    'smtp-password-7f3a',
    'crm-password-91bd',
  ],
  'the keys that secrets are sealed with': async () => {
    const keyring = await openKeyring(platform.config, { make: false });
    const { dataKeys } = await describeDataKeys(platform);
    const open = await Promise.all(dataKeys.map((key) => unwrapDataKey(keyring, key)));
    const derived = platform.seal.derive('rate-limit').toString('latin1');
    return [...open.map(({ key }) => key.export().toString('latin1')), derived];
  },
  'passwords, sessions and second factors': async () => {
    const agent = await kept.cookieOf('agent');
    const begun = await ask('POST', '/v1/access/own/totp', agent, { password: testPassword });
    return [
      testPassword,
      owner.split('=')[1] ?? null,
      agent.split('=')[1] ?? null,
      begun.secret,
      people.owner.totp,
      people.dpo.totp,
    ];
  },
  'a link to sign in': async () => {
    const { url } = await ask('POST', '/v1/access/links', operator, { email: people.auditor.email });
    return [tokenIn(url)];
  },
  'a mail with a link for a new password': async () => {
    await ask('POST', '/v1/access/password-resets', {}, { email: people.engineer.email });
    // It is written in the background, so that nobody learns from the answer who has an account.
    await app.platform.tasks.start();
    await app.platform.tasks.settled({ timeoutMs: 60_000 });
    return [];
  },
  'a key': async () => {
    const body = { kind: 'api', name: 'A key', scopes: ['policy:read'], origins: [], expiresAt: null };
    return [(await ask('POST', '/v1/access/keys', owner, body)).key];
  },
  'an identity provider, and a dialogue with it': async () => {
    const provider = { name: 'Corp', defaultRole: 'engineer', admits: true, enabled: true };
    const settings = { issuer: idp.issuer, clientId: idp.clientId };
    const { id, register } = await ask('POST', '/v1/access/providers', owner, {
      ...provider,
      kind: 'oidc',
      settings,
      secret: idp.secret,
    });
    idp.register(register.redirectUrl);
    const sent = await openBrowser({ address }).get(`/sign-in/providers/${id}`);
    const to = new URL(sent.headers.get('location') ?? '');
    assert.ok(to.searchParams.get('code_challenge'));
    return [idp.secret, to.searchParams.get('state'), to.searchParams.get('nonce')];
  },
  'a subscription': async () => {
    const wanted = { name: 'Ours', url: 'http://127.0.0.1:9/hook', kinds: ['policy.published'] };
    const one = await ask('POST', '/v1/webhooks/subscriptions', owner, wanted);
    const other = await ask('POST', '/v1/webhooks/subscriptions', owner, { ...wanted, name: 'B', scheme: 'ed25519' });
    return secretsIn([one, other]);
  },
  'an endpoint, and what it received': async () => {
    const made = await ask('POST', '/v1/webhooks/endpoints', owner, { name: 'Shop', scheme: hmacScheme, rules: [] });
    const meta = await ask('POST', '/v1/webhooks/endpoints', owner, {
      name: 'Meta',
      scheme: { kind: 'meta' },
      rules: [],
      secret: 'app-secret-of-meta-5b1c9d',
    });
    const body = JSON.stringify({ customer: 'somebody-private-2f6e@example.com' });
    const to = new URL(made.endpoint.url, address);
    const answer = await fetch(address + to.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': sign(made.secret, body) },
      body,
    });
    assert.equal(answer.status, 200, await answer.text());
    return [made.secret, meta.verifyToken, 'app-secret-of-meta-5b1c9d', 'somebody-private-2f6e@example.com'];
  },
  mailboxes: async () => {
    const imap = { host: '127.0.0.1', port: 9, security: 'none', user: 'dpo', password: 'imap-password-c04e' };
    const basics = { name: 'DPO', enabled: false, subaddressing: false };
    await ask('POST', '/v1/messages/mailboxes', owner, {
      ...basics,
      ...imap,
      kind: 'imap',
      mailAddress: 'dpo@example.com',
    });
    const made = await ask('POST', '/v1/messages/mailboxes', owner, {
      ...basics,
      kind: 'webhook',
      name: 'Inbound',
      mailAddress: 'privacy@example.com',
    });
    const renewed = await ask('POST', `/v1/messages/mailboxes/${made.mailbox.id}/secret`, owner);
    return ['imap-password-c04e', made.secret, renewed.secret];
  },
};

function tokenIn(url: string): string {
  return /[\w-]{30,}$/.exec(url)?.[0] ?? url;
}

/** Whatever is called a secret in an answer. */
function secretsIn(answer: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(answer, (name, value) => {
    if (/secret$/i.test(name) && typeof value === 'string') found.push(value);
    return value;
  });
  assert.notEqual(found.length, 0, 'the answer tells a secret');
  return found;
}

/** Every row of every table, as an administrator sees them; `bytea` as hex. */
async function dump(): Promise<string> {
  const client = new pg.Client(kept.adminUrl);
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema$)'`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
    parts.push(...rows.map(({ text }) => text));
  }
  await client.end();
  return parts.join('\n');
}

/** How a secret of so many octets may be written. */
function writings(secret: Buffer): string[] {
  const text = secret.toString('utf8');
  const isText = Buffer.from(text).equals(secret);
  const forms = [secret.toString('hex'), secret.toString('base64').replace(/=+$/, ''), secret.toString('base64url')];
  return isText ? [text, JSON.stringify(text).slice(1, -1), ...forms] : forms;
}

test('a dump of the database reveals no secret', async () => {
  const told = new Map<string, Buffer>();
  for (const [kind, make] of Object.entries(makers))
    for (const secret of await make()) {
      assert.ok(secret !== null && secret.length >= 8, `${kind} makes secrets`);
      told.set(`${kind}: ${secret}`, Buffer.from(secret, /[^\x20-\x7e]/.test(secret) ? 'latin1' : 'utf8'));
    }
  const filled = new Set<string>();
  await visitSealed(
    platform,
    () => undefined,
    async (place, values) => {
      const name = `${place.table}.${place.column}`;
      for (const value of values) {
        filled.add(name);
        const open = openQuietly(platform, place, value);
        assert.ok(open !== undefined, `${name} opens`);
        if (open.length >= 8) told.set(`${name} of ${value.id}`, open);
        // What opens something stands in a mail among words: each token by itself must not be found elsewhere.
        for (const [token] of open.toString().matchAll(/[\w-]{30,}/g))
          told.set(`a token in ${name}`, Buffer.from(token));
      }
    },
  );
  const unfilled = sealedPlaces.map(({ table, column }) => `${table}.${column}`).filter((name) => !filled.has(name));
  assert.deepEqual(unfilled, [], 'there is a secret of every kind');

  assert.deepEqual(findIn(await dump(), told), []);

  const planted = Buffer.from(people.owner.totp ?? '');
  for (const writing of writings(planted)) {
    await plant(writing);
    assert.deepEqual(findIn(await dump(), new Map([['planted', planted]])), ['planted'], writing);
  }
});

function findIn(text: string, told: ReadonlyMap<string, Buffer>): string[] {
  const found = [...told].filter(([, secret]) => writings(secret).some((writing) => text.includes(writing)));
  return found.map(([name]) => name);
}

/** What is looked for is found where it stands. */
async function plant(text: string): Promise<void> {
  const client = new pg.Client(kept.adminUrl);
  await client.connect();
  await client.query('update access.person set name = $1 where id = $2', [text, people.agent.id]);
  await client.end();
}
