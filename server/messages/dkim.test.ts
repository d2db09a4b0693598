import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from '../platform/config.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { deliverMessage } from './deliver-message.ts';
import { queueMail } from './queue-mail.ts';
import { registerSendableTemplates } from './sendable-templates.ts';
import { registerMessagesTasks } from './tasks.ts';
import { openTestMailServer } from './test-mail-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-dkim-'));
const file = join(folder, 'dkim.pem');
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
writeFileSync(file, privateKey.export({ type: 'pkcs1', format: 'pem' }));
const server = await openTestMailServer();
const environment = {
  KEPT_SMTP_URL: server.url,
  KEPT_MAIL_FROM: 'Kept <kept@mare.example>',
  KEPT_PUBLIC_URL: 'https://kept.mare.example',
  KEPT_DKIM_KEY_FILE: file,
  KEPT_DKIM_SELECTOR: 'kept2026',
};
const { platform, organisationId, close } = await openTestPlatform({ environment });
registerSendableTemplates();
await registerMessagesTasks(platform);
after(async () => {
  await close();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends one and gives it as it arrived. */
async function sendOne(template: string, paragraphs: readonly string[]): Promise<string> {
  const figures = { organisation: 'Maré', subject: 'Novidades à vista', paragraphs };
  const order = { template, to: 'ana@example.org', language: 'pt-BR' as const, figures };
  const id = await platform.db.transaction(organisationId, (tx) =>
    queueMail(tx, { ...order, idempotencyKey: `k:${Math.random()}` }),
  );
  await deliverMessage(platform, organisationId, id);
  const [taken] = server.taken.splice(0);
  assert.ok(taken !== undefined);
  return taken.raw;
}

interface Signature {
  readonly tags: ReadonlyMap<string, string>;
  readonly signed: readonly string[];
  readonly isValid: boolean;
  readonly isBodyValid: boolean;
}

/** RFC 6376, relaxed/relaxed and rsa-sha256: written against the RFC, not against what signs. */
function readSignature(raw: string, key: KeyObject): Signature {
  const at = raw.indexOf('\r\n\r\n');
  const fields = raw
    .slice(0, at)
    .split(/\r\n(?![ \t])/)
    .map((field) => ({ name: field.slice(0, field.indexOf(':')).trim().toLowerCase(), field }));
  const relaxed = (field: string) => {
    const colon = field.indexOf(':');
    const value = field
      .slice(colon + 1)
      .replaceAll('\r\n', '')
      .replaceAll(/[ \t]+/g, ' ')
      .trim();
    return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
  };
  const own = fields.find(({ name }) => name === 'dkim-signature')?.field ?? '';
  const tags = new Map(
    own
      .slice(own.indexOf(':') + 1)
      .split(';')
      .map((part) => part.replaceAll(/\s+/g, ''))
      .filter((part) => part !== '')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const signed = (tags.get('h') ?? '').toLowerCase().split(':');
  const left = [...fields];
  const lines = signed.flatMap((name) => {
    const index = left.findLastIndex((field) => field.name === name);
    return index === -1 ? [] : left.splice(index, 1).map(({ field }) => `${relaxed(field)}\r\n`);
  });
  const data = lines.join('') + relaxed(own.replace(/(\bb=)[^;]*/, '$1'));
  const body = raw
    .slice(at + 4)
    .split('\r\n')
    .map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''))
    .join('\r\n')
    .replace(/(\r\n)*$/, '\r\n');
  return {
    tags,
    signed,
    isValid: verify('sha256', Buffer.from(data), key, Buffer.from(tags.get('b') ?? '', 'base64')),
    isBodyValid: createHash('sha256').update(body).digest('base64') === tags.get('bh'),
  };
}

test('a message is signed for the sender’s domain, with the headers by which it is declined', async () => {
  const raw = await sendOne('announcement', ['Olá. Há um plano novo.', '.', 'Uma  linha   com espaços  ']);
  const { tags, signed, isValid, isBodyValid } = readSignature(raw, publicKey);
  assert.deepEqual([tags.get('d'), tags.get('s'), tags.get('a')], ['mare.example', 'kept2026', 'rsa-sha256']);
  assert.ok(isValid && isBodyValid, 'the public key accepts it');
  for (const name of ['from', 'to', 'subject', 'date', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post'])
    assert.ok(signed.includes(name), `${name} is signed`);
});

test('whatever is changed on its way, the signature no longer fits', async () => {
  const raw = await sendOne('announcement', ['Olá.']);
  assert.ok(readSignature(raw, publicKey).isValid);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  assert.equal(readSignature(raw, other).isValid, false);
  for (const [from, to] of [
    ['kept@mare.example', 'kept@mare.exampl'],
    ['/opt-out/', '/opt-out/x'],
    ['List-Unsubscribe=One-Click', 'List-Unsubscribe=Never'],
    ['Message-ID: <', 'Message-ID: <x'],
  ] as const) {
    assert.ok(raw.includes(from), from);
    assert.equal(readSignature(raw.replace(from, to), publicKey).isValid, false, from);
  }
  const swapped = raw.replace(/\r\n\r\n(.)/s, '\r\n\r\nx$1');
  assert.equal(readSignature(swapped, publicKey).isBodyValid, false);
});

test('mistakes in the configuration are named with their remedy, and the key stays out of it', () => {
  const weak = join(folder, 'weak.pem');
  writeFileSync(
    weak,
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const elliptic = join(folder, 'elliptic.pem');
  writeFileSync(elliptic, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const broken = join(folder, 'broken.pem');
  writeFileSync(broken, '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n');
  const right = { KEPT_MAIL_FROM: 'kept@mare.example', KEPT_DKIM_SELECTOR: 's1', KEPT_DKIM_KEY_FILE: file };
  assert.equal(readConfig({ ...right, KEPT_DATA_DIR: folder }).dkim?.domainName, 'mare.example');
  assert.equal(readConfig({ KEPT_DATA_DIR: folder }).dkim, undefined);
  for (const [change, complaint] of [
    [{ KEPT_DKIM_SELECTOR: '' }, /KEPT_DKIM_SELECTOR: write the name/],
    [{ KEPT_DKIM_SELECTOR: 'a b' }, /KEPT_DKIM_SELECTOR: write a name like/],
    [{ KEPT_DKIM_KEY_FILE: '' }, /KEPT_DKIM_KEY_FILE: name the key/],
    [{ KEPT_MAIL_FROM: '' }, /KEPT_MAIL_FROM: set the sender/],
    [{ KEPT_DKIM_KEY_FILE: join(folder, 'none.pem') }, /none\.pem cannot be read/],
    [{ KEPT_DKIM_KEY_FILE: broken }, /broken\.pem cannot be read/],
    [{ KEPT_DKIM_KEY_FILE: weak }, /at least 2048 bits/],
    [{ KEPT_DKIM_KEY_FILE: elliptic }, /use an RSA key/],
  ] as const)
    assert.throws(
      () => readConfig({ ...right, KEPT_DATA_DIR: folder, ...change }),
      (error: Error) => complaint.test(error.message) && !error.message.includes('c2VjcmV0'),
      String(complaint),
    );
});
