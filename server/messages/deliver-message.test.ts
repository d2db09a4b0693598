import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, beforeEach, test } from 'node:test';
import pg from 'pg';
import { opensCommitment } from '../ledger/record-entry.ts';
import { fixedClock } from '../platform/clock.ts';
import type { Id } from '../platform/contract.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { composeMail } from './compose-mail.ts';
import { deliverMessage } from './deliver-message.ts';
import { findMessage } from './find-message.ts';
import { giveUpMessages } from './give-up-messages.ts';
import { type MailOrder, queueMail } from './queue-mail.ts';
import { sweepMessages } from './sweep-messages.ts';
import { registerMessagesTasks } from './tasks.ts';
import { registerTemplate } from './templates.ts';
import { deliverElsewhere } from './test-delivery-process.ts';
import { openTestMailServer } from './test-mail-server.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const server = await openTestMailServer();
const clock = fixedClock('2026-11-20T12:00:00Z');
const environment = { KEPT_SMTP_URL: server.url, KEPT_MAIL_FROM: 'Maré <privacidade@mare.example>' };
const { platform, organisationId, adminUrl, newOrganisation, close } = await openTestPlatform({ clock, environment });
const without = await openTestPlatform({ clock });
const admin = new pg.Client(adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await close();
  await without.close();
  await server.close();
});

registerTemplate({
  name: 'test-goodbye',
  category: 'legal',
  sample: 3,
  render: (language, figures) =>
    composeMail(language, {
      subject: 'Your contract has ended',
      blocks: [{ kind: 'paragraph', text: `Rows disposed of: ${JSON.stringify(figures)}` }],
      footer: 'Maré',
    }),
});
await registerMessagesTasks(platform);

beforeEach(() => {
  server.taken.length = 0;
  server.beforeAnswer = () => undefined;
});

let keys = 0;
function order(change: Partial<MailOrder> = {}): MailOrder {
  keys += 1;
  const order: MailOrder = {
    template: 'test-goodbye',
    to: 'ana@example.org',
    language: 'en',
    figures: { rows: 12 },
    idempotencyKey: `contract-end:${keys}`,
  };
  return { ...order, ...change };
}

const queue = (change: Partial<MailOrder> = {}) =>
  platform.db.transaction(organisationId, (tx) => queueMail(tx, order(change)));
const deliver = (id: Id<'Message'>) => deliverMessage(platform, organisationId, id);
const find = (id: Id<'Message'>) => platform.db.transaction(organisationId, (tx) => findMessage(tx, id));

async function row(id: Id<'Message'>) {
  const { rows } = await admin.query('select * from messages.message where id = $1', [id]);
  return rows[0];
}

/** What the ledger holds of a message: kind, body and commitment of each entry. */
async function entries(id: Id<'Message'>) {
  const { rows } = await admin.query<{ leaf: string }>('select leaf from ledger.pending');
  return rows
    .map(({ leaf }) => JSON.parse(leaf))
    .filter(({ body }) => body.message === id)
    .map(({ kind, body, commitment }) => ({ kind, body, commitment }));
}

test('a message is sent once and recorded, and a second delivery does nothing', async () => {
  const id = await queue();
  assert.deepEqual(await find(id), { state: 'queued', reason: null, sentAt: null });
  await deliver(id);
  await deliver(id);
  assert.equal(server.taken.length, 1);
  assert.equal(server.taken[0]?.mail.messageId, `<${id}@mare.example>`);
  assert.deepEqual(await find(id), { state: 'sent', reason: null, sentAt: clock.now() });
  const body = { message: id, template: 'test-goodbye', channel: 'mail' };
  const stored = await row(id);
  assert.deepEqual(await entries(id), [{ kind: 'message.sent', body, commitment: stored.commitment }]);
  const content = { to: stored.recipient, subject: stored.subject, text: stored.body_text, html: stored.body_html };
  assert.ok(opensCommitment(stored.commitment, content, stored.salt), 'the entry commits to what was sent to whom');
});

test('the same key is the same message, even when two ask at once', async () => {
  const one = order({ idempotencyKey: 'the-same' });
  const twice = { ...one, to: 'eve@example.org', figures: { rows: 99 } };
  const ids = await Promise.all(
    [one, twice, one].map((order) => platform.db.transaction(organisationId, (tx) => queueMail(tx, order))),
  );
  assert.equal(new Set(ids).size, 1);
  for (const id of ids) await deliver(id);
  assert.equal(server.taken.length, 1);
});

test('two deliveries at once send one message', async () => {
  const id = await queue();
  await Promise.all([deliver(id), deliver(id), deliver(id)]);
  assert.equal(server.taken.length, 1);
});

test('a message that was rolled back is not sent', async () => {
  const rolledBack = order();
  let id: Id<'Message'> | undefined;
  await assert.rejects(
    platform.db.transaction(organisationId, async (tx) => {
      id = await queueMail(tx, rolledBack);
      throw new Error('no');
    }),
    /^Error: no$/,
  );
  assert.ok(id !== undefined);
  await deliver(id);
  assert.equal(server.taken.length, 0);
});

test('greylisting: a message waits as long as it is told to and then goes', async () => {
  const id = await queue();
  server.onRecipient.push({ code: 451, text: '4.7.1 greylisted' });
  await deliver(id);
  assert.deepEqual(await find(id), { state: 'queued', reason: 'server-busy', sentAt: null });
  assert.equal((await row(id)).reply, '451 4.7.1');
  await deliver(id);
  assert.equal(server.taken.length, 0, 'not before its time');
  clock.advance(MINUTE);
  await deliver(id);
  assert.equal((await find(id))?.state, 'sent');
  assert.equal(server.taken.length, 1);
  const { attempts, first_attempt_at, queued_at } = await row(id);
  assert.equal(attempts, 2);
  assert.deepEqual(first_attempt_at, queued_at);
});

test('a refusal for good fails the message with the codes of the reply and without the address', async () => {
  const id = await queue();
  server.onRecipient.push({ code: 550, text: '5.1.1 no such user' });
  await deliver(id);
  assert.deepEqual(await find(id), { state: 'failed', reason: 'refused', sentAt: null });
  const stored = await row(id);
  assert.equal(stored.reply, '550 5.1.1');
  const body = { message: id, template: 'test-goodbye', channel: 'mail', reason: 'refused' };
  assert.deepEqual(await entries(id), [{ kind: 'message.failed', body, commitment: stored.commitment }]);
  await deliver(id);
  assert.equal(server.taken.length, 0);
});

test('a message is given up after three days', async () => {
  const id = await queue();
  const started = clock.now().getTime();
  let attempts = 0;
  while ((await find(id))?.state === 'queued') {
    server.onRecipient.push({ code: 450, text: '4.2.0 busy' });
    await deliver(id);
    attempts += 1;
    const next: Date | null = (await row(id)).next_attempt_at;
    if (next !== null) clock.set(next);
  }
  assert.deepEqual(await find(id), { state: 'failed', reason: 'gave-up', sentAt: null });
  const triedHours = (clock.now().getTime() - started) / 3_600_000;
  assert.ok(triedHours > 68 && triedHours <= 72, `${triedHours} h`);
  assert.equal((await row(id)).attempts, attempts);
});

test('an address that mail cannot be sent to fails at once and stops nobody', async () => {
  for (const to of ['ana@example.org\r\nBcc: eve@example.org', '\u0000', '\ud800', '']) {
    const id = await queue({ to });
    assert.deepEqual(await find(id), { state: 'failed', reason: 'address-invalid', sentAt: null });
    assert.equal((await entries(id))[0]?.kind, 'message.failed');
  }
});

test('without a mail server a message waits, however long, and goes when there is one', async () => {
  const unset = without.platform;
  const id = await unset.db.transaction(without.organisationId, (tx) => queueMail(tx, order()));
  await deliverMessage(unset, without.organisationId, id);
  clock.advance(10 * DAY);
  await deliverMessage(unset, without.organisationId, id);
  const waiting = await unset.db.transaction(without.organisationId, (tx) => findMessage(tx, id));
  assert.deepEqual(waiting, { state: 'queued', reason: 'mail-not-configured', sentAt: null });
  assert.equal(await sweepMessages(unset, without.organisationId), 0);

  const configured = { ...unset, config: platform.config };
  assert.equal(await sweepMessages(configured, without.organisationId), 1);
  server.onRecipient.push({ code: 451, text: '4.7.1 greylisted' });
  await deliverMessage(configured, without.organisationId, id);
  clock.advance(MINUTE);
  await deliverMessage(configured, without.organisationId, id);
  const sent = await unset.db.transaction(without.organisationId, (tx) => findMessage(tx, id));
  assert.equal(sent?.state, 'sent', 'the ten days of waiting were no attempts');
});

test('killed between sending and marking, a message goes again under the same Message-ID', async () => {
  const id = await queue();
  // The clock of the other process is the machine's, so the message has to be due there, too.
  await admin.query(`update messages.message set next_attempt_at = '2026-01-01' where id = $1`, [id]);
  const child = deliverElsewhere(organisationId, id, {
    ...environment,
    DATABASE_URL: adminUrl,
    KEPT_DATA_DIR: platform.config.dataDirectory,
  });
  const gone = once(child, 'exit');
  server.beforeAnswer = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  const [, signal] = await gone;
  assert.equal(signal, 'SIGKILL');
  assert.equal((await row(id)).state, 'sending');
  assert.deepEqual(await find(id), { state: 'queued', reason: 'sending', sentAt: null });
  server.beforeAnswer = () => undefined;

  clock.set(new Date((await row(id)).next_attempt_at.getTime() + MINUTE));
  // The database notices within moments that the process is gone and frees what it had locked.
  while ((await find(id))?.state !== 'sent') await deliver(id);
  assert.equal(server.taken.length, 2);
  assert.equal(new Set(server.taken.map(({ mail }) => mail.messageId)).size, 1);
  assert.equal((await row(id)).attempts, 2);
  assert.equal((await entries(id)).length, 1);
});

test('what could not be sent for sixty days has failed, so that its address need not stay', async () => {
  clock.set('2027-06-01T00:00:00Z');
  const sent = await queue();
  const never = await queue();
  await deliver(sent);
  clock.advance(2 * DAY);
  const young = await queue();
  clock.advance(58 * DAY + MINUTE);
  assert.equal(await giveUpMessages(platform, organisationId), 1);
  assert.equal((await find(sent))?.state, 'sent');
  assert.deepEqual(await find(never), { state: 'failed', reason: 'never-sent', sentAt: null });
  assert.equal((await entries(never))[0]?.body.reason, 'never-sent');
  assert.equal((await find(young))?.state, 'queued');
  assert.equal(await giveUpMessages(platform, organisationId), 0);
});

test('no entry, task or answer to another organisation holds an address or a content', async () => {
  const leaves = await admin.query(`select leaf as text from ledger.pending`);
  const tasks = await admin.query('select data::text as text from queue.job');
  assert.ok(leaves.rows.length > 5 && tasks.rows.length > 5);
  for (const { text } of [...leaves.rows, ...tasks.rows])
    assert.doesNotMatch(String(text), /example\.org|Rows disposed/);
  const other = await newOrganisation();
  const id = await queue();
  assert.equal(await platform.db.transaction(other, (tx) => findMessage(tx, id)), undefined);
});

test('the task delivers what was queued, without anybody’s help', async () => {
  clock.set(new Date((await admin.query('select now() as at')).rows[0].at));
  await platform.tasks.start();
  const id = await queue({ idempotencyKey: 'by-the-task' });
  for (let waited = 0; (await find(id))?.state !== 'sent' && waited < 200; waited += 1)
    await new Promise((done) => setTimeout(done, 25));
  assert.equal((await find(id))?.state, 'sent');
  assert.equal(server.taken.filter(({ mail }) => mail.messageId === `<${id}@mare.example>`).length, 1);
});
