import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pg from 'pg';
import { fixedClock, systemClock } from '../platform/clock.ts';
import type { Actor } from '../platform/contract.ts';
import { newId } from '../platform/ids.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { listThreads } from './list-threads.ts';
import type { MailboxInput } from './mailbox-contract.ts';
import { findMailbox, type MailboxId, type MailboxRow } from './mailbox-store.ts';
import { readMailbox } from './read-mailbox.ts';
import { addMailbox, changeMailbox } from './set-up-mailbox.ts';
import { listMails } from './show-thread.ts';
import { makeTestCertificate } from './test-certificate.ts';
import { openTestImapServer } from './test-imap-server.ts';
import { readElsewhere } from './test-reading-process.ts';
import { tryMailbox } from './try-mailbox.ts';

const certificate = makeTestCertificate(systemClock.now());
const imap = await openTestImapServer({ certificate });
const clock = fixedClock(systemClock.now());
const environment = { KEPT_OUTBOUND_ALLOW: '127.0.0.1,localhost' };
const { platform, organisationId, newOrganisation, adminUrl, openAnother, close } = await openTestPlatform({
  clock,
  environment,
});
const guarded = await openTestPlatform({ clock });
const admin = new pg.Client(adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await imap.close();
  await guarded.close();
  await close();
});
const by: Actor = { kind: 'person', id: newId<'Person'>(clock.now()) };

const settings: MailboxInput & { kind: 'imap' } = {
  kind: 'imap',
  name: 'Encarregada',
  mailAddress: 'dpo@mare.example',
  enabled: true,
  subaddressing: true,
  host: '127.0.0.1',
  port: imap.port,
  security: 'none',
  user: imap.user,
  folder: 'INBOX',
  password: imap.password,
};

/** Each test its own folder of the server, in an organisation of its own. */
let organisation = organisationId;
let folder = '';
let mailbox: MailboxId;
let count = 0;
beforeEach(async () => {
  count += 1;
  organisation = await newOrganisation();
  folder = `Box${count}`;
  await imap.setPassword(imap.password);
  imap.deliver(mail('before', { subject: 'before' }), {
    folder,
    at: new Date(clock.now().getTime() - 30 * 86_400_000),
  });
  ({ id: mailbox } = await add({ folder }));
});

async function add(change: Partial<typeof settings> = {}): Promise<MailboxRow> {
  const input = { ...settings, ...change };
  return (await platform.db.transaction(organisation, (tx) => addMailbox(platform, tx, input, by))).mailbox;
}

function mail(id: string, options: { subject?: string; headers?: string[]; text?: string } = {}): string {
  return [
    'From: Ana <ana@example.org>',
    'To: dpo@mare.example',
    `Subject: ${options.subject ?? id}`,
    `Message-ID: <${id}@example.org>`,
    ...(options.headers ?? []),
    '',
    options.text ?? `text of ${id}`,
    '',
  ].join('\r\n');
}

const read = () => readMailbox(platform, organisation, mailbox);
const stored = async () => {
  const row = await platform.db.transaction(organisation, (tx) => findMailbox(tx, mailbox));
  assert.ok(row !== undefined);
  return row;
};
const threads = () =>
  platform.db.transaction(organisation, async (tx) => (await listThreads(tx, { limit: 200 })).items);
async function entries(kind: string) {
  const { rows } = await admin.query<{ leaf: string }>('select leaf from ledger.pending where organisation_id = $1', [
    organisation,
  ]);
  return rows.map(({ leaf }) => JSON.parse(leaf)).filter((entry) => entry.kind === kind);
}

test('CF-34: new mail becomes threads, each with its entry, and what came before the mailbox was added is left alone', async () => {
  imap.deliver(mail('one', { subject: 'Meus dados' }), { folder });
  imap.deliver(mail('two', { headers: ['In-Reply-To: <one@example.org>'] }), { folder });
  imap.deliver(mail('three'), { folder });
  assert.equal(await read(), 3);
  assert.equal(await read(), 0, 'and none twice');
  const found = await threads();
  const first = found.find(({ subject }) => subject === 'Meus dados');
  assert.equal(found.length, 2);
  assert.deepEqual([first?.mails, first?.state, first?.awaitsReply], [2, 'open', true]);
  assert.deepEqual(first?.correspondent, { name: 'Ana', mailAddress: 'ana@example.org' });
  assert.ok(first !== undefined);
  const { items } = await platform.db.transaction(organisation, (tx) => listMails(tx, first.id, { limit: 10 }));
  assert.deepEqual(items.map(({ text }) => text).sort(), ['text of one', 'text of two']);
  const received = await entries('mail.received');
  assert.deepEqual(
    received.map(({ body }) => body.opened),
    [true, false, true],
  );
  assert.ok(received.every(({ commitment }) => typeof commitment === 'string'));
  assert.doesNotMatch(JSON.stringify(received), /example\.org|Meus dados/);
  const { readAt, receivedAt, error } = await stored();
  assert.deepEqual([readAt, receivedAt, error], [clock.now(), clock.now(), null]);
});

test('a server that counts anew makes no mail come twice, and hides none', async () => {
  imap.deliver(mail('one'), { folder });
  assert.equal(await read(), 1);
  const before = (await stored()).uidValidity;
  await imap.renumber();
  imap.deliver(mail('two'), { folder });
  assert.equal(await read(), 1);
  assert.notEqual((await stored()).uidValidity, before);
  assert.deepEqual((await threads()).map(({ subject }) => subject).sort(), ['one', 'two']);
});

test('a reader that is killed again and again takes each mail once, with its attachments', async () => {
  const attachment = (n: number) =>
    [
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n',
      `\r\nwith attachment ${n}\r\n--b\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n`,
      `\r\n${Buffer.alloc(200_000, n).toString('base64')}\r\n--b--\r\n`,
    ].join('');
  for (let n = 0; n < 40; n += 1)
    imap.deliver(`From: a@example.org\r\nMessage-ID: <${n}@kill.example>\r\nSubject: ${n}\r\n${attachment(n)}`, {
      folder,
    });
  const { config } = platform;
  const all = { ...environment, DATABASE_URL: config.databaseUrl ?? '', KEPT_DATA_DIR: config.dataDirectory };
  let killed = 0;
  for (let round = 0; round < 5; round += 1) {
    const child = readElsewhere(organisation, mailbox, all);
    await sleep(700 + ((round * 397) % 700));
    if (child.exitCode === null) killed += 1;
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  assert.ok(killed >= 3, `${killed} were killed while they read`);
  // The lock of the last one goes with its connection.
  for (let tries = 0; (await read()) === null && tries < 50; tries += 1) await sleep(100);
  const found = await threads();
  assert.deepEqual(
    found.map(({ subject }) => Number(subject)).sort((a, b) => a - b),
    [...Array(40).keys()],
  );
  assert.equal((await entries('mail.received')).length, 40);
  const { rows } = await admin.query<{ path: string }>(
    'select path from messages.attachment_file where organisation_id = $1',
    [organisation],
  );
  assert.equal(rows.length, 40);
  const files = await Array.fromAsync(platform.files.list(`attachments/${organisation}/`));
  assert.deepEqual(files.map(({ key }) => key).sort(), rows.map((row) => row.path).sort());
  const { rowCount } = await admin.query('select 1 from messages.attachment where organisation_id = $1', [
    organisation,
  ]);
  assert.equal(rowCount, 40);
});

test('two nodes never read a mailbox at once', async () => {
  for (let n = 0; n < 10; n += 1) imap.deliver(mail(`${n}`), { folder });
  const other = await openAnother();
  const results = await Promise.all([read(), readMailbox(other, organisation, mailbox)]);
  assert.deepEqual(
    results.filter((result) => result !== null),
    [10],
  );
});

test('a wrong password is told of once, tried seldom, and forgotten when the right one comes', async () => {
  await imap.setPassword('another');
  assert.equal(await read(), null);
  const failing = await stored();
  assert.deepEqual([failing.error, failing.failingSince], ['sign-in-refused', clock.now()]);
  assert.ok(
    (failing.nextReadAt?.getTime() ?? 0) - clock.now().getTime() >= 15 * 60_000,
    'servers lock out who insists',
  );
  await read();
  assert.deepEqual(
    (await entries('mailbox.failed')).map(({ body }) => body.reason),
    ['sign-in-refused'],
  );
  await imap.setPassword(imap.password);
  imap.deliver(mail('after'), { folder });
  assert.equal(await read(), 1, 'nothing that came meanwhile is lost');
  assert.deepEqual([(await stored()).error, (await entries('mailbox.recovered')).length], [null, 1]);
  const { rows } = await admin.query<{ sealed_secret: Buffer }>(
    'select sealed_secret from messages.mailbox where id = $1',
    [mailbox],
  );
  assert.ok(!rows[0]?.sealed_secret.includes(imap.password), 'the password is sealed');
});

test('what else can be wrong with a mailbox has its name', async () => {
  const server = { host: '127.0.0.1', port: imap.port, security: 'none', user: imap.user, folder: 'INBOX' } as const;
  const errorOf = async (change: Partial<MailboxRow['imap']>, password: string = imap.password, on = platform) =>
    (await tryMailbox(on, { ...server, ...change }, password)).error;
  assert.equal(await errorOf({}), null);
  assert.equal(await errorOf({}, 'wrong'), 'sign-in-refused');
  assert.equal(await errorOf({ folder: 'NoSuch' }), 'folder-missing');
  assert.equal(await errorOf({ port: 1 }), 'server-unreachable');
  assert.equal(await errorOf({ host: 'no-such-host.example' }), 'host-unknown');
  assert.equal(await errorOf({}, imap.password, guarded.platform), 'host-refused', 'whom the operator does not name');
  assert.equal(await errorOf({ host: '2130706433' }, imap.password, guarded.platform), 'host-refused');
  assert.equal(await errorOf({ host: '192.0.2.1', security: 'none' }, imap.password), 'host-refused');
});

test('beyond this machine a password is shown over TLS only, to who can prove to be meant', async () => {
  const { tlsPort } = imap;
  assert.ok(tlsPort !== null);
  const server = { host: 'localhost', user: imap.user, folder: 'INBOX' };
  const tls = { ...server, port: tlsPort, security: 'tls' } as const;
  const starttls = { ...server, port: imap.port, security: 'starttls' } as const;
  for (const each of [tls, starttls])
    assert.equal((await tryMailbox(platform, each, imap.password)).error, 'server-insecure');
  const plain = await openTestImapServer();
  const none = { ...starttls, port: plain.port };
  assert.equal((await tryMailbox(platform, none, imap.password)).error, 'server-insecure', 'no STARTTLS, nothing said');
  await plain.close();
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, certificate.certificate]);
  try {
    for (const each of [tls, starttls, { ...tls, host: '127.0.0.1' }]) {
      const trial = await tryMailbox(platform, each, imap.password);
      assert.deepEqual([trial.error, trial.tellsOfNew], [null, true]);
    }
  } finally {
    setDefaultCACertificates(before);
  }
});

test('a password is not shown to another server than it was given for', async () => {
  const change = (input: Partial<typeof settings>) =>
    platform.db.transaction(organisation, (tx) =>
      changeMailbox(platform, tx, mailbox, { ...settings, folder, password: undefined, ...input }, by),
    );
  await assert.rejects(change({ host: 'evil.example' }), { code: 'mailbox-password-needed' });
  await assert.rejects(change({ port: 993 }), { code: 'mailbox-password-needed' });
  await assert.rejects(change({ security: 'tls' }), { code: 'mailbox-password-needed' });
  imap.deliver(mail('one'), { folder });
  const renamed = await change({ name: 'DPO' });
  assert.equal(renamed.name, 'DPO');
  assert.equal(await read(), 1, 'and otherwise it stays');
});

test('a mail that is larger than is taken is shown by its headers, and the next ones come', async () => {
  imap.deliver(mail('huge', { text: `${'x'.repeat(998)}\r\n`.repeat(43_000) }), { folder });
  imap.deliver(mail('small'), { folder });
  assert.equal(await read(), 2);
  const huge = (await threads()).find(({ subject }) => subject === 'huge');
  assert.ok(huge !== undefined);
  const { items } = await platform.db.transaction(organisation, (tx) => listMails(tx, huge.id, { limit: 10 }));
  assert.ok(items[0]?.defects.includes('too-large'));
});

test('nothing on the mail server is changed, not even that a mail was read', async () => {
  imap.deliver(mail('one'), { folder });
  await read();
  const { ImapFlow } = await import('imapflow');
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: imap.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: imap.user, pass: imap.password },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen(folder);
  const flags = await client.fetchOne('*', { flags: true });
  await client.logout();
  assert.ok(flags !== false && flags?.flags?.has('\\Seen') === false);
});
