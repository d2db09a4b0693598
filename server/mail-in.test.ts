import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { openTestAccess } from './access/test-access.ts';
import { createApp } from './app.ts';
import { addMailbox as addMailboxSpec, getThread, listThreads } from './messages/mailbox-contract.ts';
import { filesFolder } from './platform/storage.ts';

/** Mail in from the outside: a provider's webhook, the threads it makes, and what is downloaded of them. */
const kept = await openTestAccess();
const app = await createApp({ config: kept.platform.config });
const address = await app.http.listen();
after(async () => {
  await app.stop();
  await kept.close();
});
const key = readFileSync(join(kept.platform.config.dataDirectory, 'local.key'), 'utf8').trim();
const headers = { authorization: `Bearer ${key}`, 'kept-organisation': kept.slug };
const secretFile = Buffer.from([0, 255, 1, 254, ...Buffer.from('<script>alert(1)</script>')]);

async function ask<Answer extends z.ZodType>(
  schema: Answer,
  method: string,
  path: string,
  body?: unknown,
): Promise<z.output<Answer>> {
  const answer = await fetch(address + path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${method} ${path}: ${await answer.clone().text()}`);
  return schema.parse(await answer.json());
}

const { mailbox, secret } = await ask(addMailboxSpec.answer, 'POST', '/v1/messages/mailboxes', {
  kind: 'webhook',
  name: 'Encarregada',
  mailAddress: 'dpo@mare.example',
});
const webhook = new Webhook(secret ?? '');

function deliver(body: string, signed = body, id = crypto.randomUUID()): Promise<Response> {
  const at = new Date();
  return fetch(address + (mailbox.webhook?.path ?? ''), {
    method: 'POST',
    headers: {
      'content-type': 'message/rfc822',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, at, signed),
    },
    body,
  });
}

const mail = [
  'From: Ana <ana@example.org>',
  'Subject: passport',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html',
  '',
  '<img src="https://tracker.example/pixel.gif">see <b>there</b>',
  '--b',
  'Content-Type: text/html; name="a.html"',
  'Content-Disposition: attachment; filename="relatório \u202Efdp.html"',
  'Content-Transfer-Encoding: base64',
  '',
  secretFile.toString('base64'),
  '--b--',
].join('\r\n');

test('a mail that a provider signed as Standard Webhooks do becomes a thread; an unsigned one is refused', async () => {
  assert.equal((await deliver(mail, `${mail} `)).status, 401);
  const answer = await deliver(mail);
  assert.deepEqual([answer.status, await answer.json()], [202, { taken: true }]);
  assert.deepEqual(await (await deliver(mail)).json(), { taken: false });
  const { items } = await ask(
    listThreads.answer,
    'GET',
    '/v1/messages/threads?search=PASSPORT&awaitsReply=true&assignee=nobody',
  );
  assert.deepEqual(
    items.map(({ subject, mails }) => [subject, mails]),
    [['passport', 1]],
  );
  for (const none of ['search=100%25', 'search=_assport', 'state=closed', 'awaitsReply=false'])
    assert.deepEqual((await ask(listThreads.answer, 'GET', `/v1/messages/threads?${none}`)).items, [], none);
});

test('an attachment is encrypted where it lies, and downloaded by a link that ends, as a file that nothing opens', async () => {
  const { items } = await ask(listThreads.answer, 'GET', '/v1/messages/threads');
  const { mails } = await ask(getThread.answer, 'GET', `/v1/messages/threads/${items[0]?.id}`);
  const [shown] = mails.items;
  assert.deepEqual([shown?.text, shown?.wasPage], ['see there', true]);
  const attachment = shown?.attachments[0];
  assert.ok(attachment !== undefined);
  assert.equal(attachment.sha256, createHash('sha256').update(secretFile).digest('hex'));
  const lies = join(filesFolder(kept.platform.config) ?? '', 'attachments', kept.organisationId, attachment.id);
  assert.ok(!readFileSync(lies).includes('alert(1)'));

  const linkSchema = z.object({ path: z.string(), expiresAt: z.iso.datetime() });
  const { path } = await ask(linkSchema, 'POST', `/v1/messages/attachments/${attachment.id}/links`);
  const download = await fetch(address + path);
  assert.equal(download.status, 200);
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), secretFile);
  assert.equal(download.headers.get('content-type'), 'application/octet-stream');
  assert.match(
    download.headers.get('content-disposition') ?? '',
    /^attachment; filename="[\w .-]+"; filename\*=UTF-8''relat%C3%B3rio%20fdp\.html$/,
  );
  assert.match(download.headers.get('content-security-policy') ?? '', /sandbox/);
  assert.equal(download.headers.get('x-content-type-options'), 'nosniff');
  const changed = [
    path.replace(/until=\d/, 'until=9'),
    path.replace(/signature=./, 'signature=_'),
    path.replace(/signature=.*/, 'signature='),
  ];
  for (const wrong of changed) assert.equal((await fetch(address + wrong)).status, 404, wrong);
});

test('closing, dismissing and giving a thread to somebody, who must be a member that may answer', async () => {
  const { items } = await ask(listThreads.answer, 'GET', '/v1/messages/threads');
  const at = `/v1/messages/threads/${items[0]?.id}`;
  const schema = z.object({ state: z.string(), assignee: z.string().nullable(), awaitsReply: z.boolean() });
  const given = await ask(schema, 'PUT', at, { assignee: kept.people.agent.id });
  assert.deepEqual(given, { state: 'open', assignee: kept.people.agent.id, awaitsReply: true });
  const dismissed = await ask(schema, 'PUT', at, { state: 'dismissed' });
  assert.deepEqual(dismissed, { state: 'dismissed', assignee: kept.people.agent.id, awaitsReply: false });
  for (const assignee of [kept.people.engineer.id, mailbox.id]) {
    const answer = await fetch(address + at, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ assignee }),
    });
    assert.equal(answer.status, 404);
  }
});

test('more than the largest mail is refused before it is read', async () => {
  const answer = await deliver('x'.repeat(41 * 1024 * 1024)).catch(() => null);
  assert.ok(answer === null || answer.status === 413);
});

test('a page of a list that was made up is refused', async () => {
  const answer = await fetch(`${address}/v1/messages/threads?after=made-up`, { headers });
  assert.equal(answer.status, 400);
});
