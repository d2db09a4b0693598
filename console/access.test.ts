import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { codeAt, stepAt } from '../examples/messaging-crm/authenticator.ts';
import { eventually } from '../examples/messaging-crm/test-example.ts';
import { startOidcProvider, type TestOidcProvider } from '../server/access/test-oidc.ts';
import { startNameServer, type TestNameServer } from '../server/access/test-provider-server.ts';
import { expectAccessible, openBrowser, pathOf, phone, settled, type TestBrowser, tabTo } from './test-browser.ts';
import { type EmptyServer, startEmptyServer } from './test-empty-server.ts';

// One server from its first start on; each test goes on where the one before ended.
let empty: EmptyServer;
let browser: TestBrowser;
let company: TestOidcProvider;
let names: TestNameServer;
const owner = { email: 'olga@example.com', password: 'four unlikely words together', secret: '', codes: [''] };
const auditor = { email: 'artur@example.com', password: 'another sentence of five words' };

before(async () => {
  company = await startOidcProvider();
  names = await startNameServer();
  empty = await startEmptyServer({ KEPT_DNS_SERVERS: names.address, KEPT_OUTBOUND_ALLOW: '127.0.0.1' });
  browser = await openBrowser({ ...empty, elsewhere: company.issuer });
});

after(async () => {
  await browser?.close();
  await empty?.close();
  await names?.close();
  await company?.close();
});

test('a new server is set up with the printed link; nothing opens before address and second factor are there', async () => {
  const page = await opened(pathOf(empty.setUpLink));
  await page.getByRole('heading', { name: 'Set up Kept' }).waitFor();
  await expectAccessible(page, 'set-up');
  await page.getByLabel('Organisation').fill('Água Clara Ltda.');
  assert.equal(await page.getByLabel('Short name').inputValue(), 'agua-clara-ltda');
  await page.getByLabel('Your name').fill('Olga Prado');
  await page.getByLabel('E-mail address').fill(owner.email);
  await page.getByLabel('New password').fill('password1234');
  await page.getByRole('button', { name: 'Set up Kept' }).click();
  await page.getByRole('alert').getByText('This password is too easy to guess').waitFor();
  await page.getByLabel('New password').fill(owner.password);
  await page.getByRole('button', { name: 'Set up Kept' }).click();

  await page.getByRole('heading', { name: 'Confirm your e-mail address' }).waitFor();
  await expectAccessible(page, 'unconfirmed address');
  await page.goto(await newestLink(owner.email, '/verify'));
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await page.getByRole('link', { name: 'Go to Kept' }).click();
  await page.getByRole('heading', { name: 'Add a second factor' }).waitFor();
  await page.goto(`${empty.server.address}/settings/members`);
  await page.getByRole('heading', { name: 'Add a second factor' }).waitFor();
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await page.getByRole('img', { name: /^QR code/ }).waitFor();
  await expectAccessible(page, 'enrolment');
  owner.secret = ((await page.locator('.totp-secret dd').textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('The code the app shows now').fill(codeAt(owner.secret, stepAt(new Date())));
  await page.getByRole('button', { name: 'Confirm the app' }).click();

  await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
  await expectAccessible(page, 'recovery codes');
  owner.codes = await page.locator('.recovery-codes li').allTextContents();
  assert.ok(owner.codes.length >= 8 && new Set(owner.codes).size === owner.codes.length);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const saved = readFileSync(await (await saving).path(), 'utf8');
  assert.ok(owner.codes.every((code) => saved.includes(code)));
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
  await page.getByRole('row', { name: /Olga Prado/ }).waitFor();
  await page.context().close();
});

test('the set-up link works once', async () => {
  const page = await opened(pathOf(empty.setUpLink));
  await page.getByRole('heading', { name: 'This link was used or has expired' }).waitFor();
  await page.context().close();
});

test('password and code sign in, by keyboard alone, to the page that was asked for', async () => {
  const page = await opened('/settings/keys');
  await page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  await expectAccessible(page, 'sign-in');
  await tabTo(page, 'E-mail address');
  await page.keyboard.type(owner.email);
  await page.keyboard.press('Enter');
  await page.getByLabel('Password', { exact: true }).waitFor();
  await page.keyboard.type('not her password at all');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('E-mail address and password do not go together').waitFor();
  await expectAccessible(page, 'sign-in refused');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(owner.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Show your second factor' }).waitFor();
  await expectAccessible(page, 'second factor');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('This code does not fit').waitFor();
  await page.keyboard.type(await codeNow());
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/settings/keys');
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  await page.context().close();
});

test('a recovery code stands in for the telephone, once', async () => {
  const [code = ''] = owner.codes;
  const page = await opened('/account');
  await givePassword(page);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').fill(code);
  await page.keyboard.press('Enter');
  await page.getByText(`${owner.codes.length - 1} are left.`).waitFor();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await givePassword(page);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').fill(code);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('This code does not fit').waitFor();
  await page.context().close();
});

test('a sensitive act asks for a fresh second factor, and goes on by itself', async () => {
  const page = await signedIn('/settings/keys');
  await letFactorsAge();
  await page.getByLabel('Name').fill('Billing, production');
  await page.getByLabel(/^Read the policy with its proofs/).check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Show your second factor again' }).waitFor();
  await expectAccessible(page, 'fresh second factor');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('alert').getByText('This needs a second factor').waitFor();
  await page.getByRole('button', { name: 'Make the key' }).click();
  await dialog.getByLabel('Code of your authenticator app').waitFor();
  await page.keyboard.type(await codeNow());
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const key = await page.locator('.shown-once pre').textContent();
  const answer = await fetch(`${empty.server.address}/v1/policy/promises`, {
    headers: { authorization: `Bearer ${key?.trim()}` },
  });
  assert.equal(answer.status, 200, await answer.text());
  await expectAccessible(page, 'a new key');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.locator('.shown-once').waitFor({ state: 'detached' });

  // The question comes up inside a dialog that is open, too.
  await letFactorsAge();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke the key' }).click();
  await dialog.getByLabel('Code of your authenticator app').waitFor();
  await page.keyboard.type(await codeNow());
  await page.keyboard.press('Enter');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.locator('.status', { hasText: 'Revoked' }).waitFor();
  await page.context().close();
});

test('somebody is invited by mail, joins, and sees what the role allows', async () => {
  const page = await signedIn('/settings/invitations');
  await page.getByRole('heading', { name: 'Nobody has been invited yet' }).waitFor();
  await page.getByLabel('E-mail address').fill(auditor.email);
  await page.getByLabel('Role', { exact: true }).selectOption('Auditor');
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await page.getByText(`The invitation to ${auditor.email} is on its way.`).waitFor();
  const link = await newestLink(auditor.email, '/invitation');

  const theirs = await opened(pathOf(link), { viewport: phone });
  await theirs.getByRole('heading', { name: 'Join Água Clara Ltda.' }).waitFor();
  await expectAccessible(theirs, 'invitation');
  await theirs.getByLabel('Your name').fill('Artur Sá');
  await theirs.getByLabel('New password').fill(auditor.password);
  await theirs.getByRole('button', { name: 'Accept the invitation' }).click();
  await theirs.waitForURL('**/policy');
  await theirs.goto(`${empty.server.address}/settings/members`);
  await settled(theirs);
  assert.equal(await theirs.locator('tbody tr').count(), 2);
  assert.equal(await theirs.getByRole('button', { name: 'Remove' }).count(), 0, 'an auditor changes nothing');
  await theirs.goto(`${empty.server.address}/settings/audit`);
  await theirs.getByRole('link', { name: 'Invitation sent' }).waitFor();
  await theirs.context().close();

  await page.reload();
  await page.locator('.status', { hasText: 'Accepted' }).waitFor();
  await page.goto(`${empty.server.address}/settings/members`);
  await page.getByLabel('Role of Artur Sá').selectOption('Engineer');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Give the role Engineer' }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.reload();
  await settled(page);
  assert.equal(await page.getByLabel('Role of Artur Sá').inputValue(), 'engineer');
  await page.context().close();
});

test('a password is reset by mail, and every browser signed out', async () => {
  const theirs = await opened('/account');
  await givePassword(theirs, auditor);
  await theirs.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  const page = await opened('/policy');
  await page.getByLabel('E-mail address').fill(auditor.email);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Password forgotten?' }).click();
  await page.getByLabel('E-mail address').fill(auditor.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  await page.goto(await newestLink(auditor.email, '/reset'));
  await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
  await expectAccessible(page, 'new password');
  auditor.password = 'an entirely different sentence';
  await page.getByLabel('New password').fill(auditor.password);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('heading', { name: 'The new password is set' }).waitFor();
  await theirs.reload();
  await theirs.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  await givePassword(theirs, auditor);
  await theirs.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  await theirs.context().close();
  await page.context().close();
});

test('a passkey is made, confirms an act, and signs in without a password', async () => {
  const page = await signedIn('/account');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.locator('summary', { hasText: 'Add a passkey' }).click();
  await page.locator('.factor-choice', { hasText: 'Passkeys' }).getByLabel('Name').fill('Blue key');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.locator('.passkey-list').getByText('Blue key').waitFor();

  await letFactorsAge();
  const exporting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as JSON' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Use a passkey' }).click();
  const data = JSON.parse(readFileSync(await (await exporting).path(), 'utf8'));
  assert.equal(data.account[0].email, owner.email);

  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  await page.locator('.passkey-list').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the passkey' }).click();
  await page.getByText('None yet.').waitFor();
  await page.context().close();
});

test('the owner turns to the organisation of the server itself, and back', async () => {
  const page = await signedIn('/settings/members');
  await page.locator('.organisations summary').click();
  await page.getByRole('banner').getByRole('button', { name: 'Kept', exact: true }).click();
  await page.waitForURL('**/policy');
  await page.locator('.organisations summary', { hasText: 'Organisation: Kept.' }).waitFor();
  await page.locator('.organisations summary').click();
  await page.getByRole('banner').getByRole('button', { name: 'Água Clara Ltda.' }).waitFor();
  await expectAccessible(page, 'organisations');
  await page.getByRole('banner').getByRole('button', { name: 'Água Clara Ltda.' }).click();
  await page.locator('.organisations summary', { hasText: 'Organisation: Água Clara Ltda.' }).waitFor();
  await page.context().close();
});

test('another browser is signed out at once', async () => {
  const page = await signedIn('/account');
  const other = await signedIn('/settings/keys');
  await page.reload();
  await page.getByRole('button', { name: 'Sign out all others' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out all others' }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await other.reload();
  await other.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  await other.context().close();
  await page.context().close();
});

test('rules are saved, those that shut people out after a question, and a lock-out is refused', async () => {
  const page = await signedIn('/settings/rules');
  await page.getByLabel('Sign out after this many minutes without use').fill('45');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await eventually(async () => {
    const { rows } = await empty.database.query("select idle_minutes from access.organisation where slug <> 'kept'");
    return rows[0]?.idle_minutes === 45 ? true : undefined;
  }, 'the rule is in force');

  await page.getByLabel('People may use the console from').fill('203.0.113.0/24');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('People outside these networks are refused').waitFor();
  await dialog.getByRole('button', { name: 'Save the rules' }).click();
  await dialog.getByRole('alert').getByText('This would lock out those who decide it').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Add your address' }).click();
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await dialog.getByRole('button', { name: 'Save the rules' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.reload();
  await settled(page);
  assert.match(await page.getByLabel('People may use the console from').inputValue(), /203\.0\.113\.0\/24\n/);
  await page.context().close();
});

test('a provider that cannot be reached says at which step and what to do; a domain shows its record', async () => {
  const page = await signedIn('/settings/providers');
  await page.getByRole('button', { name: 'Set up a provider' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Company account');
  await page.getByLabel('Issuer').fill('http://login.example.com');
  await page.getByLabel('Client id').fill('kept');
  await page.getByLabel('Client secret').fill('a secret of the client');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('must begin with https:').first().waitFor();
  await page.getByLabel('Issuer').fill('https://127.0.0.1:9/nobody');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Company account' }).waitFor();
  await page.getByRole('button', { name: 'Test it' }).click();
  const steps = page.locator('.provider-test > li');
  await steps.first().waitFor();
  assert.match((await steps.first().textContent()) ?? '', /describes itself.*failed.*Look at the issuer/);
  assert.match((await steps.last().textContent()) ?? '', /not tried/);
  await page.getByLabel('Domain', { exact: true }).fill('example.com');
  await page.getByRole('button', { name: 'Claim a domain' }).click();
  await page.locator('.record').first().waitFor();
  await expectAccessible(page, 'a provider and a domain');
  await page.setViewportSize(phone);
  await expectAccessible(page, 'a provider and a domain on a phone');
  await page.getByRole('button', { name: 'Give up' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Give the domain up' }).click();
  await page.getByText('No domain is claimed').waitFor();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the provider' }).click();
  await page.getByText('No identity provider is set up').waitFor();
  await page.context().close();
});

test('a provider is set up and tested, its domain proved, and a colleague becomes a member through it', async () => {
  const page = await signedIn('/settings/providers');
  await page.getByRole('button', { name: 'Set up a provider' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Company account');
  await page.getByLabel('Issuer').fill(company.issuer);
  await page.getByLabel('Client id').fill(company.clientId);
  await page.getByLabel('Client secret').fill(company.secret);
  await page.getByLabel('People of proved domains become members').check();
  await page.getByRole('button', { name: 'Save' }).click();
  const redirect = page.locator('.provider-fact', { hasText: 'Redirect address' }).locator('dd');
  company.register((await redirect.textContent()) ?? '');
  await page.getByLabel('Domain', { exact: true }).fill('company.example');
  await page.getByLabel('Provider', { exact: true }).selectOption('Company account');
  await page.getByRole('button', { name: 'Claim a domain' }).click();
  await page.locator('.record').first().waitFor();
  const [name = '', value = ''] = await page.locator('.record').allTextContents();
  await page.getByRole('button', { name: 'Look for the record' }).click();
  await page.getByRole('alert').getByText('The domain does not carry the record yet').waitFor();
  names.records.set(name, [value]);
  await page.getByRole('button', { name: 'Look for the record' }).click();
  await page.locator('.status', { hasText: 'Proved' }).waitFor();
  await page.getByRole('button', { name: 'Test it' }).click();
  await page.getByText('Passed its test').waitFor();
  const states = await page.locator('.provider-test .status').allTextContents();
  assert.ok(states.length >= 5 && states.every((state) => state === 'passed'), states.join(', '));

  company.accounts.set('c-1', { email: 'carla@company.example', email_verified: true, name: 'Carla Dias' });
  company.signedIn = 'c-1';
  const theirs = await opened('/settings/members');
  await theirs.getByLabel('E-mail address').fill('carla@company.example');
  await theirs.keyboard.press('Enter');
  await theirs.getByRole('link', { name: 'Sign in through Company account' }).waitFor();
  await expectAccessible(theirs, 'sign-in through a provider');
  await theirs.keyboard.press('Enter');
  await theirs.waitForURL('**/policy');
  await theirs.goto(`${empty.server.address}/settings/members`);
  await theirs.getByRole('row', { name: /Carla Dias \(you\).*through Company account.*Auditor/ }).waitFor();
  await theirs.context().close();

  company.accounts.set('s-1', { email: 'sam@elsewhere.example', email_verified: true, name: 'Sam' });
  company.signedIn = 's-1';
  const stranger = await opened('/policy');
  await stranger.getByLabel('E-mail address').fill('sam@company.example');
  await stranger.keyboard.press('Enter');
  await stranger.getByRole('link', { name: 'Sign in through Company account' }).click();
  await stranger.getByRole('alert').getByText('Your address is of a domain that this provider').waitFor();
  await expectAccessible(stranger, 'a refused sign-in');
  await stranger.context().close();
  await page.context().close();
});

test('the audit trail is searched by the address of its page, and exported', async () => {
  const page = await signedIn('/settings/audit');
  await page.getByLabel('What').selectOption('access.invited');
  await page.waitForURL('**/settings/audit?kind=access.invited');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  assert.match((await page.locator('tbody tr').textContent()) ?? '', /Invitation sent.*Olga Prado.*127\.0\.0\.1/);
  await page.getByRole('button', { name: 'As CSV' }).click();
  await page.getByRole('link', { name: 'Follow it in exports' }).click();
  const exporting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).first().click();
  const csv = readFileSync(await (await exporting).path(), 'utf8');
  assert.equal(csv.trim().split('\n').length, 2);
  await page.goBack();
  await page.getByLabel('Network address').fill('203.0.113.9');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing fits this search.').waitFor();
  await page.getByRole('link', { name: 'Show everything' }).click();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > 10);
  await page.context().close();
});

test('an account is deleted by whoever types its address, and is gone', async () => {
  const page = await opened('/account');
  await givePassword(page, auditor);
  await page.getByRole('heading', { name: 'Delete your account' }).waitFor();
  await page.getByText('Your account: name, address, language, password').waitFor();
  await page.getByRole('button', { name: 'Delete the account' }).click();
  const dialog = page.getByRole('alertdialog');
  const confirm = dialog.getByRole('button', { name: 'Delete my account' });
  await dialog.getByLabel(/^Type your e-mail address/).fill(owner.email);
  assert.ok(await confirm.isDisabled(), 'another address does not do');
  await dialog.getByLabel(/^Type your e-mail address/).fill(auditor.email);
  await letFactorsAge();
  await confirm.click();
  // Whoever has no second factor shows the password again.
  await page.getByRole('dialog').getByRole('heading', { name: 'Show your password again' }).waitFor();
  await expectAccessible(page, 'password once more');
  await page.keyboard.type(auditor.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  const { rows } = await empty.database.query('select count(*)::int as people from access.person');
  assert.equal(rows[0]?.people, 2, 'the owner and the colleague of the company');
  await page.context().close();
});

/** A page where nothing takes long, so that a test that cannot succeed ends soon. */
async function opened(path: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await browser.open(path, options);
  page.setDefaultTimeout(20_000);
  return page;
}

/** Opens a page as the owner, with password and code. */
async function signedIn(path: string): Promise<Page> {
  const page = await opened(path);
  await givePassword(page);
  await page.getByLabel('Code of your authenticator app').fill(await codeNow());
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Sections' }).waitFor();
  await settled(page);
  return page;
}

/** What a person types first; limits of attempts are forgotten, since these tests sign in more often than anybody. */
async function givePassword(page: Page, person: { email: string; password: string } = owner): Promise<void> {
  await empty.database.query('delete from access.rate_limit');
  await page.getByRole('heading', { name: 'Sign in to read this' }).waitFor();
  await page.getByLabel('E-mail address').fill(person.email);
  await page.keyboard.press('Enter');
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.keyboard.press('Enter');
}

/** The code of now; half a minute passes for the server since it took one. */
async function codeNow(): Promise<string> {
  await empty.database.query('update access.totp set last_step = 0');
  return codeAt(owner.secret, stepAt(new Date()));
}

/** Eleven minutes pass since any second factor or password was shown. */
async function letFactorsAge(): Promise<void> {
  await empty.database.query(
    "update access.session set (confirmed_at, password_shown_at) = (now() - interval '11 min', now() - interval '11 min')",
  );
}

function newestLink(email: string, path: string): Promise<string> {
  return eventually(
    async () => (await empty.linksTo(email)).filter((link) => new URL(link).pathname === path).at(-1),
    `a mail with a link to ${path} arrives`,
  );
}
