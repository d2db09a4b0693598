import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { endpoints } from '@kept/sdk';
import * as conduct from '../examples/messaging-crm/conduct.ts';
import { type Example, startExample } from '../examples/messaging-crm/test-example.ts';
import { desk, expectAccessible, openBrowser, phone, settled, type TestBrowser } from './test-browser.ts';

let example: Example;
let browser: TestBrowser;
/** Every page there is, by what it is called in messages. */
let pages: Readonly<Record<string, string>>;

before(async () => {
  example = await startExample(0.02);
  const { client } = example;
  await conduct.placeHolds(client, '2027-03-31');
  const run = await example.dispose();
  const plan = await client.call(endpoints.retention.makePlan, { body: {} });
  const ahead = await client.call(endpoints.retention.makePlan, {
    body: { at: new Date(Date.now() + 200 * 86_400_000).toISOString() },
  });
  const board = await conduct.measure(client);
  const { items } = await client.call(endpoints.ledger.listEntries, { query: { limit: 1 } });
  pages = {
    policy: '/policy',
    filtered: '/policy?status=unproven',
    promise: '/policy/promises/webhook-log-30-days',
    finding: '/policy/promises/application-logs-90-days',
    versions: '/policy/versions',
    version: `/policy/versions/${board.version?.hash}`,
    data: '/datamap',
    disposal: '/retention',
    runs: '/retention/runs',
    run: `/retention/runs/${run.id}`,
    plans: '/retention/plans',
    plan: `/retention/plans/${plan.id}`,
    ahead: `/retention/plans/${ahead.id}`,
    holds: '/retention/holds',
    'no released holds': '/retention/holds?released=yes',
    'contract ends': '/retention/contract-ends',
    ledger: '/ledger',
    'empty ledger': '/ledger?kind=ledger.pruned',
    entry: `/ledger/entries/${items[0]?.id}`,
    checkpoint: '/ledger/checkpoint',
    'mail sent': '/messages',
    conversations: '/messages/threads',
    notices: '/messages/notices',
    'a new notice': '/messages/notices/new',
    templates: '/messages/templates',
    'opt-outs': '/messages/opt-outs',
    'mail settings': '/messages/settings',
    'no subscriptions': '/webhooks',
    'no deliveries': '/webhooks/deliveries',
    'no endpoints': '/webhooks/endpoints',
    'nothing received': '/webhooks/received?state=failed',
    exports: '/exports',
    account: '/account',
    members: '/settings/members',
    'no invitations': '/settings/invitations',
    roles: '/settings/roles',
    rules: '/settings/rules',
    'no providers': '/settings/providers',
    'no keys': '/settings/keys',
    'audit trail': '/settings/audit',
    'empty audit trail': '/settings/audit?address=203.0.113.9',
    'a link that is incomplete': '/verify',
    'password reset': '/reset',
    'a refused sign-in': '/enter?tried=not-a-member',
    nowhere: '/nowhere',
    'no such promise': '/policy/promises/no-such-promise',
  };
  browser = await openBrowser(example);
});

after(async () => {
  await browser?.close();
  await example?.close();
});

test('axe finds nothing on any page, light and dark, at a desk and on a phone', async (t) => {
  const page = await browser.open('/policy', { reducedMotion: 'reduce' });
  for (const [name, path] of Object.entries(pages)) {
    await t.test(name, async () => {
      await page.goto(`${example.server.address}${path}`);
      await settledOrProblem(page);
      for (const [size, viewport] of [
        ['desk', desk],
        ['phone', phone],
      ] as const) {
        await page.setViewportSize(viewport);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await expectAccessible(page, `${name}, ${colorScheme}, ${size}`);
        }
      }
    });
  }
  await page.context().close();
});

/** A page that could not be had shows a problem where its heading would be. */
async function settledOrProblem(page: Awaited<ReturnType<TestBrowser['open']>>) {
  await Promise.race([settled(page), page.locator('.problem').waitFor()]);
}

test('axe finds nothing on the sign-in page and in the dialogs', async () => {
  const stranger = await browser.open('/policy', { storageState: { cookies: [], origins: [] } });
  await stranger.getByText('No account yet?').click();
  await stranger.getByText(/^kept link/).waitFor();
  await expectAccessible(stranger, 'sign in');
  await stranger.context().close();

  const page = await browser.open('/policy');
  await settled(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await expectAccessible(page, 'keys');
  await page.keyboard.press('Escape');
  await page.goto(`${example.server.address}/retention`);
  await page.getByRole('button', { name: 'Stop all disposal' }).click();
  await page.getByRole('alertdialog').waitFor();
  await expectAccessible(page, 'stop');
  await page.context().close();
});

test('the first load is about 136 kB compressed, fonts apart', async () => {
  const page = await browser.open('/nowhere');
  const sizes: number[] = [];
  page.on('response', async (response) => {
    if (!/\.(js|css)$|\/policy$/.test(new URL(response.url()).pathname)) return;
    sizes.push(gzipSync(await response.body()).length);
  });
  await page.goto(`${example.server.address}/policy`);
  await settled(page);
  await page.waitForLoadState('networkidle');
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(sizes.length > 3, 'scripts and styles were seen');
  assert.ok(total < 138_000, `${total} octets`);
  await page.context().close();
});
