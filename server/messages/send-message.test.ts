import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import pg from 'pg';
import { opensCommitment } from '../ledger/record-entry.ts';
import { fixedClock } from '../platform/clock.ts';
import { type Actor, type Id, idSchema } from '../platform/contract.ts';
import { openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { registerAccessMail } from './access-mail.ts';
import { deliverMessage } from './deliver-message.ts';
import { queueMail } from './queue-mail.ts';
import { recordBounce } from './record-bounce.ts';
import { registerMessagesRoutes } from './routes.ts';
import { registerSendableTemplates } from './sendable-templates.ts';
import { registerMessagesTasks } from './tasks.ts';
import { openTestMailServer } from './test-mail-server.ts';

const MINUTE = 60_000;
const server = await openTestMailServer();
const clock = fixedClock('2026-11-20T12:00:00Z');
const opened = await openTestPlatform({
  clock,
  environment: { KEPT_SMTP_URL: server.url, KEPT_MAIL_FROM: 'Kept <kept@mare.example>' },
});
const { platform, organisationId, adminUrl, newOrganisation, close } = opened;
const elsewhere = await newOrganisation();
let caller = organisationId;
const actor: Actor = { kind: 'key', id: '0193a0de-0000-7000-8000-000000000001' };
const views: string[] = [];
registerAccessMail();
registerSendableTemplates();
await registerMessagesTasks(platform);
const http = openHttp(platform, async () => ({ organisationId: caller, actor, language: 'en' }), {
  viewed: async (_caller, what) => {
    views.push(what);
  },
});
registerMessagesRoutes(http, platform);
const admin = new pg.Client(adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await http.close();
  await close();
  await server.close();
});
beforeEach(() => {
  server.taken.length = 0;
  caller = organisationId;
  views.length = 0;
  clock.advance(MINUTE);
});

async function ask(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown) {
  const answer = await http.fastify.inject({
    method,
    url: `/v1/messages${url}`,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

let keys = 0;
function order(change: Record<string, unknown> = {}) {
  keys += 1;
  const figures = { organisation: 'Maré', subject: 'Hello', paragraphs: ['A letter.'] };
  const fixed = { template: 'service-message', to: 'ana@example.org', language: 'en', figures };
  return { ...fixed, idempotencyKey: `order-${String(keys).padStart(4, '0')}`, ...change };
}
const idOf = (body: { id?: unknown }): Id<'Message'> => idSchema('Message').parse(body.id);
const deliver = (id: Id<'Message'>) => deliverMessage(platform, organisationId, id);

async function entries(message: string): Promise<{ kind: string; body: Record<string, unknown>; actor: Actor }[]> {
  const { rows } = await admin.query<{ leaf: string }>('select leaf from ledger.pending');
  return rows.map(({ leaf }) => JSON.parse(leaf)).filter(({ body }) => body.message === message);
}

test('a message is ordered over the API, sent once, and it is recorded who ordered it', async () => {
  const one = order();
  const first = await ask('POST', '', one);
  assert.equal(first.status, 202, JSON.stringify(first.body));
  const id = idOf(first.body);
  const again = await Promise.all([ask('POST', '', one), ask('POST', '', one)]);
  for (const answer of again) assert.deepEqual([answer.status, answer.body.id], [202, id]);
  await deliver(id);
  await deliver(id);
  assert.equal(server.taken.length, 1);
  assert.equal((await ask('POST', '', one)).body.state, 'sent');
  const recorded = await entries(id);
  assert.deepEqual(recorded.map(({ kind }) => kind).sort(), ['message.ordered', 'message.sent']);
  assert.deepEqual(recorded.find(({ kind }) => kind === 'message.ordered')?.actor, actor);
});

test('many at once under one key are one message', async () => {
  const one = order();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask('POST', '', one)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
  const ids = new Set(answers.map(({ body }) => idOf(body)));
  assert.equal(ids.size, 1);
  const [id = ''] = ids;
  assert.equal((await entries(id)).filter(({ kind }) => kind === 'message.ordered').length, 1);
});

test('a key that stands for another message is refused, and one of another organisation is not known', async () => {
  const one = order();
  await ask('POST', '', one);
  const figures = { organisation: 'Maré', subject: 'Hello', paragraphs: ['Another letter.'] };
  for (const change of [{ to: 'eve@example.org' }, { language: 'es' }, { figures }, { template: 'announcement' }]) {
    const answer = await ask('POST', '', { ...one, ...change });
    assert.deepEqual([answer.status, answer.body.code], [409, 'idempotency-conflict'], JSON.stringify(change));
  }
  caller = elsewhere;
  assert.equal((await ask('POST', '', one)).status, 202);
});

test('figures that do not fit are refused with the place of each mistake, and nothing is queued', async () => {
  const before = await admin.query('select count(*)::int as n from messages.message');
  const wrong = await ask('POST', '', order({ figures: { organisation: '', paragraphs: ['a', 7], colour: 'red' } }));
  assert.deepEqual([wrong.status, wrong.body.code], [422, 'figures-invalid']);
  const places = wrong.body.issues.map(({ path }: { path: string }) => path);
  for (const path of ['figures.organisation', 'figures.subject', 'figures.paragraphs.1'])
    assert.ok(places.includes(path), `${path} in ${places}`);
  const link = { label: 'x', url: 'javascript:alert(1)' };
  const figures = { organisation: 'Maré', subject: 'x', paragraphs: ['x'], link };
  assert.equal((await ask('POST', '', order({ figures }))).body.issues[0].path, 'figures.link.url');
  const money = { organisation: 'Maré', reason: 'payment-failed', amount: { value: '1,5', currency: 'real' } };
  const billing = await ask('POST', '', order({ template: 'billing-alert', figures: money }));
  assert.deepEqual(
    billing.body.issues.map(({ path }: { path: string }) => path),
    ['figures.amount.value', 'figures.amount.currency'],
  );
  for (const [change, code] of [
    [{ template: 'nothing' }, 'template-not-found'],
    [{ template: 'password-reset' }, 'template-not-sendable'],
    [{ to: 'ana@example.org, eve@example.org' }, 'address-invalid'],
    [{ replyTo: 'x' }, 'address-invalid'],
    [{ idempotencyKey: 'ana@example.org' }, 'invalid-input'],
  ] as const)
    assert.equal((await ask('POST', '', order(change))).body.code, code);
  assert.deepEqual((await admin.query('select count(*)::int as n from messages.message')).rows, before.rows);
});

test('the log answers by state, template, category and time; by recipient only where that is recorded as a view', async () => {
  caller = elsewhere;
  const letters: string[] = [];
  for (const [template, to] of [
    ['service-message', 'gil@example.org'],
    ['announcement', 'Gil@Example.org'],
    ['service-message', 'iva@example.org'],
  ]) {
    clock.advance(MINUTE);
    letters.push((await ask('POST', '', order({ template, to }))).body.id);
  }
  const found = async (query: string) => (await ask('GET', query)).body.items.map(({ id }: { id: string }) => id);
  assert.deepEqual(await found('?category=announcement'), [letters[1]]);
  assert.deepEqual((await found('?template=service-message')).slice(0, 2), [letters[2], letters[0]]);
  assert.deepEqual(await found('?state=failed'), []);
  const from = new Date(clock.now().getTime() - MINUTE).toISOString();
  assert.deepEqual(await found(`?queuedFrom=${from}`), [letters[2], letters[1]]);
  assert.deepEqual(await found(`?queuedFrom=${from}&queuedBefore=${clock.now().toISOString()}`), [letters[1]]);
  assert.deepEqual(views, []);
  const search = await ask('POST', '/search', { recipient: 'GIL@example.org' });
  assert.deepEqual(
    search.body.items.map(({ id }: { id: string }) => id),
    [letters[1], letters[0]],
  );
  const page = await ask('POST', '/search', { recipient: 'gil@example.org', limit: 1, after: search.body.items[0].id });
  assert.deepEqual(page.body.items[0].id, letters[0]);
  assert.deepEqual(views, ['messages-of-recipient', 'messages-of-recipient']);
  assert.doesNotMatch(JSON.stringify([search.body, await ask('GET', '')]), /example\.org|A letter/);
  caller = organisationId;
  assert.deepEqual((await ask('POST', '/search', { recipient: 'iva@example.org' })).body.items, []);
});

test('one message is shown with what it says; what opens something is not, and neither is another organisation’s', async () => {
  const { body } = await ask('POST', '', order({ replyTo: 'answers@mare.example' }));
  const shown = await ask('GET', `/${body.id}`);
  assert.deepEqual(
    [shown.body.recipient, shown.body.subject, shown.body.replyTo, shown.body.from, shown.body.resendable],
    ['ana@example.org', 'Hello', 'answers@mare.example', 'Kept <kept@mare.example>', false],
  );
  assert.match(shown.body.text, /A letter\./);
  assert.deepEqual(views, ['message']);
  const figures = { name: 'Ana', url: 'https://kept.example/reset#secret', expiresAt: clock.now().toISOString() };
  const sealed = await platform.db.transaction(organisationId, (tx) =>
    queueMail(tx, {
      template: 'password-reset',
      to: 'ana@example.org',
      language: 'en',
      figures,
      idempotencyKey: 'a-link',
    }),
  );
  const hidden = await ask('GET', `/${sealed}`);
  assert.deepEqual([hidden.body.sealed, hidden.body.text, hidden.body.html], [true, null, null]);
  assert.doesNotMatch(JSON.stringify(hidden.body), /secret/);
  caller = elsewhere;
  assert.deepEqual((await ask('GET', `/${body.id}`)).body.code, 'message-not-found');
  assert.deepEqual((await ask('POST', `/${body.id}/resend`, {})).body.code, 'message-not-found');
});

test('what was refused for good is sent again as the same message, to another address too, and is committed to anew', async () => {
  const { body } = await ask('POST', '', order({ to: 'anna@example.org' }));
  const id = idOf(body);
  assert.equal((await ask('POST', `/${id}/resend`, {})).body.code, 'message-not-failed');
  server.onRecipient.push({ code: 550, text: '5.1.1 no such user' });
  await deliver(id);
  const first = (await ask('GET', `/${id}`)).body;
  assert.deepEqual(
    [first.state, first.reason, first.reply, first.resendable],
    ['failed', 'refused', '550 5.1.1', true],
  );
  assert.equal((await ask('POST', `/${id}/resend`, { to: 'no address' })).body.code, 'address-invalid');
  const again = await ask('POST', `/${id}/resend`, { to: 'ana@example.org' });
  assert.deepEqual([again.status, again.body.state, again.body.attempts, again.body.id], [202, 'queued', 0, id]);
  await deliver(id);
  const [taken] = server.taken;
  assert.deepEqual(taken?.to, ['ana@example.org']);
  assert.notEqual(taken?.mail.messageId, first.messageId, 'a late report about the first is not about this one');
  assert.equal((await ask('GET', `/${id}`)).body.state, 'sent');
  const recorded = await entries(id);
  assert.deepEqual(recorded.find(({ kind }) => kind === 'message.resent')?.body, {
    message: id,
    template: 'service-message',
    corrected: true,
  });
  const { rows } = await admin.query('select * from messages.message where id = $1', [id]);
  const { recipient: to, subject, body_text: text, body_html: html, salt, commitment } = rows[0];
  assert.ok(opensCommitment(commitment, { to, subject, text, html }, salt));
});

test('a message that bounced says so, with the code and without the words, and may be sent again', async () => {
  const { body } = await ask('POST', '', order());
  const id = idOf(body);
  await deliver(id);
  const { messageId } = (await ask('GET', `/${id}`)).body;
  const bounce = (permanent: boolean, code: string | null, where = organisationId, header = messageId) =>
    platform.db.transaction(where, (tx) => recordBounce(tx, { messageIdHeader: header, permanent, code }));
  assert.equal(await bounce(true, '5.1.1', elsewhere), undefined, 'it is none of theirs');
  assert.equal(await bounce(true, '5.1.1', organisationId, '<unknown@mare.example>'), undefined);
  assert.equal(await bounce(false, '4.2.2'), id);
  assert.deepEqual((await ask('GET', `/${id}`)).body.state, 'sent', 'the server still tries');
  assert.equal(await bounce(true, 'no such user ana@example.org'), id);
  assert.equal(await bounce(true, '5.1.1', organisationId, messageId.slice(1, -1)), id);
  const shown = (await ask('GET', `/${id}`)).body;
  assert.deepEqual([shown.state, shown.reason, shown.reply, shown.resendable], ['bounced', 'bounced', null, true]);
  assert.equal(shown.bouncedAt, clock.now().toISOString());
  assert.deepEqual(
    (await ask('GET', '?state=bounced')).body.items.map((item: { id: string }) => item.id),
    [id],
  );
  const told = (await entries(id)).filter(({ kind }) => kind === 'message.bounced');
  assert.deepEqual(
    told.map((entry) => entry.body),
    [{ message: id, template: 'service-message', channel: 'mail', code: null }],
  );
  await ask('POST', `/${id}/resend`, {});
  await deliver(id);
  assert.equal((await ask('GET', `/${id}`)).body.state, 'sent');
  assert.equal(server.taken.length, 2);
  assert.equal(await bounce(true, '5.1.1'), undefined, 'a late report about what was sent first');
});

test('a bounce that is faster than our own note of the acceptance stays one', async () => {
  const { body } = await ask('POST', '', order());
  const id = idOf(body);
  server.beforeAnswer = async ({ mail }) => {
    await platform.db.transaction(organisationId, (tx) =>
      recordBounce(tx, { messageIdHeader: mail.messageId ?? '', permanent: true, code: '5.7.1' }),
    );
  };
  await deliver(id);
  server.beforeAnswer = () => undefined;
  const shown = (await ask('GET', `/${id}`)).body;
  assert.deepEqual([shown.state, shown.reply], ['bounced', '5.7.1']);
  await deliver(id);
  assert.equal(server.taken.length, 1);
});

test('what was erased, what opens something and what was declined is not sent again', async () => {
  const purged = idOf((await ask('POST', '', order())).body);
  await admin.query(
    `update messages.message set state = 'failed', failed_at = queued_at, next_attempt_at = null, recipient = null,
       subject = null, body_text = null, body_html = null, salt = null, purged_at = queued_at where id = $1`,
    [purged],
  );
  assert.equal((await ask('POST', `/${purged}/resend`, { to: 'ana@example.org' })).body.code, 'message-purged');
  const sealed = await admin.query(
    `update messages.message set state = 'failed', failed_at = queued_at, next_attempt_at = null
      where template = 'password-reset' returning id`,
  );
  const refused = await ask('POST', `/${sealed.rows[0].id}/resend`, { to: 'eve@example.org' });
  assert.equal(refused.body.code, 'message-holds-secret');
  assert.equal((await ask('POST', '/opt-outs', { address: 'lia@example.org' })).status, 200);
  const declined = idOf((await ask('POST', '', order({ template: 'announcement', to: 'lia@example.org' }))).body);
  assert.deepEqual((await ask('GET', `/${declined}`)).body.reason, 'opted-out');
  assert.equal((await ask('POST', `/${declined}/resend`, {})).body.code, 'recipient-opted-out');
  assert.equal((await ask('POST', '/opt-outs/withdrawal', { address: 'lia@example.org' })).body.optedOut, false);
  assert.equal((await ask('POST', `/${declined}/resend`, {})).status, 202);
  await deliver(declined);
  assert.equal(server.taken.length, 1);
});

test('opt-outs are noted, asked about and listed over the API, without an address in any answer', async () => {
  caller = elsewhere;
  for (const address of ['um@example.org', 'dois@example.org', 'UM@example.org']) {
    clock.advance(1000);
    const { body } = await ask('POST', '/opt-outs', { address });
    assert.equal(body.optedOut, true);
  }
  const list = (await ask('GET', '/opt-outs')).body;
  assert.deepEqual([list.count, list.items.length], [2, 2]);
  const [newest, oldest] = list.items;
  assert.equal((await ask('GET', `/opt-outs?after=${newest.id}&limit=1`)).body.items[0].id, oldest.id);
  await ask('POST', '/opt-outs/withdrawal', { address: 'um@example.org' });
  const after = (await ask('GET', '/opt-outs')).body;
  assert.deepEqual([after.count, after.items.length], [1, 2]);
  assert.deepEqual(
    (await ask('GET', '/opt-outs?inForce=true')).body.items.map(({ id }: { id: string }) => id),
    [newest.id],
  );
  assert.deepEqual((await ask('GET', '/opt-outs?inForce=false&via=api')).body.items[0].id, oldest.id);
  assert.equal((await ask('GET', '/opt-outs?via=page')).body.items.length, 0);
  const checked = await ask('POST', '/opt-outs/check', { address: 'dois@example.org' });
  assert.equal(checked.body.optedOut, true);
  assert.deepEqual(views, ['opt-out']);
  assert.equal((await ask('POST', '/opt-outs/check', { address: 'nobody' })).body.code, 'address-invalid');
  assert.doesNotMatch(JSON.stringify(after), /example/);
  caller = organisationId;
  assert.equal((await ask('POST', '/opt-outs/check', { address: 'dois@example.org' })).body.optedOut, false);
});

test('an organisation writes in its own name, from the server’s address, and its answers go where it wants them', async () => {
  const before = (await ask('GET', '/sender')).body;
  assert.deepEqual(before, { fromName: null, replyTo: null, from: 'Kept <kept@mare.example>', changedAt: null });
  for (const fromName of ['Maré <eve@example.org>', 'a\nb', 'x@y', ' ', '"q"'])
    assert.equal((await ask('PUT', '/sender', { fromName, replyTo: null })).status, 400, fromName);
  assert.equal((await ask('PUT', '/sender', { fromName: null, replyTo: 'x' })).body.code, 'address-invalid');
  const set = { fromName: 'Maré, Privacidade', replyTo: 'dpo@mare.example' };
  for (let time = 0; time < 2; time += 1) assert.equal((await ask('PUT', '/sender', set)).status, 200);
  const id = idOf((await ask('POST', '', order())).body);
  await ask('PUT', '/sender', { fromName: null, replyTo: null });
  await deliver(id);
  const [taken] = server.taken;
  assert.deepEqual(taken?.mail.from, { name: 'Maré, Privacidade', address: 'kept@mare.example' });
  assert.deepEqual(
    taken?.mail.replyTo?.map((mailbox) => mailbox.address),
    ['dpo@mare.example'],
  );
  assert.equal(taken?.from, 'kept@mare.example', 'bounces come back to the server');
  const { rows } = await admin.query<{ leaf: string }>('select leaf from ledger.pending');
  const told = rows.map(({ leaf }) => JSON.parse(leaf)).filter(({ kind }) => kind === 'message.sender-changed');
  assert.deepEqual(
    told.map(({ body }) => body.fields.length),
    [2, 2],
    'saying the same again is no change',
  );
  assert.doesNotMatch(JSON.stringify(told), /Privacidade|dpo/);
});

test('mail about signing in keeps the server’s name, whatever an organisation calls itself', async () => {
  await ask('PUT', '/sender', { fromName: 'Your Bank', replyTo: 'eve@example.org' });
  const figures = { name: 'Ana', at: clock.now().toISOString() };
  const id = await platform.db.transaction(organisationId, (tx) =>
    queueMail(tx, { template: 'email-changed', to: 'ana@example.org', language: 'en', figures, idempotencyKey: 'ec' }),
  );
  await deliver(id);
  assert.deepEqual(server.taken[0]?.mail.from, { name: 'Kept', address: 'kept@mare.example' });
  assert.equal(server.taken[0]?.mail.replyTo, undefined);
});

test('an answer carries the headers by which mail programs find its thread, and a machine’s mark only if a machine wrote it', async () => {
  const figures = { organisation: 'Maré', subject: 'Re: x', paragraphs: ['y'] };
  const id = await platform.db.transaction(organisationId, (tx) =>
    queueMail(tx, {
      template: 'service-message',
      to: 'ana@example.org',
      language: 'en',
      figures,
      idempotencyKey: 'answer',
      replyTo: 'dpo+token@mare.example',
      fromName: 'DPO',
      inReplyTo: '<two@example.org>',
      references: ['<one@example.org>', '<two@example.org>'],
    }),
  );
  await deliver(id);
  const header = (name: string) => server.taken[0]?.mail.headers.find(({ key }) => key === name)?.value;
  assert.equal(header('in-reply-to'), '<two@example.org>');
  assert.equal(header('references'), '<one@example.org> <two@example.org>');
  assert.equal(header('reply-to'), 'dpo+token@mare.example');
  assert.equal(server.taken[0]?.mail.from?.name, 'DPO');
  assert.equal(header('auto-submitted'), 'auto-generated');
  for (const inReplyTo of ['<a@b>\r\nBcc: eve@example.org', 'no-brackets@example.org'])
    await assert.rejects(
      platform.db.transaction(organisationId, (tx) =>
        queueMail(tx, { ...order(), template: 'service-message', language: 'en', inReplyTo }),
      ),
      /angle brackets/,
    );
});
