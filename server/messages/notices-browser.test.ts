import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { noticeWidget } from './notice-widget.ts';
import { openTestNotices, type TestNotices, texts } from './test-notices.ts';

/**
 * The widget in a page of another site under a policy that allows its script and its requests and nothing else, and the
 * public page without JavaScript: in a real browser.
 */
let server: TestNotices;
let product: Server;
let productOrigin: string;
let browser: Browser;
/** What the product puts into its page. */
let html = '';
let tokens: string[] = [];
let tokenAsked = 0;
let cookiesOfToken: (string | undefined)[] = [];

before(async () => {
  server = await openTestNotices();
  const kept = server.kept.address;
  product = createServer((request, response) => {
    if (request.url === '/kept-token') {
      tokenAsked += 1;
      cookiesOfToken.push(request.headers.cookie);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ token: tokens.shift() ?? 'none' }));
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src ${kept}; connect-src 'self' ${kept}; style-src 'none'; require-trusted-types-for 'script'`,
    );
    response.setHeader('set-cookie', 'session=of-the-product; HttpOnly');
    response.end(html);
  });
  await new Promise<void>((resolve) => product.listen(0, '127.0.0.1', resolve));
  const bound = product.address();
  assert.ok(bound !== null && typeof bound === 'object');
  // To the browser, another site.
  productOrigin = `http://localhost:${bound.port}`;
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((place) =>
    existsSync(place),
  );
  assert.ok(executablePath !== undefined, 'this test needs Chromium');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
});
after(async () => {
  await browser.close();
  product.closeAllConnections();
  product.close();
  await server.close();
});

async function tokenFor(recipient: string, minutes = 60): Promise<string> {
  const answer = await server.kept.call('POST', '/v1/messages/in-product/tokens', server.kept.keyOf(), {
    recipient,
    minutes,
  });
  assert.equal(answer.status, 201, answer.text);
  return z.object({ token: z.string() }).parse(answer.json()).token;
}

/** Opens the product's page; what its policy refused, and what its console says, is noted. */
async function openProduct(attributes: string, lang = 'en'): Promise<{ page: Page; complaints: string[] }> {
  html = `<!doctype html><html lang="${lang}"><title>Product</title><body><main><h1>Product</h1><div id="place"></div></main>
<script src="${server.kept.address}/widget/notices.js" ${attributes} defer></script></body></html>`;
  const complaints: string[] = [];
  const page = await (await browser.newContext()).newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(productOrigin);
  return { page, complaints };
}

const list = [{ reference: 'c-1', language: 'es' }, { reference: 'c-2' }];

async function placed(change: Parameters<TestNotices['draft']>[0] = {}) {
  const notice = await server.draft({ channels: ['in-product', 'page'], ...change });
  await server.giveList(notice, list);
  await server.announce(notice);
  await server.tell(notice);
  return notice;
}

test('the widget is smaller than three kilobytes', () => {
  assert.ok(Buffer.byteLength(noticeWidget) < 3 * 1024, `${Buffer.byteLength(noticeWidget)} octets`);
});

test('a notice shows in a product of another site under a strict policy, is read once, and is marked as seen', async () => {
  const notice = await placed();
  const { page, complaints } = await openProduct(`data-token="${await tokenFor('c-1')}" data-target="#place"`);
  const region = page.getByRole('region', { name: 'Notices' });
  await region.getByRole('heading', { name: 'Our policy changes' }).waitFor();
  assert.equal(await page.locator('#place #kept-notices').count(), 1);
  assert.match((await region.textContent()) ?? '', /Takes effect on January 4, 2027/);
  const href = await region.getByRole('link', { name: 'Read on the web' }).getAttribute('href');
  assert.ok(href?.startsWith(server.kept.address), String(href));
  const axe = await axeOf(page);
  assert.deepEqual(axe, []);
  await region.getByRole('button', { name: 'I have read this: Our policy changes' }).press('Enter');
  await region.waitFor({ state: 'detached' });
  const { figures } = await server.get(`/v1/messages/notices/${notice}`);
  assert.deepEqual([figures.seen, figures.told], [1, 1]);
  await page.reload();
  await page.waitForLoadState('networkidle');
  assert.equal(await page.getByRole('region', { name: 'Notices' }).count(), 0);
  assert.deepEqual(await page.context().cookies(server.kept.address), [], 'Kept sets no cookie');
  assert.deepEqual(complaints, []);
});

/** Findings of the accessibility checker. It brings a script, so that the page's policy is set aside for it. */
async function axeOf(page: Page): Promise<string[]> {
  const context: BrowserContext = await browser.newContext({ bypassCSP: true });
  const copy = await context.newPage();
  await copy.setContent((await page.content()).replace(/<script.*?<\/script>/s, ''));
  const { violations } = await new AxeBuilder({ page: copy }).analyze();
  await context.close();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html: node }) => node).join(' ')}`);
}

test('the widget speaks the language of the page it is in', async () => {
  const notice = await placed();
  for (const [lang, name, title] of [
    ['pt', 'Avisos', texts['pt-BR'].title],
    ['es-AR', 'Avisos', texts.es.title],
    // A language that Kept does not speak: that of the recipient.
    ['fr', 'Avisos', texts.es.title],
  ] as const) {
    const { page } = await openProduct(`data-token="${await tokenFor('c-1')}"`, lang);
    const region = page.getByRole('region', { name });
    await region.getByRole('heading', { name: title }).first().waitFor();
    await page.context().close();
  }
  assert.ok(notice);
});

test('a token that has expired is asked for again at the product’s own server, with its own cookie', async () => {
  await placed();
  const expired = await tokenFor('c-2', 1);
  server.clock.advance(2 * 60_000);
  tokens = [expired, await tokenFor('c-2')];
  tokenAsked = 0;
  cookiesOfToken = [];
  const { page } = await openProduct('data-token-from="/kept-token"');
  await page.getByRole('region', { name: 'Notices' }).waitFor();
  assert.equal(tokenAsked, 2);
  assert.deepEqual(cookiesOfToken, ['session=of-the-product', 'session=of-the-product']);
});

test('a token opens the notices of its recipient only, and of its organisation only', async () => {
  const notice = await placed();
  const ask = (token: string | undefined, path = '/v1/messages/in-product/notices') =>
    server.kept.call('GET', path, token === undefined ? {} : { authorization: `Bearer ${token}` });
  const stranger = await ask(await tokenFor('somebody-else'));
  assert.deepEqual(stranger.json(), { items: [] });
  const token = await tokenFor('c-1');
  assert.ok((await ask(token)).json().items.some(({ id }: { id: string }) => id === notice));
  const [text = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(text, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify([claims[0], ['c-2'], claims[2]])).toString('base64url');
  for (const bad of [undefined, 'x', `${forged}.${signature}`, `${text}.`, `${text}.${signature}.x`, `${token}x`]) {
    const answer = await ask(bad);
    assert.deepEqual([answer.status, answer.json().code], [401, 'in-product-token-invalid'], String(bad));
    assert.equal(answer.headers.get('access-control-allow-origin'), '*', 'a page may read why');
  }
  assert.equal((await markSeen(await tokenFor('somebody-else'), notice)).status, 404);
  const other = await server.kept.newOrganisation();
  const { rows } = await server.admin.query('select slug from access.organisation where id = $1', [other]);
  const theirs = await server.kept.call('POST', '/v1/messages/in-product/tokens', server.kept.keyOf(rows[0].slug), {
    recipient: 'c-1',
  });
  assert.deepEqual((await ask(theirs.json().token)).json(), { items: [] });
  assert.equal((await markSeen(theirs.json().token, notice)).status, 404);
});

function markSeen(token: string, notice: string) {
  return server.kept.call('POST', '/v1/messages/in-product/seen', { authorization: `Bearer ${token}` }, { notice });
}

test('whoever saw a notice in the product sees there that it was cancelled, and whoever did not sees neither', async () => {
  const notice = await placed();
  const items = async (recipient: string) => {
    const authorization = `Bearer ${await tokenFor(recipient)}`;
    const answer = await server.kept.call('GET', '/v1/messages/in-product/notices', { authorization });
    return answer
      .json()
      .items.filter(({ id }: { id: string }) => id === notice)
      .map(({ kind, title }: { kind: string; title: string }) => [kind, title]);
  };
  assert.equal((await markSeen(await tokenFor('c-1'), notice)).status, 204);
  const sorry = { title: 'It stays as it is', body: 'We were wrong.', link: null };
  const path = `/v1/messages/notices/${notice}/cancellation`;
  await server.kept.call('POST', path, 'dpo', { texts: { en: sorry, 'pt-BR': sorry, es: sorry } });
  assert.deepEqual(await items('c-1'), [['cancellation', 'It stays as it is']]);
  assert.deepEqual(await items('c-2'), []);
  assert.equal((await markSeen(await tokenFor('c-1'), notice)).status, 204);
  assert.deepEqual(await items('c-1'), []);
});

test('the public page is read without JavaScript, in three languages, and is accessible', async () => {
  const notice = await placed();
  const { page: address } = await server.get(`/v1/messages/notices/${notice}`);
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'es-ES' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Every site is asked for its icon.
    if (!message.location().url.endsWith('/favicon.ico')) complaints.push(message.text());
  });
  await page.goto(address);
  assert.equal(await page.locator('html').getAttribute('lang'), 'es', 'what the browser asks for');
  await page.getByRole('link', { name: 'Português' }).click();
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), texts['pt-BR'].title);
  await page.goto(`${address}?language=en`);
  const text = (await page.locator('main').textContent()) ?? '';
  assert.match(text, /Takes effect on 4 January 2027/);
  assert.match(text, /Announced on\s*20 November 2026/);
  assert.match(text, /Lead time\s*30 days/);
  assert.match(text, /LGPD Art\. 9 § 6/);
  assert.equal(await page.locator('main li').textContent(), 'Nothing else changes.');
  assert.deepEqual(complaints, []);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(await axeOf(page), []);
  const pdf = await page.pdf();
  assert.ok(pdf.length > 1000);
  await context.close();
});

test('what a notice says is text: nothing in it becomes a tag or a script', async () => {
  const hostile = {
    title: '<img src=x onerror=alert(1)>',
    body: '</p><script>alert(2)</script>\n\n- "><b>x</b>',
    link: { label: '<i>more</i>', url: 'https://example.org/?a="><script>' },
  };
  const notice = await placed({ texts: { en: hostile, es: hostile }, mainLanguage: 'en' });
  const { page: address } = await server.get(`/v1/messages/notices/${notice}`);
  const answer = await fetch(`${address}/en`);
  assert.doesNotMatch(await answer.text(), /<img|<script|<b>|<i>/);
  assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'none'/);
  assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  const { page, complaints } = await openProduct(`data-token="${await tokenFor('c-1')}"`);
  await page.getByRole('heading', { name: hostile.title }).waitFor();
  assert.equal(await page.locator('#kept-notices img, #kept-notices script, #kept-notices b').count(), 0);
  assert.deepEqual(complaints, []);
});

test('a page is there from the announcement on, and of notices that have one', async () => {
  const draft = await server.draft({ channels: ['in-product', 'page'] });
  assert.equal((await server.get(`/v1/messages/notices/${draft}`)).page, null);
  const announced = await placed();
  const { page: address } = await server.get(`/v1/messages/notices/${announced}`);
  assert.equal((await fetch(address)).status, 200);
  const without = await placed({ channels: ['in-product'] });
  const octets = (id: string) => Buffer.from(`${server.kept.organisationId}${id}`.replaceAll('-', ''), 'hex');
  for (const id of [draft, without, '00000000-0000-7000-8000-000000000000']) {
    const answer = await fetch(`${server.kept.address}/notices/${octets(id).toString('base64url')}`);
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /There is no such notice/);
  }
  const sorry = { title: 'Cancelled after all', body: 'Nothing changes.', link: null };
  const path = `/v1/messages/notices/${announced}/cancellation`;
  await server.kept.call('POST', path, 'dpo', { texts: { en: sorry, 'pt-BR': sorry, es: sorry } });
  const text = await (await fetch(`${address}/en`)).text();
  assert.match(text, /Cancelled: Our policy changes/);
  assert.match(text, /Cancelled after all/);
  assert.match(text, /What had been announced/);
});

test('the public is told by a page alone, from the day it is published', async () => {
  const notice = await server.draft({ audience: { name: 'public', only: [] }, channels: ['page'] });
  await server.announce(notice);
  await server.tell(notice);
  const { toldAt, recipients, mayTakeEffectOn } = await server.get(`/v1/messages/notices/${notice}`);
  assert.deepEqual([toldAt, recipients, mayTakeEffectOn], [server.clock.now().toISOString(), 0, '2027-01-04']);
});
