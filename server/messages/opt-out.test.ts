import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import type { Id } from '../platform/contract.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { countAnnouncements } from './count-mail.ts';
import { deliverMessage } from './deliver-message.ts';
import { findMessage } from './find-message.ts';
import { isOptedOut, optIn, optOut } from './opt-out.ts';
import { queueMail } from './queue-mail.ts';
import { registerSendableTemplates } from './sendable-templates.ts';
import { registerMessagesTasks } from './tasks.ts';
import { openTestMailServer } from './test-mail-server.ts';

const MINUTE = 60_000;
const server = await openTestMailServer();
const clock = fixedClock('2026-11-20T12:00:00Z');
const environment = {
  KEPT_SMTP_URL: server.url,
  KEPT_MAIL_FROM: 'Kept <kept@mare.example>',
  KEPT_PUBLIC_URL: 'https://kept.mare.example',
};
const { platform, organisationId, adminUrl, newOrganisation, close } = await openTestPlatform({ clock, environment });
const elsewhere = await newOrganisation();
const admin = new pg.Client(adminUrl);
await admin.connect();
registerSendableTemplates();
await registerMessagesTasks(platform);
after(async () => {
  await admin.end();
  await close();
  await server.close();
});
beforeEach(() => {
  server.taken.length = 0;
  server.beforeAnswer = () => undefined;
  clock.advance(MINUTE);
});

let keys = 0;
function queue(template: 'announcement' | 'service-message', to: string, where = organisationId) {
  keys += 1;
  const figures = { organisation: 'Maré', subject: 'News', paragraphs: ['Something new.'] };
  const order = { template, to, language: 'en' as const, figures, idempotencyKey: `k:${keys}` };
  return platform.db.transaction(where, (tx) => queueMail(tx, order));
}
const deliver = (id: Id<'Message'>, where = organisationId) => deliverMessage(platform, where, id);
const find = async (id: Id<'Message'>) => {
  const found = await platform.db.transaction(organisationId, (tx) => findMessage(tx, id));
  return [found?.state, found?.reason];
};
const decline = (address: string) =>
  platform.db.transaction(organisationId, (tx) => optOut(tx, { address, via: 'reply' }));
const judged = () => platform.db.transaction(organisationId, countAnnouncements);

async function entriesOf(kind: string): Promise<Record<string, unknown>[]> {
  const { rows } = await admin.query<{ leaf: string }>('select leaf from ledger.pending');
  return rows
    .map(({ leaf }) => JSON.parse(leaf))
    .filter((entry) => entry.kind === kind)
    .map(({ body }) => body);
}

test('an announcement carries the ways to decline it, and what is owed carries none', async () => {
  await deliver(await queue('announcement', 'ana@example.org'));
  await deliver(await queue('service-message', 'ana@example.org'));
  const [announced, owed] = server.taken;
  const header = (mail: typeof announced, name: string) =>
    mail?.mail.headers.find(({ key }) => key === name)?.value ?? null;
  const link = header(announced, 'list-unsubscribe') ?? '';
  assert.match(link, /^<https:\/\/kept\.mare\.example\/opt-out\/[\w-]{107}\?language=en>$/);
  assert.equal(header(announced, 'list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
  const url = link.slice(1, -1);
  assert.ok(announced?.mail.text?.includes(url) === true && announced.mail.html?.includes(url) === true);
  assert.doesNotMatch(url, /ana|example\.org/, 'the link gives the address away');
  assert.match(announced.raw, /^List-Unsubscribe: <https:[^\s>]+>\r?$/m, 'it stands on one line');
  assert.equal(header(owed, 'list-unsubscribe'), null);
  assert.equal(header(owed, 'list-unsubscribe-post'), null);
  assert.doesNotMatch(owed?.mail.text ?? '', /opt-out/);
});

test('who has opted out gets no announcement, and everything that is owed', async () => {
  await decline('bia@example.org');
  const announced = await queue('announcement', 'bia@example.org');
  const owed = await queue('service-message', 'bia@example.org');
  await deliver(announced);
  await deliver(owed);
  assert.deepEqual(await find(announced), ['failed', 'opted-out']);
  assert.deepEqual(await find(owed), ['sent', null]);
  assert.deepEqual(
    server.taken.map(({ mail }) => mail.messageId),
    [`<${owed}@mare.example>`],
  );
  const refused = (await entriesOf('message.failed')).filter(({ message }) => message === announced);
  assert.deepEqual(refused, [{ message: announced, template: 'announcement', channel: 'mail', reason: 'opted-out' }]);
});

test('an announcement that was queued before the opt-out does not leave, neither at its first attempt nor at a later one', async () => {
  const queued = await queue('announcement', 'caio@example.org');
  await decline('caio@example.org');
  await deliver(queued);
  assert.deepEqual(await find(queued), ['failed', 'opted-out']);

  const greylisted = await queue('announcement', 'davi@example.org');
  server.onRecipient.push({ code: 451, text: '4.7.1 later' });
  await deliver(greylisted);
  assert.deepEqual(await find(greylisted), ['queued', 'server-busy']);
  await decline('davi@example.org');
  clock.advance(10 * MINUTE);
  await deliver(greylisted);
  assert.deepEqual(await find(greylisted), ['failed', 'opted-out']);
  assert.equal(server.taken.length, 0);
});

test('who opts out while it is being handed over is not broken a promise to, and it is not sent a second time', async () => {
  const before = await judged();
  const id = await queue('announcement', 'eva@example.org');
  // Their clock and ours may be the same to the millisecond, or the opt-out’s transaction may have begun first.
  server.beforeAnswer = () => decline('eva@example.org');
  await deliver(id);
  assert.deepEqual(await find(id), ['sent', null]);
  assert.deepEqual(await judged(), { examined: before.examined + 1, failing: before.failing });
  clock.advance(MINUTE);
  // As if the process had died before it wrote down that the mail was taken.
  await admin.query(
    `update messages.message set state = 'sending', sent_at = null, next_attempt_at = $2 where id = $1`,
    [id, clock.now()],
  );
  await deliver(id);
  assert.deepEqual(await find(id), ['failed', 'opted-out']);
  assert.equal(server.taken.length, 1);
});

test('an attempt and an opt-out at the same moment: one of them is first, and both know which', async () => {
  const addresses = Array.from({ length: 12 }, (_, at) => `race-${at}@example.org`);
  const ids = await Promise.all(addresses.map((to) => queue('announcement', to)));
  await Promise.all(
    addresses.map(async (address, at) => {
      const id = ids[at];
      assert.ok(id !== undefined);
      await Promise.all([deliver(id), decline(address)]);
    }),
  );
  assert.equal((await judged()).failing, 0);
  for (const [at, id] of ids.entries()) {
    const [state, reason] = await find(id);
    assert.ok(state === 'sent' || reason === 'opted-out', `${state} ${reason}`);
    assert.equal(server.taken.filter(({ to }) => to[0] === addresses[at]).length, state === 'sent' ? 1 : 0);
  }
});

test('an opt-out holds for every spelling of the address, for one organisation, and until it is taken back', async () => {
  await decline('Flávia.Lima@BÜCHER.example');
  const asked = (address: string, where = organisationId) =>
    platform.db.transaction(where, (tx) => isOptedOut(tx, address));
  for (const spelling of [
    'flávia.lima@bücher.example',
    'FLÁVIA.LIMA@xn--bcher-kva.example',
    'flávia.lima@Bücher.Example',
  ])
    assert.equal(await asked(spelling), true, spelling);
  assert.equal(await asked('flavia.lima@bücher.example'), false, 'another mailbox');
  assert.equal(await asked('flávia.lima@bücher.example', elsewhere), false, 'another organisation');
  clock.advance(MINUTE);
  await decline('flávia.lima@bücher.example');
  assert.equal((await entriesOf('message.opted-out')).filter(({ via }) => via === 'reply').length > 0, true);
  const id = await queue('announcement', 'gil@example.org');
  await decline('gil@example.org');
  clock.advance(MINUTE);
  await platform.db.transaction(organisationId, (tx) => optIn(tx, { address: 'gil@example.org', via: 'page' }));
  await deliver(id);
  assert.deepEqual(await find(id), ['sent', null], 'it was still queued when they changed their mind');
  assert.equal((await judged()).failing, 0);
  const { rows } = await admin.query('select count(*)::int as n from messages.withdrawn_opt_out');
  assert.equal(rows[0].n, 1);
});

test('saying it twice notes it once', async () => {
  const before = (await entriesOf('message.opted-out')).length;
  await Promise.all([decline('hugo@example.org'), decline('hugo@example.org'), decline('HUGO@example.org')]);
  assert.equal((await entriesOf('message.opted-out')).length, before + 1);
});

test('what is no address is refused and noted nowhere', async () => {
  for (const address of ['', 'nobody', 'a@b@c', 'a b@example.org', `${'x'.repeat(80)}@example.org`])
    await assert.rejects(decline(address), { code: 'address-invalid' }, address);
});

test('opt-outs hold no address, and nobody without the key can try one', async () => {
  const { rows } = await admin.query<{ row: string }>('select o::text as row from messages.opt_out o');
  assert.ok(rows.length > 5);
  for (const { row } of rows) assert.doesNotMatch(row, /example|@/);
  const { rows: keyed } = await admin.query<{ hit: boolean }>(
    `select exists (select from messages.opt_out where recipient_key in
       (sha256('bia@example.org'), sha256(convert_to($1 || chr(1) || 'bia@example.org', 'utf8')))) as hit`,
    [organisationId],
  );
  assert.equal(keyed[0]?.hit, false);
});
