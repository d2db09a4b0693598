import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliverMessage } from '../messages/deliver-message.ts';
import { registerMailboxMail } from '../messages/mailbox-mail.ts';
import { readMailbox } from '../messages/read-mailbox.ts';
import { addMailbox } from '../messages/set-up-mailbox.ts';
import { openTestImapServer, type TestImapServer } from '../messages/test-imap-server.ts';
import { openTestMailServer, type TestMailServer } from '../messages/test-mail-server.ts';
import { watchMailboxes } from '../messages/watch-mailboxes.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import { filesFolder } from '../platform/storage.ts';
import { proveDpoChannel } from './prove-dpo-channel.ts';
import { daysAgo, digest, type OwnServer, startOwnServer } from './test-own.ts';

/** What Kept promises of mail that comes in: with a real mail server that sends, and one that keeps mailboxes. */
let smtp: TestMailServer;
let imap: TestImapServer;
let own: OwnServer;
let organisationId: OrganisationId;
let mailbox: Id<'Mailbox'>;

before(async () => {
  smtp = await openTestMailServer();
  imap = await openTestImapServer();
  const environment = {
    KEPT_OUTBOUND_ALLOW: '127.0.0.1',
    KEPT_SMTP_URL: smtp.url,
    KEPT_MAIL_FROM: 'kept@server.example',
  };
  own = await startOwnServer({ environment });
  registerMailboxMail();
  organisationId = await own.test.newOrganisation();
  // What is sent arrives.
  smtp.beforeAnswer = ({ raw }) => imap.deliver(raw);
});
after(async () => {
  await own.close();
  await imap.close();
  await smtp.close();
});

async function expect(promise: string, status: string, code?: string): Promise<void> {
  const row = await own.prove(promise);
  assert.equal(
    row.status,
    status,
    `${promise}: ${JSON.stringify(row.reason)} ${JSON.stringify(row.measurement?.places)}`,
  );
  if (code !== undefined) assert.equal(row.reason?.code, code);
}

const proveTheirs = async () => {
  const { status, reason } = await proveDpoChannel(own.platform, organisationId);
  return [status, reason?.code ?? null];
};

const read = () => readMailbox(own.platform, organisationId, mailbox);

/** Sends the test mail of the day. */
async function probe(): Promise<void> {
  await own.change('update messages.mailbox set probe_sent_at = null where id = $1', [mailbox]);
  await watchMailboxes(own.platform, organisationId);
  const { rows } = await own.store.query<{ id: string }>(
    'select probe_message_id as id from messages.mailbox where id = $1',
    [mailbox],
  );
  const message = brand<'Message'>(rows[0]?.id ?? '');
  // The tasks of the server deliver it, at the same time as we.
  for (let tries = 0; tries < 100; tries += 1) {
    await deliverMessage(own.platform, organisationId, message);
    const sent = await own.count('messages.message where id = $1 and sent_at is not null', [message]);
    if (sent === 1) return;
    await sleep(100);
  }
  assert.fail('the test mail was not sent');
}

test('CF-34, RV-20: a mailbox that is read and that mail reaches keeps the promise; a wrong password, silence and lost mail break it', async () => {
  await expect('dpo-channel', 'kept', 'no-mailboxes');
  assert.deepEqual(await proveTheirs(), ['unproven', 'mailbox-missing'], 'who promises a channel needs one');
  const added = await own.platform.db.transaction(organisationId, (tx) =>
    addMailbox(
      own.platform,
      tx,
      {
        kind: 'imap',
        name: 'Encarregada',
        mailAddress: 'dpo@mare.example',
        enabled: true,
        subaddressing: false,
        host: '127.0.0.1',
        port: imap.port,
        security: 'none',
        user: imap.user,
        folder: 'INBOX',
        password: imap.password,
      },
      own.owner,
    ),
  );
  mailbox = added.mailbox.id;
  await expect('dpo-channel', 'due', 'mailbox-new');
  await probe();
  assert.equal(await read(), 1);
  await expect('dpo-channel', 'kept');
  assert.deepEqual(await proveTheirs(), ['kept', null]);
  const elsewhere = await own.test.newOrganisation();
  assert.equal((await proveDpoChannel(own.platform, elsewhere)).status, 'unproven', 'of its own mailboxes only');

  await imap.setPassword('changed-by-somebody');
  assert.equal(await read(), null);
  await expect('dpo-channel', 'broken', 'mailbox-failing');
  assert.deepEqual(await proveTheirs(), ['broken', 'mailbox-failing']);
  await imap.setPassword(imap.password);
  assert.equal(await read(), 0);
  await expect('dpo-channel', 'kept');

  await own.change('update messages.mailbox set read_at = $2, created_at = $2 where id = $1', [mailbox, daysAgo(0.1)]);
  await expect('dpo-channel', 'broken', 'mailbox-silent');
  await read();
  await expect('dpo-channel', 'kept');

  // The mail server takes the test mail over, and it never arrives.
  smtp.beforeAnswer = () => undefined;
  await probe();
  await read();
  await own.change(
    `update messages.message set sent_at = $1 where template = 'mailbox-probe' and sent_at is not null`,
    [daysAgo(1)],
  );
  await expect('dpo-channel', 'broken', 'mailbox-failing');
  smtp.beforeAnswer = ({ raw }) => imap.deliver(raw);
  await probe();
  await read();
  await expect('dpo-channel', 'kept');

  await own.change(
    'update messages.mailbox set probe_taken_at = $2, created_at = $2, probe_message_id = null where id = $1',
    [mailbox, daysAgo(3)],
  );
  await expect('dpo-channel', 'unproven', 'mailbox-untested');
  await own.change('update messages.mailbox set enabled = false where id = $1', [mailbox]);
  await expect('dpo-channel', 'kept', 'no-mailboxes');
});

/** A thread whose only mail came so many days ago. */
async function insertMail(days: number): Promise<string> {
  const [thread, mail] = [randomUUID(), randomUUID()];
  await own.change(
    `insert into messages.thread (organisation_id, id, mailbox_id, subject, correspondent_name, correspondent_address, token, state, awaits_reply, mails, opened_at, last_mail_at)
     values ($1, $2, $3, 'Meus dados', 'Ana', 'ana@example.org', $4, 'open', true, 1, $5, $5)`,
    [organisationId, thread, mailbox, thread, daysAgo(days)],
  );
  await own.change(
    `insert into messages.mail (organisation_id, id, thread_id, kind, from_name, from_address, to_addresses, subject, body_text, salt, was_page, defects, received_at)
     values ($1, $2, $3, 'mail', 'Ana', 'ana@example.org', '{dpo@mare.example}', 'Meus dados', 'Quais?', 's', false, '{}', $4)`,
    [organisationId, mail, thread, daysAgo(days)],
  );
  return mail;
}

test('what people wrote, and that it was them, is erased after a year; that they did, and when, stays', async () => {
  const promises = ['mail-contents-one-year', 'threads-one-year'];
  await own.whileStopped(async () => {
    await insertMail(360);
    for (const promise of promises) await expect(promise, 'kept');
    await insertMail(400);
    for (const promise of promises) await expect(promise, 'broken');
  });
  await own.dispose();
  for (const promise of promises) await expect(promise, 'kept');
  const { rows } = await own.store.query<{ text: string; whole: boolean }>(
    `select m::text || t::text as text, m.purged_at is null and t.purged_at is null as whole
       from messages.mail m join messages.thread t on t.id = m.thread_id order by m.received_at`,
  );
  assert.deepEqual(
    rows.map(({ whole }) => whole),
    [false, true],
  );
  assert.doesNotMatch(rows[0]?.text ?? '', /ana|dados|Quais|mare/i);
  assert.match(rows[1]?.text ?? '', /ana@example\.org/);
});

test('an attachment goes after ninety days with its file and its name', async () => {
  const { files, config } = own.platform;
  const keys = async () => (await Array.fromAsync(files.list('attachments/'))).map(({ key }) => key);
  const promises = ['attachments-ninety-days', 'attachment-names-ninety-days', 'no-stray-attachments'];
  async function* content(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('passport');
  }
  const write = async (path: string, days: number) => {
    await files.write(path, content());
    utimesSync(join(filesFolder(config) ?? '', path), daysAgo(days), daysAgo(days));
  };
  async function insertAttachment(days: number): Promise<string> {
    const id = randomUUID();
    const path = `attachments/${organisationId}/${id}`;
    await own.change('insert into messages.attachment_file values ($1, $2, $3, $4)', [
      organisationId,
      id,
      path,
      daysAgo(days),
    ]);
    await write(path, days);
    await own.change(
      `insert into messages.attachment (organisation_id, id, mail_id, name, media_type, bytes, sha256, received_at)
       values ($1, $2, $3, 'passport of Ana.pdf', 'application/pdf', 8, $4, $5)`,
      [organisationId, id, await insertMail(days), digest(), daysAgo(days)],
    );
    return path;
  }
  let young = '';
  await own.whileStopped(async () => {
    young = await insertAttachment(80);
    for (const promise of promises) await expect(promise, 'kept');
    await insertAttachment(100);
    await expect('attachments-ninety-days', 'broken');
    await expect('attachment-names-ninety-days', 'broken');
    await expect('no-stray-attachments', 'kept');
    await write(`attachments/${organisationId}/${randomUUID()}`, 3);
    await expect('no-stray-attachments', 'broken');
  });
  await own.dispose();
  for (const promise of promises) await expect(promise, 'kept');
  assert.deepEqual(await keys(), [young]);
  const { rows } = await own.store.query('select name, bytes::int from messages.attachment order by received_at');
  assert.deepEqual(rows, [
    { name: null, bytes: 8 },
    { name: 'passport of Ana.pdf', bytes: 8 },
  ]);
});
