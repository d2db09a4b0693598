import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { providerSignInPath } from './contract.ts';
import { openTestAccess, type TestAccess, type TestPerson } from './test-access.ts';
import { proveTestDomain, startNameServer, type TestNameServer } from './test-provider-server.ts';
import { answerWithLibrary, postingPage, startSamlProvider, type TestSamlProvider } from './test-saml.ts';

/**
 * What only a real browser can tell: which cookies it sends with what another site posts, and what it signs with a
 * passkey. Kept is `localhost` here and the others are 127.0.0.1, so that to the browser they are different sites.
 */
let server: TestAccess;
let names: TestNameServer;
let idp: TestSamlProvider;
let attacker: Server;
let attackerAddress: string;
let attackerPage = '';
let browser: Browser;
let origin: string;
let provider: { id: string; answerUrl: string; entityId: string };

before(async () => {
  names = await startNameServer();
  idp = await startSamlProvider();
  attacker = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(attackerPage));
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
  const bound = attacker.address();
  assert.ok(bound !== null && typeof bound === 'object');
  attackerAddress = `http://127.0.0.1:${bound.port}/`;
  server = await openTestAccess({
    environment: { KEPT_OUTBOUND_ALLOW: '127.0.0.1', KEPT_DNS_SERVERS: names.address },
  });
  origin = server.address.replace('127.0.0.1', 'localhost');
  const made = await server.call('POST', '/v1/access/providers', 'admin', {
    kind: 'saml',
    name: 'Corp',
    defaultRole: 'agent',
    admits: true,
    enabled: true,
    settings: { entityId: idp.entityId, signInUrl: idp.signInUrl, certificates: [idp.certificate] },
  });
  const { id } = made.json();
  const begin = `${origin}${providerSignInPath(id)}`;
  provider = { id, answerUrl: `${begin}/answer`, entityId: `${begin}/metadata` };
  await proveTestDomain(server, names, await server.cookieOf('admin'), 'corp.example', id);
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((place) =>
    existsSync(place),
  );
  assert.ok(executablePath !== undefined, 'this test needs Chromium');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
});
after(async () => {
  await browser.close();
  attacker.closeAllConnections();
  attacker.close();
  await server.close();
  await idp.close();
  await names.close();
});

async function openPage(): Promise<Page> {
  const context = await browser.newContext();
  return context.newPage();
}

/** Who is signed in, as a script on a page of Kept's sees it. */
async function whoIs(page: Page): Promise<string | null> {
  await page.goto(`${origin}/health`);
  return page.evaluate(async () => {
    const answer = await fetch('/v1/access/session');
    return answer.ok ? (await answer.json()).person.email : null;
  });
}

test('a browser goes to a SAML identity provider and comes back signed in', async () => {
  idp.signsIn = { id: 'rui', email: 'rui@corp.example', answerUrl: provider.answerUrl };
  const page = await openPage();
  await page.goto(`${origin}${providerSignInPath(provider.id)}`);
  await page.waitForURL(`${origin}/`);
  assert.equal(await whoIs(page), 'rui@corp.example');
  await page.context().close();
});

test('another site cannot sign a browser in, with or without a dialogue under way', async () => {
  const own = { id: 'eve', email: 'eve@corp.example' };
  const unasked = { id: '_unasked', issuer: provider.entityId };
  attackerPage = postingPage(provider.answerUrl, await answerWithLibrary(idp, unasked, own, provider.answerUrl));
  const page = await openPage();
  await page.goto(attackerAddress);
  await page.waitForURL(`${origin}/enter?refused=dialogue-lost`);
  assert.equal(await whoIs(page), null);
  // The identity provider only shows its page this time, so a dialogue is left open.
  idp.signsIn = null;
  await page.goto(`${origin}${providerSignInPath(provider.id)}`);
  await page.goto(attackerAddress);
  await page.waitForURL(`${origin}/enter?refused=answer-not-trusted`);
  assert.equal(await whoIs(page), null);
  await page.context().close();
});

test('a passkey of a real authenticator is registered and signs in, with nothing typed', async () => {
  const person: TestPerson = await server.addPerson({
    organisationId: server.organisationId,
    role: 'engineer',
    email: 'ivo@example.com',
    totp: false,
  });
  const page = await openPage();
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const [name = '', value = ''] = (await server.cookieOf(person)).split('=');
  await page.context().addCookies([{ name, value, url: origin }]);
  assert.equal(await whoIs(page), person.email);
  const made = await page.evaluate(async () => {
    const post = (path: string, body?: unknown) =>
      fetch(path, {
        method: 'POST',
        ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    const options = await (await post('/v1/access/own/passkeys/challenges')).json();
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = await navigator.credentials.create({ publicKey });
    const response = JSON.parse(JSON.stringify(credential));
    return (await post('/v1/access/own/passkeys', { name: 'Device', response })).status;
  });
  assert.equal(made, 201);
  await page.context().clearCookies();
  assert.equal(await whoIs(page), null);
  const shown = await page.evaluate(async () => {
    const options = await (await fetch('/v1/access/passkeys/challenges', { method: 'POST' })).json();
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    const answer = await fetch('/v1/access/passkeys/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response: JSON.parse(JSON.stringify(credential)) }),
    });
    return { status: answer.status, owes: (await answer.json()).owes };
  });
  assert.deepEqual(shown, { status: 200, owes: null });
  assert.equal(await whoIs(page), person.email);
  await page.context().close();
});
