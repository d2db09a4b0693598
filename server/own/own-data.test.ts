import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { openTestAccess, type TestPerson } from '../access/test-access.ts';
import { composeMail } from '../messages/compose-mail.ts';
import { findMessage } from '../messages/find-message.ts';
import { queueMail } from '../messages/queue-mail.ts';
import { sealMailWith } from '../messages/seal-content.ts';
import { registerTemplate } from '../messages/templates.ts';
import { publishOwn } from './publish-own.ts';
import { registerOwnDataRoutes } from './routes.ts';
import { registerOwnTasks } from './tasks.ts';

const template = 'own-data-test';
registerTemplate({
  name: template,
  category: 'transactional',
  sample: null,
  render: (language) =>
    composeMail(language, { subject: 'Hello', blocks: [{ kind: 'paragraph', text: 'A letter' }], footer: 'Kept' }),
});

const sealedTemplate = 'own-data-test-with-link';
registerTemplate({
  name: sealedTemplate,
  category: 'transactional',
  sample: null,
  holdsSecret: true,
  render: (language) =>
    composeMail(language, { subject: 'A link', blocks: [{ kind: 'paragraph', text: 'Opens it' }], footer: 'Kept' }),
});

const server = await openTestAccess({
  queueMail,
  findMail: findMessage,
  async register(http, platform, access) {
    registerOwnTasks(platform, access.ownOrganisationId);
    registerOwnDataRoutes(http, access);
  },
});
const { call, cookieOf, addPerson, organisationId, people, platform } = server;
const store = new pg.Client(server.adminUrl);
await store.connect();
after(async () => {
  await store.end();
  await server.close();
});

async function rows(statement: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.query(statement, values)).rows;
}

async function sendMailTo(person: TestPerson, named = template): Promise<void> {
  await platform.db.transaction(organisationId, (tx) =>
    queueMail(tx, {
      template: named,
      to: person.email.toUpperCase(),
      language: 'en',
      figures: {},
      idempotencyKey: `${named}:${person.id}`,
    }),
  );
}

test('what Kept holds about a person is theirs at once, as JSON and as CSV, without a secret in it', async () => {
  await sendMailTo(people.dpo);
  const elsewhere = await server.newOrganisation();
  await rows(
    `insert into access.membership (organisation_id, person_id, role, created_at) values ($1, $2, 'agent', now())`,
    elsewhere,
    people.dpo.id,
  );
  const cookie = await cookieOf('dpo');
  const answer = await call('GET', '/v1/access/own/data?format=json', cookie);
  assert.equal(answer.status, 200, answer.text);
  const { fileName, mediaType, content, records } = answer.json();
  assert.match(fileName, /^my-data-\d{4}-\d{2}-\d{2}\.json$/);
  assert.equal(mediaType, 'application/json');
  const data = JSON.parse(content);
  assert.equal(data.account[0].email, people.dpo.email);
  assert.equal(data.memberships.length, 2);
  assert.match(data.messages[0].text, /A letter/);
  assert.ok(data.sessions.length >= 1 && data.authenticators.length === 1);
  assert.equal(records.memberships, 2);
  const [stored] = await rows('select password_hash from access.person where id = $1', people.dpo.id);
  assert.ok(!content.includes(String(stored?.['password_hash'])), 'no hash of a password');
  assert.ok(!content.includes(people.dpo.totp ?? '?'), 'no secret of an authenticator');
  assert.ok(!content.includes(people.admin.email), 'nobody else');

  const csv = (await call('GET', '/v1/access/own/data?format=csv', cookie)).json();
  assert.match(csv.content, /^\uFEFFkind,record,field,value\r\n/);
  assert.ok(csv.content.includes(`account,1,email,${people.dpo.email}\r\n`));
  const [entry] = await rows(
    `select leaf from ledger.pending where kind = 'access.exported' and organisation_id = $1 union all
     select leaf from ledger.entry where kind = 'access.exported' and organisation_id = $1`,
    organisationId,
  );
  assert.match(String(entry?.['leaf']), /"what":"own-data"/);
  // The trail of the export itself is the person's, too.
  const again = JSON.parse((await call('GET', '/v1/access/own/data', cookie)).json().content);
  assert.ok(again.trail.some((detail: { kind: string }) => detail.kind === 'access.exported'));
});

test('of a mail that holds what opens something the text is left out', async () => {
  sealMailWith(platform.db, platform.seal);
  const person = await addPerson({ organisationId, role: 'admin' });
  await sendMailTo(person, sealedTemplate);
  const { content } = (await call('GET', '/v1/access/own/data', await cookieOf(person))).json();
  const [mail] = JSON.parse(content).messages;
  assert.deepEqual([mail.template, mail.subject, mail.text], [sealedTemplate, 'A link', null]);
});

test('a key has no data of its own, and an old second factor does not open it', async () => {
  assert.equal((await call('GET', '/v1/access/own/data', server.keyOf())).status, 403);
  const stale = await call('GET', '/v1/access/own/data', await cookieOf('dpo', { fresh: false }));
  assert.equal(stale.json().code, 'second-factor-needed');
});

test('before an account is deleted, its person reads what goes, what stays and until when', async () => {
  await publishOwn(platform, server.access.ownOrganisationId);
  const person = await addPerson({ organisationId, role: 'admin' });
  await sendMailTo(person);
  const cookie = await cookieOf(person);
  await call('GET', '/v1/access/own/data', cookie);
  const preview = (await call('GET', '/v1/access/own/deletion', cookie)).json();
  assert.deepEqual(
    preview.goes.map(({ what }: { what: string }) => what),
    ['account', 'memberships', 'authenticators', 'sessions'],
  );
  const until = new Map(
    preview.stays.map((stay: { what: string; untilAt: string | null }) => [stay.what, stay.untilAt]),
  );
  const days = (what: string) => (Date.parse(String(until.get(what))) - Date.now()) / 86_400_000;
  assert.ok(Math.abs(days('messages') - 90) < 1, String(until.get('messages')));
  assert.ok(days('trail') > 364 && days('trail') < 367, String(until.get('trail')));
  assert.equal(until.get('record'), null);
  assert.deepEqual(preview.blockedBy, []);
});

test('an account that its person deletes is gone at once, everywhere, and the record says that it went', async () => {
  const person = await addPerson({ organisationId, role: 'admin' });
  const cookie = await cookieOf(person);
  const other = await cookieOf(person);
  const wrong = await call('POST', '/v1/access/own/deletion', cookie, { email: 'somebody@example.com' });
  assert.equal(wrong.json().code, 'sign-in-refused');
  const answer = await call('POST', '/v1/access/own/deletion', cookie, { email: person.email.toUpperCase() });
  assert.equal(answer.status, 204, answer.text);
  for (const gone of [cookie, other]) assert.equal((await call('GET', '/v1/access/own', gone)).status, 401);
  for (const table of [
    'person where id',
    'membership where person_id',
    'session where person_id',
    'totp where person_id',
  ])
    assert.deepEqual(await rows(`select 1 from access.${table} = $1`, person.id), []);
  const [entry] = await rows(
    `select leaf from ledger.pending where kind = 'access.account-deleted' union all
     select leaf from ledger.entry where kind = 'access.account-deleted'`,
  );
  assert.ok(String(entry?.['leaf']).includes(person.id));
  const [detail] = await rows(`select * from access.audit_detail where kind = 'access.account-deleted'`);
  assert.equal(detail?.['person_id'], person.id, 'from where it was done stays for its time');
  await platform.tasks.start();
  await platform.tasks.settled();
  const told = await rows(
    `select leaf from ledger.pending where kind = 'access.member-removed' and organisation_id = $1`,
    organisationId,
  );
  assert.ok(
    told.some(({ leaf }) => String(leaf).includes(person.id)),
    'the organisation’s own record says it, too',
  );
});

test('the owner who gets in when single sign-on fails cannot go while it is demanded; later they go as such', async () => {
  const person = await addPerson({ organisationId, role: 'owner' });
  const cookie = await cookieOf(person);
  const name = (isDemanded: boolean) =>
    rows(
      'update access.organisation set break_glass_person_id = $1, demands_single_sign_on = $2 where id = $3',
      person.id,
      isDemanded,
      organisationId,
    );
  const blockedBy = async () => (await call('GET', '/v1/access/own/deletion', cookie)).json().blockedBy;
  const go = () => call('POST', '/v1/access/own/deletion', cookie, { email: person.email });
  await name(true);
  assert.deepEqual(await blockedBy(), [server.slug]);
  assert.equal((await go()).json().code, 'lock-out');
  assert.equal((await rows('select 1 from access.person where id = $1', person.id)).length, 1);
  await name(false);
  assert.deepEqual(await blockedBy(), []);
  const before = (await server.entriesOf('access.settings-changed')).length;
  const answer = await go();
  assert.equal(answer.status, 204, answer.text);
  await platform.tasks.settled();
  const settings = (await server.entriesOf('access.settings-changed')).slice(before);
  assert.deepEqual(
    settings.map(({ body }) => body),
    [{ fields: ['breakGlass'] }],
  );
  const [organisation] = await rows(
    'select break_glass_person_id from access.organisation where id = $1',
    organisationId,
  );
  assert.equal(organisation?.['break_glass_person_id'], null);
});

test('the only owner of an organisation cannot go before there is another', async () => {
  const cookie = await cookieOf('owner');
  const preview = (await call('GET', '/v1/access/own/deletion', cookie)).json();
  assert.deepEqual(preview.blockedBy, [server.slug]);
  const refused = await call('POST', '/v1/access/own/deletion', cookie, { email: people.owner.email });
  assert.equal(refused.json().code, 'last-owner');
  assert.equal((await rows('select 1 from access.person where id = $1', people.owner.id)).length, 1);
  assert.ok((await rows('select 1 from access.membership where person_id = $1', people.owner.id)).length > 0);
  await addPerson({ organisationId, role: 'owner' });
  const answer = await call('POST', '/v1/access/own/deletion', cookie, { email: people.owner.email });
  assert.equal(answer.status, 204, answer.text);
});
