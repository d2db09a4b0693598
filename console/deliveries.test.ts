import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import * as conduct from '../examples/messaging-crm/conduct.ts';
import { type Example, eventually, startExample } from '../examples/messaging-crm/test-example.ts';
import { desk, expectAccessible, openBrowser, phone, settled, type TestBrowser } from './test-browser.ts';

let example: Example;
let browser: TestBrowser;
/** What a system of the organisation was sent. */
const taken: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
  response.setHeader('x-receiver', 'test').end('thank you');
});

before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  example = await startExample(0.01, { KEPT_OUTBOUND_ALLOW: '127.0.0.1' });
  browser = await openBrowser(example);
});

after(async () => {
  await browser?.close();
  await example?.close();
  receiver.close();
});

function receiverUrl(): string {
  const address = receiver.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}/hooks`;
}

async function at(path: string): Promise<Page> {
  const page = await browser.open(path, { reducedMotion: 'reduce' });
  await settled(page);
  return page;
}

/** Axe at a desk and on a phone, as the page stands now. */
async function accessibleNow(page: Page, where: string): Promise<void> {
  for (const viewport of [phone, desk]) {
    await page.setViewportSize(viewport);
    await expectAccessible(page, `${where}, ${viewport.width} px`);
  }
}

test('an address is subscribed, its secret is shown once, and a test delivery is signed with it', async () => {
  const page = await at('/webhooks');
  await page.getByText('Nobody hears of anything yet').waitFor();
  await accessibleNow(page, 'no subscriptions');
  await page.getByLabel('Name').fill('Data warehouse');
  await page.getByLabel('Address').fill(receiverUrl());
  await page.getByRole('button', { name: 'Subscribe' }).click();
  const secret = await page.locator('.shown-once pre').innerText();
  assert.match(secret, /^whsec_/);
  await accessibleNow(page, 'the secret');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.locator('.shown-once').waitFor({ state: 'detached' });

  await page.getByRole('link', { name: 'Data warehouse' }).click();
  await page.waitForURL('**/webhooks/subscriptions/*');
  await settled(page);
  assert.ok(!(await page.content()).includes(secret));
  await page.getByText(`ends in ${secret.slice(-4)}`).waitFor();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('The test: accepted.').waitFor();
  const sent = taken.find(({ body }) => body.includes('webhooks.test'));
  assert.ok(sent !== undefined);
  const { headers } = sent;
  const signed = {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  };
  assert.ok(new Webhook(secret).verify(sent.body, signed));
  await accessibleNow(page, 'a subscription');

  await page.getByRole('link', { name: 'See what was sent and answered' }).click();
  await page.waitForURL('**/webhooks/deliveries/*');
  await settled(page);
  const shown = await page.locator('main').innerText();
  for (const words of ['Delivered', 'HTTP 200', 'x-receiver: test', 'thank you', signed['webhook-id']])
    assert.ok(shown.includes(words), words);
  await accessibleNow(page, 'a delivery');
  assert.equal(await page.getByRole('button', { name: 'Send it again' }).count(), 0, 'a test is sent once');

  await conduct.measure(example.client);
  await eventually(() => taken.find(({ body }) => body.includes('promise.measured')), 'what happened');
  await page.goto(`${example.server.address}/webhooks/deliveries?state=delivered&type=promise.measured`);
  await settled(page);
  await page.getByRole('link', { name: 'Promise measured' }).first().click();
  await page.waitForURL('**/webhooks/deliveries/*');
  const id = await page.getByText(/^msg_/).innerText();
  await page.getByRole('button', { name: 'Send it again' }).click();
  await eventually(
    () => (taken.filter(({ headers: { 'webhook-id': same } }) => same === id).length === 2 ? true : undefined),
    'it came again with the same id',
  );
  await page.goto(`${example.server.address}/webhooks/deliveries?state=delivered`);
  await settled(page);
  await page.getByRole('row').filter({ hasText: 'Data warehouse' }).first().waitFor();
  await accessibleNow(page, 'deliveries');
  await page.context().close();
});

test('an endpoint is made with rules, tried on an example, and says what came in meant', async () => {
  const page = await at('/webhooks/endpoints');
  await page.getByText('No platform tells Kept anything yet').waitFor();
  await accessibleNow(page, 'no endpoints');
  const secret = 'a-secret-of-the-platform-1234';
  await page.getByLabel('Name').fill('Payments');
  await page.getByLabel('Another HMAC in a header').check();
  await page.getByLabel('Header with the signature').fill('x-signature');
  await page.getByLabel('Secret of the sender').last().fill(secret);
  await page.getByRole('button', { name: 'Make the endpoint' }).click();
  const url = (await page.locator('.inbound-address pre').innerText()).trim();
  await page.getByRole('link', { name: 'Payments' }).click();
  await page.waitForURL('**/webhooks/endpoints/*');
  await settled(page);
  await page.getByRole('button', { name: 'Begin with an example' }).click();
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await page.getByText('Saved. What came before').waitFor();

  const body = JSON.stringify({ type: 'account.cancelled', data: { account: '4711' } });
  await page.getByText('Try the rules').click();
  await page.getByLabel('Body', { exact: true }).fill(body);
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText('An account was cancelled: about 4711').waitFor();
  await accessibleNow(page, 'an endpoint');

  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const address = new URL(url, example.server.address);
  const headers = { 'content-type': 'application/json', 'x-signature': signature };
  const answer = await fetch(address, { method: 'POST', headers, body });
  assert.ok(answer.ok, `${answer.status}`);
  const forged = await fetch(address, { method: 'POST', headers, body: body.replace('4711', '4712') });
  assert.equal(forged.status, 401);

  await page.goto(`${example.server.address}/webhooks/received`);
  await settled(page);
  await page.getByRole('row').filter({ hasText: 'Understood' }).getByRole('link').first().click();
  await page.waitForURL('**/webhooks/received/*');
  await settled(page);
  const shown = await page.locator('main').innerText();
  for (const words of ['Payments', 'An account was cancelled', '"account":"4711"'])
    assert.ok(shown.includes(words), words);
  assert.ok(!shown.includes(secret));
  await accessibleNow(page, 'a received webhook');
  await page.context().close();
});

test('an export goes on in the background; its file is what its hash says', async () => {
  const page = await at('/exports');
  await page.getByText('Nothing was exported yet').waitFor();
  await accessibleNow(page, 'no exports');
  await page.getByRole('combobox', { name: 'Kind' }).last().selectOption('ledger-entries');
  await page.getByLabel('NDJSON').check();
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('button', { name: 'Download' }).waitFor();
  await page.getByText('SHA-256').click();
  const [sha256] = /[0-9a-f]{64}/.exec(await page.locator('main').innerText()) ?? [];
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  const content = readFileSync(await download.path());
  assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
  const [first = ''] = content.toString().split('\n');
  assert.ok('kind' in JSON.parse(first));
  await accessibleNow(page, 'exports');
  await page.context().close();
});

test('a notice is drafted, shown before it goes, announced to members, and each has a mail and a banner', async () => {
  const page = await at('/messages/notices');
  await page.getByText('No notice has been drafted yet').waitFor();
  await accessibleNow(page, 'no notices');
  await page.getByRole('link', { name: 'Draft a notice' }).click();
  await page.waitForURL('**/messages/notices/new');
  await settled(page);
  await page.getByLabel('Legal basis').fill('LGPD Art. 9 § 6');
  await page.getByLabel('In the product').check();
  await page.getByLabel('Days ahead').fill('30');
  const effective = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Takes effect on').fill(effective);
  const english = page.getByRole('group', { name: 'English' });
  await english.getByLabel('Title').fill('Our hosting moves');
  await english.getByLabel('Body').fill('From then on a new provider stores your data.\n\n- Where: Brazil');
  await accessibleNow(page, 'a new notice');
  await page.getByRole('button', { name: 'Save the draft' }).click();
  await page.waitForURL(/notices\/[0-9a-f-]{36}$/);
  await settled(page);
  await page.getByRole('button', { name: /^Announce to \d/ }).waitFor();
  await page.getByText('The mail').first().click();
  await page.locator('.mail-page').first().waitFor();
  await accessibleNow(page, 'a draft');
  await page.getByRole('button', { name: /^Announce to \d/ }).click();
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Announce to \d/ })
    .click();
  await page.getByRole('heading', { name: 'Who was told' }).waitFor();
  const mail = await eventually(
    () => example.mails().find((text) => text.includes('Our hosting moves')),
    'the mail of the notice',
  );
  assert.ok(!/List-Unsubscribe/i.test(mail), 'a legal notice cannot be declined');
  await page.getByRole('cell', { name: 'Sent' }).first().waitFor();
  await accessibleNow(page, 'an announced notice');
  const early = page.getByRole('button', { name: 'It has taken effect' });
  if (await early.isEnabled()) {
    await early.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'It has taken effect' }).click();
    await page.getByText('The lead time has not ended').waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  }
  await page.goto(`${example.server.address}/policy`);
  const banner = page.getByRole('region', { name: 'Notices to you' });
  await banner.getByText('Our hosting moves').click();
  await accessibleNow(page, 'the banner');
  await banner.getByRole('button', { name: 'I have read it' }).click();
  await banner.waitFor({ state: 'detached' });
  await page.context().close();
});

test('every message stands in the log, and every template can be read in three languages', async () => {
  const page = await at('/messages');
  await page.getByRole('row').filter({ hasText: 'notice' }).first().getByRole('link').click();
  await page.waitForURL('**/messages/*-*');
  await settled(page);
  await page.locator('.mail-page').waitFor();
  const said = await page.locator('.mail-page').evaluate((place) => place.shadowRoot?.textContent ?? '');
  assert.match(said, /a new provider stores your data/);
  await accessibleNow(page, 'a message');
  await page.goto(`${example.server.address}/messages/templates`);
  await settled(page);
  const names = await page.getByRole('navigation', { name: 'Kinds of messages' }).getByRole('link').allInnerTexts();
  assert.ok(names.length > 10, names.join());
  await page.getByRole('link', { name: 'invitation', exact: true }).click();
  const subjects = new Set<string>();
  for (const language of ['Português', 'English', 'Español']) {
    await page.getByLabel(language).check();
    await page.waitForFunction(() => !document.querySelector('main')?.textContent?.includes('Fetching'));
    await eventually(async () => {
      const subject = await page.locator('.mail-head dd').last().innerText();
      if (subjects.has(subject)) return undefined;
      subjects.add(subject);
      return true;
    }, `a subject in ${language}`);
  }
  await accessibleNow(page, 'templates');
  await page.goto(`${example.server.address}/messages/opt-outs`);
  await settled(page);
  await page.getByLabel('E-mail address').fill('ana@example.com');
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByText('ana@example.com gets announcements.').waitFor();
  await page.getByRole('button', { name: 'Note an opt-out' }).click();
  await page.getByText('ana@example.com wants no announcements since').waitFor();
  await accessibleNow(page, 'opt-outs');
  for (const path of ['/messages/settings', '/messages/threads', '/messages?state=failed']) {
    await page.goto(`${example.server.address}${path}`);
    await settled(page);
    await accessibleNow(page, path);
  }
  await page.context().close();
});
