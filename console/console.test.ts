import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endpoints } from '@kept/sdk';
import * as conduct from '../examples/messaging-crm/conduct.ts';
import { type Example, eventually, startExample } from '../examples/messaging-crm/test-example.ts';
import { openBrowser, settled, type TestBrowser } from './test-browser.ts';

let example: Example;
let browser: TestBrowser;

before(async () => {
  example = await startExample(0.02);
  await conduct.measure(example.client);
  browser = await openBrowser(example);
});

after(async () => {
  await browser?.close();
  await example?.close();
});

test('the policy stands as a document, each sentence with its proof beside it', async () => {
  const page = await browser.open('/');
  await settled(page);
  assert.equal(new URL(page.url()).pathname, '/policy');
  const board = await example.client.call(endpoints.policy.listPromises);
  assert.equal(await page.locator('.clause').count(), board.promises.length);
  const shown = await page
    .locator('.clause')
    .evaluateAll((clauses) =>
      clauses.map((clause) => [
        clause.id,
        clause.querySelector('.sentence mark')?.textContent,
        clause.querySelector('.note .status')?.textContent,
      ]),
    );
  const words = { kept: 'Kept', due: 'Due', broken: 'Broken', unproven: 'Unproven' } as const;
  const expected = board.promises.map(({ promise, sentence, status }) => [promise, sentence.en, words[status]]);
  const byKey = (rows: typeof shown) => rows.map((row) => row.join('|')).sort();
  assert.deepEqual(byKey(shown), expected.map((row) => row.join('|')).sort());
  await page.context().close();
});

test('the counts filter, the search narrows, and the address keeps both', async () => {
  const page = await browser.open('/policy');
  await settled(page);
  const { counts } = await example.client.call(endpoints.policy.listPromises);
  await page.getByRole('link', { name: /unproven$/ }).click();
  await page.waitForURL('**/policy?status=unproven');
  assert.equal(await page.locator('.clause').count(), counts.unproven);
  await page.goto(`${example.server.address}/policy`);
  await settled(page);
  await page.keyboard.press('/');
  await page.keyboard.type('RV-09');
  await page.waitForURL('**/policy?q=RV-09');
  assert.equal(await page.locator('.clause').count(), 1);
  await page.reload();
  await settled(page);
  assert.equal(await page.locator('.clause').count(), 1);
  assert.equal(await page.getByRole('searchbox').inputValue(), 'RV-09');
  await page.context().close();
});

test('the keyboard alone leads from the rail to a proof and back', async () => {
  const page = await browser.open('/policy');
  await settled(page);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the page');
  await page.keyboard.press('Enter');
  for (let steps = 0; (await focused(page)) !== 'History of 1.1'; steps += 1) {
    assert.ok(steps < 60, 'the first proof can be reached');
    await page.keyboard.press('Tab');
  }
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
  assert.equal(outline, 'solid', 'the focus is visible');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/policy/promises/*');
  await page.getByRole('heading', { name: 'History' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.waitForURL('**/ledger');
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.context().close();
});

test('the language can be switched and stays', async () => {
  const page = await browser.open('/policy');
  await settled(page);
  const { title } = await example.client.call(endpoints.policy.readPolicy);
  for (const [name, tag, word] of [
    ['Português', 'pt-BR', 'Política'],
    ['Español', 'es', 'Eliminación'],
  ] as const) {
    await page.getByRole('button', { name }).click();
    await page.getByRole('heading', { level: 1, name: title[tag] ?? '' }).waitFor();
    await page.getByRole('link', { name: word }).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), tag);
  }
  await page.reload();
  await settled(page);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
  await page.context().close();
});

test('a promise is measured anew, and its history and source are shown', async () => {
  const page = await browser.open('/policy/promises/tokens-encrypted');
  await settled(page);
  const rows = () => page.locator('.figures-of tbody tr').count();
  await page.getByText('The figures as a table').click();
  const before = await rows();
  await page.getByRole('button', { name: 'Measure now' }).click();
  await eventually(async () => ((await rows()) > before ? true : undefined), 'another measurement stands in the table');
  assert.match((await page.locator('.quoted').first().textContent()) ?? '', /^tokens-encrypted:\n/);
  await page.context().close();
});

test('a plan is rejected with a reason', async () => {
  const page = await browser.open('/retention');
  // Kept plans new rules by itself once after the start, which replaces a plan that is just being read: then the page
  // says so, and the new one is decided.
  const outcome = await retrying(async () => {
    const plan = await example.client.call(endpoints.retention.makePlan, { body: {} });
    assert.equal(plan.state, 'awaiting-approval');
    await page.goto(`${example.server.address}/retention/plans/${plan.id}`);
    await settled(page);
    await page.getByRole('button', { name: 'Reject with a reason' }).click();
    const dialog = page.getByRole('alertdialog');
    assert.ok(await dialog.getByRole('button', { name: 'Reject the plan' }).isDisabled());
    await dialog.getByLabel('Reason').fill('Counsel is to look first');
    await dialog.getByRole('button', { name: 'Reject the plan' }).click();
    const told = page.locator('.facts .status', { hasText: /Rejected|Replaced by a later plan/ });
    await told.waitFor();
    const decided = await example.client.call(endpoints.retention.getPlan, { params: { plan: plan.id } });
    const isRejected = (await told.textContent()) === 'Rejected';
    assert.equal(decided.state, isRejected ? 'rejected' : 'superseded');
    return isRejected ? decided : undefined;
  });
  assert.ok(outcome !== undefined, 'a plan was rejected');
  await page.context().close();
});

test('a plan is read, its number typed, and the run that follows is watched to its end', async () => {
  const page = await browser.open('/retention');
  await settled(page);
  await page.getByRole('button', { name: 'Plan now' }).click();
  await page.waitForURL('**/retention/plans/*');
  await settled(page);
  const [plan] = (await example.client.call(endpoints.retention.listPlans)).items;
  assert.equal(plan?.state, 'awaiting-approval');
  const act = page.getByRole('button', { name: /^Dispose of [\d,]+ rows and files$/ });
  const rows = plan.rows.toLocaleString('en-GB');
  assert.equal(await act.textContent(), `Dispose of ${rows} rows and files`);
  await act.click();
  const dialog = page.getByRole('alertdialog');
  const confirm = dialog.getByRole('button', { name: /^Dispose of/ });
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole('textbox').fill(String(plan.rows + 1));
  assert.ok(await confirm.isDisabled(), 'another number does not do');
  await dialog.getByRole('textbox').fill(rows);
  await confirm.click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.status', { hasText: 'Approved' }).first().waitFor();

  const run = await conduct.startRun(example.client);
  await page.goto(`${example.server.address}/retention/runs/${run.id}`);
  await settled(page);
  for (let released = 0; released < 40; released += 1) {
    const seen = await example.client.waitFor(run.id, { everyMs: 100 });
    if (seen.state !== 'waiting') break;
    const button = page.getByRole('button', { name: 'Release the brake' }).first();
    await button.click();
    const release = page.getByRole('alertdialog');
    await release.getByLabel('Reason').fill('First disposal of a neglected database');
    await release.getByRole('button', { name: /^(Delete|Anonymise|Remove)/ }).click();
    await release.waitFor({ state: 'detached' });
  }
  await page.locator('.run-progress .status', { hasText: 'Finished' }).waitFor();
  const ended = await example.client.call(endpoints.retention.getRun, { params: { run: run.id } });
  assert.equal(ended.state, 'finished');
  await page.getByText(`${ended.disposed.toLocaleString('en-GB')} rows and files went`).waitFor();
  assert.ok((await page.getByText('counted afterwards: none left').count()) > 0);
  await page.context().close();
});

test('what would go on a date is looked at and cannot be approved', async () => {
  const page = await browser.open('/retention');
  await settled(page);
  await page.getByLabel('Date').fill('2028-01-01');
  await page.getByRole('button', { name: 'Look ahead' }).click();
  await page.waitForURL('**/retention/plans/*');
  await page.getByRole('heading', { level: 1, name: /^On 1 January 2028, .* would go$/ }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Decide' }).count(), 0);
  await page.context().close();
});

test('a hold is placed, and released with a reason', async () => {
  const page = await browser.open('/retention/holds');
  await settled(page);
  await page.getByLabel('Account', { exact: true }).fill('shop-under-dispute');
  await page.getByLabel('Reason').fill('A claim before a court');
  await page.getByLabel('Review by').fill('2027-06-30');
  await page.getByRole('button', { name: 'Place a hold' }).click();
  await page.getByText('The hold is in force.').waitFor();
  const entry = page.locator('.hold', { hasText: 'shop-under-dispute' });
  await entry.getByText('30 June 2027').waitFor();
  await entry.getByRole('button', { name: 'Release' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('Reason').fill('Settled');
  await dialog.getByRole('button', { name: 'Release the hold' }).click();
  await entry.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Released' }).click();
  await page.locator('.hold', { hasText: 'shop-under-dispute' }).waitFor();
  await page.context().close();
});

test('a hold on what does not exist is refused, and the page says what to do', async () => {
  const page = await browser.open('/retention/holds');
  await settled(page);
  await page.route('**/v1/retention/holds', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const body = { target: { kind: 'dataset', dataset: 'no-such-dataset' }, reason: 'x', reviewOn: '2027-01-01' };
    return route.continue({ postData: JSON.stringify(body) });
  });
  await page.getByLabel('Account', { exact: true }).fill('anything');
  await page.getByLabel('Reason').fill('A claim');
  await page.getByLabel('Review by').fill('2027-06-30');
  await page.getByRole('button', { name: 'Place a hold' }).click();
  const problem = page.getByRole('alert');
  await problem.getByText('hold-target-unknown').waitFor();
  assert.match((await problem.textContent()) ?? '', /Kept safe.*Nothing was changed.*What to do/);
  await page.context().close();
});

test('all disposal is stopped with a reason, and allowed again', async () => {
  const page = await browser.open('/retention');
  await settled(page);
  await page.getByRole('button', { name: 'Stop all disposal' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('Reason').fill('An unclear count');
  await dialog.getByRole('button', { name: 'Stop all disposal' }).click();
  await page.getByText('All disposal is stopped.').waitFor();
  assert.equal((await example.client.call(endpoints.retention.readDisposalState)).stopped?.reason, 'An unclear count');
  await page.getByRole('button', { name: 'Allow disposal again' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Allow disposal again' }).click();
  await page.getByText('Nothing is being disposed of now.').waitFor();
  assert.equal((await example.client.call(endpoints.retention.readDisposalState)).stopped, null);
  await page.context().close();
});

test('an entry is proven in the browser, and a tampered receipt is not', async () => {
  const { items } = await example.client.call(endpoints.ledger.listEntries, { query: { kind: 'policy.published' } });
  const path = `/ledger/entries/${items[0]?.id}`;
  const page = await browser.open(path);
  await page.getByText(/^Proven: entry [\d,]+ of a signed log of [\d,]+\.$/).waitFor();
  assert.deepEqual(await page.locator('.proof-steps .status').allTextContents(), ['holds', 'holds', 'holds', 'holds']);

  const receiptPath = `**/v1/ledger/entries/*/receipt`;
  await page.route(receiptPath, async (route) => {
    const answer = await route.fetch();
    const receipt = (await answer.text()).replace('policy.published', 'policy.publisheD');
    await route.fulfill({ response: answer, body: receipt });
  });
  await page.reload();
  await page.getByText('Not proven.').waitFor();
  assert.deepEqual(await page.locator('.proof-steps .status').allTextContents(), [
    'holds',
    'holds',
    'fails',
    'not reached',
  ]);
  await page.getByText('They lead to another root than the one that was signed. Something was changed.').waitFor();
  await page.unroute(receiptPath);

  const { address } = example.server;
  const receipt = await page.evaluate(async (url) => (await fetch(url)).text(), `${address}/v1${path}/receipt`);
  await page.goto(`${address}/ledger/checkpoint`);
  await settled(page);
  await page.getByLabel('Receipt', { exact: true }).fill(receipt);
  await page.getByRole('button', { name: 'Check it' }).click();
  await page.getByText(/^Proven: entry/).waitFor();
  await page.context().close();
});

test('the ledger is filtered by kind in the address', async () => {
  const page = await browser.open('/ledger');
  await settled(page);
  await page.getByLabel('Kind').selectOption('policy.published');
  await page.waitForURL('**/ledger?kind=policy.published');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  await page.context().close();
});

test('signing out ends the session and tells how to come back', async () => {
  const url = await example.signInLink();
  const page = await browser.open('/policy', { storageState: { cookies: [], origins: [] } });
  await page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  await page.goto(url);
  await page.waitForURL('**/policy');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  assert.equal((await page.request.get(`${example.server.address}/v1/access/session`)).status(), 401);
  await page.context().close();
});

/** What the focused element is called. */
function focused(page: Awaited<ReturnType<TestBrowser['open']>>): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? '');
}

/** Tries up to three times; undefined when it never came to an end. */
async function retrying<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tried = 0; tried < 3; tried += 1) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}
