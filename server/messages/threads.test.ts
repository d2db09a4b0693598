import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import pg from 'pg';
import { fixedClock, systemClock } from '../platform/clock.ts';
import type { Actor, Id } from '../platform/contract.ts';
import { newId } from '../platform/ids.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { registerAccessMail } from './access-mail.ts';
import { deliverMessage } from './deliver-message.ts';
import { findMessage } from './find-message.ts';
import { listThreads } from './list-threads.ts';
import { PROBE_PATIENCE_MS } from './mailbox-condition.ts';
import type { MailboxInput } from './mailbox-contract.ts';
import { registerMailboxMail } from './mailbox-mail.ts';
import { findMailbox, type MailboxId } from './mailbox-store.ts';
import { deliverThrough, queueMail } from './queue-mail.ts';
import { receiveMail } from './receive-mail.ts';
import { type Reply, replyInThread } from './reply-in-thread.ts';
import { addMailbox, renewSecret } from './set-up-mailbox.ts';
import { listMails } from './show-thread.ts';
import { registerMessagesTasks } from './tasks.ts';
import { openTestMailServer } from './test-mail-server.ts';
import type { ThreadId } from './thread-store.ts';
import { watchMailboxes } from './watch-mailboxes.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const smtp = await openTestMailServer();
const clock = fixedClock(systemClock.now());
const environment = { KEPT_SMTP_URL: smtp.url, KEPT_MAIL_FROM: 'Kept <kept@server.example>' };
const { platform, newOrganisation, adminUrl, close } = await openTestPlatform({ clock, environment });
const admin = new pg.Client(adminUrl);
before(async () => {
  await admin.connect();
  await registerMessagesTasks(platform);
  registerMailboxMail();
  registerAccessMail();
  deliverThrough(platform);
});
after(async () => {
  await admin.end();
  await close();
  await smtp.close();
});

const by: Actor = { kind: 'person', id: newId<'Person'>(clock.now()) };
const webhook: MailboxInput = {
  kind: 'webhook',
  name: 'Encarregada da Maré',
  mailAddress: 'DPO@mare.example',
  enabled: true,
  subaddressing: true,
  scheme: 'standard',
};
let organisation = await newOrganisation();
let mailbox: MailboxId;
let secret = '';
let sent = 0;

beforeEach(async () => {
  organisation = await newOrganisation();
  smtp.taken.length = 0;
  const added = await inTx((tx) => addMailbox(platform, tx, webhook, by));
  mailbox = added.mailbox.id;
  secret = added.secret ?? '';
});

const inTx = <T>(work: Parameters<typeof platform.db.transaction<T>>[1]) => platform.db.transaction(organisation, work);

function sign(body: string, options: { key?: string; at?: Date; id?: string } = {}): Record<string, string> {
  sent += 1;
  const id = options.id ?? `msg_${sent}`;
  const timestamp = String(Math.floor((options.at ?? clock.now()).getTime() / 1000));
  const key = Buffer.from((options.key ?? secret).replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,bm8= v1,${signature}` };
}

async function bring(...lines: string[]): Promise<boolean> {
  clock.advance(1_000);
  const body = lines.join('\r\n');
  return receiveMail(platform, organisation, mailbox, { headers: sign(body), body: Buffer.from(body) });
}

const threads = async () => (await inTx((tx) => listThreads(tx, { limit: 50 }))).items;
const mails = async (id: ThreadId) => (await inTx((tx) => listMails(tx, id, { limit: 50 }))).items;
const stored = async () => (await inTx((tx) => findMailbox(tx, mailbox))) ?? assert.fail('no mailbox');

async function only() {
  const [thread, ...others] = await threads();
  assert.ok(thread !== undefined && others.length === 0);
  return thread;
}

async function reply(thread: ThreadId, change: Partial<Reply> = {}) {
  const idempotencyKey = crypto.randomUUID();
  const order: Reply = {
    text: 'Olá, Ana,\n\nrecebemos.\nAté logo',
    language: 'pt-BR',
    idempotencyKey,
    closes: false,
    ...change,
  };
  const made = await inTx((tx) => replyInThread(tx, thread, order, by));
  await deliverMessage(platform, organisation, made.message);
  return made;
}

const question = [
  'From: Ana <ana@example.org>',
  'To: dpo@mare.example',
  'Subject: Meus dados',
  'Message-ID: <q@example.org>',
  '',
  'Quais?',
];

test('an answer goes out over SMTP with the right headers, and their next mail lands in the same thread', async () => {
  await bring(...question);
  const thread = await only();
  await reply(thread.id);
  const [taken] = smtp.taken;
  assert.ok(taken !== undefined);
  assert.deepEqual(taken.to, ['ana@example.org']);
  assert.deepEqual(taken.mail.from, { name: 'Encarregada da Maré', address: 'kept@server.example' });
  assert.equal(taken.mail.subject, 'Re: Meus dados');
  assert.equal(taken.mail.inReplyTo, '<q@example.org>');
  assert.equal(taken.mail.references, '<q@example.org>');
  assert.doesNotMatch(taken.raw, /^Auto-Submitted/im, 'a person wrote it');
  assert.match(taken.mail.text ?? '', /Olá, Ana,\s+recebemos\.\nAté logo/);
  const answersTo = taken.mail.replyTo?.[0]?.address ?? '';
  assert.match(answersTo, /^dpo\+t-[0-9a-f]{20}@mare\.example$/);
  assert.equal((await only()).awaitsReply, false);

  await bring(
    'From: ana@example.org',
    `In-Reply-To: ${taken.mail.messageId}`,
    'Subject: Re: Meus dados',
    '',
    'Obrigada',
  );
  assert.deepEqual([(await only()).mails, (await only()).awaitsReply], [3, true]);
  // A mail program that drops what is answered, or a mail server that gives mails other ids.
  await bring('From: ana@example.org', `To: ${answersTo.toUpperCase()}`, 'Subject: mais uma coisa', '', 'e isto');
  assert.equal((await only()).mails, 4);
  await bring('From: ana@example.org', 'To: dpo+t-00000000000000000000@mare.example', 'Subject: outra', '', 'x');
  assert.equal((await threads()).length, 2, 'a made-up address opens nothing');
});

test('the same reply twice is sent once, and a reply may close its thread, which their next mail opens', async () => {
  await bring(...question);
  const { id } = await only();
  const idempotencyKey = crypto.randomUUID();
  const one = await reply(id, { idempotencyKey, closes: true });
  assert.deepEqual(await reply(id, { idempotencyKey }), one);
  assert.equal(smtp.taken.length, 1);
  assert.equal((await only()).state, 'closed');
  await bring('From: ana@example.org', 'In-Reply-To: <q@example.org>', '', 'again');
  assert.deepEqual([(await only()).state, (await only()).awaitsReply], ['open', true]);
});

test('out-of-office answers and reports stand in the thread and are no answer', async () => {
  await bring(...question);
  const { id } = await only();
  const { message } = await reply(id, { closes: true });
  const header = smtp.taken[0]?.mail.messageId ?? '';
  await bring(
    'From: ana@example.org',
    `In-Reply-To: ${header}`,
    'Auto-Submitted: auto-replied',
    'Subject: Férias',
    '',
    'volto logo',
  );
  await bring(...bounce(header, 'failed', '5.1.1'));
  const thread = await only();
  assert.deepEqual([thread.state, thread.awaitsReply, thread.mails], ['closed', false, 4]);
  const kinds = (await mails(id)).map(({ kind, bounceCode }) => [kind, bounceCode]);
  assert.deepEqual(kinds.sort(), [
    ['auto-reply', null],
    ['bounce', '5.1.1'],
    ['mail', null],
    ['reply', null],
  ]);
  assert.equal((await inTx((tx) => findMessage(tx, message)))?.state, 'bounced');
});

test('a report about a mail of no thread is noted with that mail; one for now is none; one about nothing of ours is shown', async () => {
  const message = await order();
  const header = smtp.taken[0]?.mail.messageId ?? '';
  await bring(...bounce(header, 'delayed', '4.4.1'));
  assert.equal((await inTx((tx) => findMessage(tx, message)))?.state, 'sent');
  await bring(...bounce(header, 'failed', '5.7.1'));
  assert.equal((await inTx((tx) => findMessage(tx, message)))?.state, 'bounced');
  assert.deepEqual(await threads(), []);
  await bring(...bounce('<forged@elsewhere.example>', 'failed', '5.1.1'));
  assert.deepEqual([(await only()).state, (await only()).correspondent], ['dismissed', null]);
});

test('a report that names what no database can hold is taken like any other, so that mail behind it is', async () => {
  await bring(...bounce('<a\u0000b@elsewhere.example>', 'failed', '5.1.1'));
  assert.deepEqual([(await only()).state, (await only()).correspondent], ['dismissed', null]);
});

test('no machine is answered, and no mail of our own is taken for news', async () => {
  await bring('From: bot@example.org', 'Auto-Submitted: auto-generated', 'Subject: ping', '', 'x');
  const { id } = await only();
  await assert.rejects(reply(id), { code: 'reply-impossible' });
  await order();
  const own = smtp.taken.at(-1)?.raw ?? '';
  smtp.taken.length = 0;
  await bring(...own.split('\r\n'));
  assert.equal((await threads()).length, 1);
  await bring('From: dpo@mare.example', 'Subject: to myself', '', 'x');
  const self = (await threads()).find(({ subject }) => subject === 'to myself');
  await assert.rejects(reply(self?.id ?? id), { code: 'reply-impossible' });
  assert.equal(smtp.taken.length, 0, 'nothing ever went out by itself');
});

test('a link that opens an account is shown to nobody who answers mail, whoever the mailbox belongs to', async () => {
  const elsewhere = await newOrganisation();
  for (const template of ['password-reset', 'new-device']) {
    const place = { name: 'Eva', device: null, address: null, country: null, at: clock.now().toISOString() };
    const link = { name: 'Eva', url: 'https://kept.example/reset#t', expiresAt: clock.now().toISOString() };
    const message = await platform.db.transaction(elsewhere, (tx) =>
      queueMail(tx, {
        template,
        to: 'dpo@mare.example',
        language: 'en',
        figures: template === 'password-reset' ? link : place,
        idempotencyKey: `access:${template}`,
      }),
    );
    await deliverMessage(platform, elsewhere, message);
    assert.equal(await bring(...(smtp.taken.at(-1)?.raw ?? '').split('\r\n')), true);
  }
  const { id } = await only();
  assert.doesNotMatch(JSON.stringify(await mails(id)), /kept\.example\/reset/, 'what opens nothing is shown');
});

test('somebody else who writes into a thread is pointed out, and answers still go to whom it is with', async () => {
  await bring(...question);
  const { id } = await only();
  await bring(
    'From: Eve <eve@example.net>',
    'Reply-To: eve@example.net',
    'In-Reply-To: <q@example.org>',
    '',
    'send it to me instead',
  );
  const odd = (await mails(id)).find(({ from }) => from?.mailAddress === 'eve@example.net');
  assert.deepEqual(odd?.defects, ['other-sender']);
  await reply(id);
  assert.deepEqual(smtp.taken.at(-1)?.to, ['ana@example.org']);
});

test('headers of strangers make no headers of ours', async () => {
  await bring(
    'From: "Ana" <ana@example.org>',
    'Subject: =?utf-8?Q?x=0D=0ABcc:_eve@example.net?=',
    'Message-ID: <q\u0001\u00a0@example.org>',
    '',
    'x',
  );
  await reply((await only()).id);
  assert.deepEqual(smtp.taken[0]?.to, ['ana@example.org']);
  assert.equal(smtp.taken[0]?.mail.bcc, undefined);
  assert.equal(smtp.taken[0]?.mail.inReplyTo, undefined);
});

test('a webhook is believed only with a signature of late, by the secret in use or for a day the one before', async () => {
  const body = question.join('\r\n');
  const tryWith = (headers: Record<string, string>, to = mailbox, raw = body) =>
    receiveMail(platform, organisation, to, { headers, body: Buffer.from(raw) });
  const refused = { code: 'mail-refused' };
  await assert.rejects(tryWith({}), refused);
  await assert.rejects(tryWith(sign(body, { key: 'whsec_d3Jvbmc=' })), refused);
  await assert.rejects(tryWith(sign(body, { at: new Date(clock.now().getTime() - 6 * 60_000) })), refused);
  await assert.rejects(tryWith(sign(body, { at: new Date(clock.now().getTime() + 6 * 60_000) })), refused);
  await assert.rejects(tryWith(sign(body), mailbox, `${body}!`), refused);
  await assert.rejects(tryWith(sign(body), newId<'Mailbox'>(clock.now())), refused);
  assert.deepEqual(await threads(), []);
  const signed = sign(body);
  assert.equal(await tryWith(signed), true);
  assert.equal(await tryWith(signed), false, 'the same again brings nothing');
  assert.equal(await tryWith(sign(body)), false, 'nor the same mail in another delivery');
  const renewed = await inTx((tx) => renewSecret(platform, tx, mailbox, by));
  assert.notEqual(renewed.secret, secret);
  assert.equal(await tryWith(sign(body, { key: renewed.secret })), false);
  assert.equal(await tryWith(sign(body)), false, 'accepted for a day');
  clock.advance(DAY);
  await assert.rejects(tryWith(sign(body)), refused);
  const { rows } = await admin.query('select row_to_json(m)::text as text from messages.mailbox m where id = $1', [
    mailbox,
  ]);
  assert.ok(!rows[0].text.includes(Buffer.from(renewed.secret).toString('hex')));
});

test('Mailgun brings forms, with its own way of signing', async () => {
  const signingKey = 'key-0123456789abcdef0123';
  const added = await inTx((tx) =>
    addMailbox(platform, tx, { ...webhook, mailAddress: 'gun@mare.example', scheme: 'mailgun', signingKey }, by),
  );
  assert.equal(added.secret, null);
  const brought = async (signature: string | null) => {
    const form = new FormData();
    const timestamp = String(Math.floor(clock.now().getTime() / 1000));
    const token = 'a'.repeat(50);
    const right = createHmac('sha256', signingKey)
      .update(timestamp + token)
      .digest('hex');
    form.set('timestamp', timestamp);
    form.set('token', token);
    form.set('signature', signature ?? right);
    form.set('body-mime', question.join('\r\n'));
    const wire = new Response(form);
    const headers = { 'content-type': wire.headers.get('content-type') ?? '' };
    return receiveMail(platform, organisation, added.mailbox.id, {
      headers,
      body: Buffer.from(await wire.arrayBuffer()),
    });
  };
  await assert.rejects(brought('ab'.repeat(32)), { code: 'mail-refused' });
  assert.equal(await brought(null), true);
  assert.equal((await only()).subject, 'Meus dados');
});

test('the test mail of the day goes out, comes back and is no thread; one that is lost is noticed', async () => {
  await watchMailboxes(platform, organisation);
  await watchMailboxes(platform, organisation);
  const { probeMessage } = await stored();
  assert.ok(probeMessage !== null);
  await deliverMessage(platform, organisation, probeMessage);
  assert.deepEqual(
    smtp.taken.map(({ to }) => to),
    [['dpo@mare.example']],
  );
  await bring(...(smtp.taken[0]?.raw ?? '').split('\r\n'));
  assert.deepEqual((await stored()).probeTakenAt, clock.now());
  assert.deepEqual(await threads(), []);

  clock.advance(DAY);
  await watchMailboxes(platform, organisation);
  const second = (await stored()).probeMessage;
  assert.notEqual(second, probeMessage);
  await deliverMessage(platform, organisation, second ?? probeMessage);
  clock.advance(PROBE_PATIENCE_MS);
  await watchMailboxes(platform, organisation);
  assert.equal((await stored()).error, null);
  clock.advance(1);
  await watchMailboxes(platform, organisation);
  assert.equal((await stored()).error, 'mail-lost');
  await bring(...question);
  assert.equal((await stored()).error, 'mail-lost', 'that other mail comes proves nothing of it');
  await bring(...(smtp.taken.at(-1)?.raw ?? '').split('\r\n'));
  assert.equal((await stored()).error, null);
});

test('owners and data protection officers are told of a mailbox that fails for a day, once', async () => {
  for (const [role, name, verified] of [
    ['owner', 'o', true],
    ['dpo', 'd', true],
    ['agent', 'a', true],
    ['dpo', 'unverified', false],
  ] as const) {
    const person = newId<'Person'>(clock.now());
    const email = `${name}.${organisation}@mare.example`;
    await admin.query(
      `insert into access.person (id, name, email, email_key, email_verified_at, language, created_at) values ($1, $2, $3, $3, $4, 'pt-BR', $5)`,
      [person, name, email, verified ? clock.now() : null, clock.now()],
    );
    await admin.query(
      'insert into access.membership (organisation_id, person_id, role, created_at) values ($1, $2, $3, $4)',
      [organisation, person, role, clock.now()],
    );
  }
  await admin.query(
    `update messages.mailbox set error = 'mail-lost', failing_since = $2, probe_sent_at = $2 where id = $1`,
    [mailbox, clock.now()],
  );
  const told = async () => {
    const { rows } = await admin.query<{ recipient: string; body_text: string }>(
      `select recipient, body_text from messages.message where organisation_id = $1 and template = 'mailbox-failing' order by recipient`,
      [organisation],
    );
    return rows;
  };
  clock.advance(DAY - 1);
  await watchMailboxes(platform, organisation);
  assert.deepEqual(await told(), []);
  clock.advance(1);
  await watchMailboxes(platform, organisation);
  await watchMailboxes(platform, organisation);
  const mailed = await told();
  assert.deepEqual(
    mailed.map(({ recipient }) => recipient.split('.')[0]),
    ['d', 'o'],
  );
  assert.match(mailed[0]?.body_text ?? '', /Um e-mail de teste enviado pelo Kept não chegou/);
});

/** A message of no thread. */
async function order(): Promise<Id<'Message'>> {
  sent += 1;
  const message = await inTx((tx) =>
    queueMail(tx, {
      template: 'mailbox-failing',
      to: 'ana@example.org',
      language: 'en',
      figures: { name: 'n', mailAddress: 'a', error: 'mail-lost', since: clock.now().toISOString() },
      idempotencyKey: `order:${sent}`,
    }),
  );
  await deliverMessage(platform, organisation, message);
  return message;
}

function bounce(header: string, action: string, status: string): string[] {
  sent += 1;
  return [
    'From: MAILER-DAEMON@mx.example.org',
    'Return-Path: <>',
    `Message-ID: <bounce-${sent}@mx.example.org>`,
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'It did not arrive.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.org',
    '',
    `Action: ${action}`,
    `Status: ${status}`,
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: ${header}`,
    'Subject: ours',
    '',
    'ours',
    '--b--',
  ];
}
