import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock } from '../platform/clock.ts';
import { composeMail } from './compose-mail.ts';
import { domainOf, type OutgoingMail, outcomeOf, sendOverSmtp } from './send-over-smtp.ts';
import type { SmtpRoute } from './smtp-route.ts';
import { makeTestCertificate } from './test-certificate.ts';
import { openTestMailServer } from './test-mail-server.ts';

const certificate = makeTestCertificate(systemClock.now());
const plain = await openTestMailServer();
const encrypted = await openTestMailServer({ certificate });
const implicit = await openTestMailServer({ certificate, implicit: true });
const guarded = await openTestMailServer({ credentials: { user: 'kept', password: 'right' } });
after(() => Promise.all([plain, encrypted, implicit, guarded].map((server) => server.close())));

const to = (port: number, tls: SmtpRoute['tls'] = 'none', credentials: SmtpRoute['credentials'] = null): SmtpRoute => ({
  host: '127.0.0.1',
  port,
  tls,
  credentials,
});

const composed = composeMail('pt-BR', {
  subject: 'Seu contrato acabou\r\nBcc: eve@example.org',
  blocks: [{ kind: 'paragraph', text: 'Olá, <b>Ana</b> & cia.\r\n.\r\nQUIT' }],
  footer: 'Maré',
});
const mail: OutgoingMail = {
  from: { name: 'Maré privacidade', address: 'privacidade@mare.example' },
  to: 'ana@example.org',
  messageId: '<0193-fixed@mare.example>',
  date: new Date('2026-11-20T12:00:00Z'),
  language: 'pt-BR',
  replyTo: null,
  inReplyTo: null,
  references: null,
  optOutUrl: null,
  byPerson: false,
  ...composed,
};

test('a message arrives with its headers, its text and its page', async () => {
  assert.deepEqual(await sendOverSmtp(to(plain.port), mail), { kind: 'accepted' });
  const [taken] = plain.taken.splice(0);
  assert.ok(taken !== undefined);
  assert.equal(taken.from, 'privacidade@mare.example');
  assert.deepEqual(taken.to, ['ana@example.org'], 'the line break in the subject made no further recipient');
  assert.equal(taken.mail.messageId, '<0193-fixed@mare.example>');
  assert.equal(taken.mail.subject, 'Seu contrato acabou Bcc: eve@example.org');
  assert.equal(taken.mail.date, '2026-11-20T12:00:00.000Z');
  assert.equal(taken.mail.bcc, undefined);
  const header = (name: string) => taken.mail.headers.find(({ key }) => key === name)?.value;
  assert.equal(header('auto-submitted'), 'auto-generated');
  assert.equal(header('content-language'), 'pt-BR');
  assert.match(taken.mail.text ?? '', /Olá, <b>Ana<\/b> & cia\. \. QUIT/);
  assert.match(taken.mail.html ?? '', /Olá, &lt;b&gt;Ana&lt;\/b&gt; &amp; cia\./);
});

test('beyond this machine nothing is said to a server that offers no TLS', async () => {
  const outcome = await sendOverSmtp(to(plain.port, 'required'), mail);
  assert.equal(outcome.kind, 'for-now');
  assert.equal('reason' in outcome && outcome.reason, 'server-insecure');
  assert.equal(plain.taken.length, 0);
});

test('beyond this machine nothing is said to a server whose certificate nobody vouches for', async () => {
  for (const route of [to(encrypted.port, 'required'), to(implicit.port, 'implicit')]) {
    const outcome = await sendOverSmtp(route, mail);
    assert.deepEqual(outcome, { kind: 'for-now', reason: 'server-insecure', reply: null });
  }
  assert.equal(encrypted.taken.length + implicit.taken.length, 0);
});

test('with a certificate that somebody vouches for, a message goes encrypted', async () => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, certificate.certificate]);
  try {
    assert.deepEqual(await sendOverSmtp(to(encrypted.port, 'required'), mail), { kind: 'accepted' });
    assert.deepEqual(await sendOverSmtp(to(implicit.port, 'implicit'), mail), { kind: 'accepted' });
  } finally {
    setDefaultCACertificates(before);
  }
  const taken = [...encrypted.taken.splice(0), ...implicit.taken.splice(0)];
  assert.deepEqual(
    taken.map(({ secure }) => secure),
    [true, true],
  );
});

test('beyond this machine a server that offers TLS and then refuses it, or speaks none where it should, is told nothing', async () => {
  const said: string[] = [];
  const fickle = createServer((socket) => {
    socket.write('220 mx.example ESMTP\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      said.push(data.toString());
      if (/^EHLO/i.test(data.toString())) socket.write('250-mx.example\r\n250 STARTTLS\r\n');
      else if (/^STARTTLS/i.test(data.toString())) socket.write('454 4.7.0 TLS not available\r\n');
      else socket.write('250 go on\r\n');
    });
  });
  await new Promise<void>((done) => fickle.listen(0, '127.0.0.1', done));
  const address = fickle.address();
  assert.ok(typeof address === 'object' && address !== null);
  const refused = await sendOverSmtp(to(address.port, 'required'), mail);
  assert.deepEqual([refused.kind, 'reason' in refused && refused.reason], ['for-now', 'server-insecure']);
  fickle.close();
  assert.doesNotMatch(said.join(''), /MAIL FROM|RCPT TO|ana@|DATA/i);
  const implicitly = await sendOverSmtp(to(plain.port, 'implicit'), mail);
  assert.equal(implicitly.kind, 'for-now');
  const untrusted = await sendOverSmtp(to(implicit.port, 'implicit'), mail);
  assert.deepEqual([untrusted.kind, 'reason' in untrusted && untrusted.reason], ['for-now', 'server-insecure']);
  assert.equal(plain.taken.length + implicit.taken.length, 0);
});

test('greylisting and full mailboxes are for now, an unknown address is for good, and no reply keeps the address', async () => {
  plain.onRecipient.push({ code: 451, text: '4.7.1 greylisted' });
  const greylisted = await sendOverSmtp(to(plain.port), mail);
  assert.deepEqual(greylisted, { kind: 'for-now', reason: 'server-busy', reply: '451 4.7.1' });
  plain.onMessage.push({ code: 452, text: 'full' });
  const full = await sendOverSmtp(to(plain.port), mail);
  assert.deepEqual(full, { kind: 'for-now', reason: 'server-busy', reply: '452' });
  plain.onRecipient.push({ code: 550, text: '5.1.1 no such user' });
  const unknown = await sendOverSmtp(to(plain.port), mail);
  assert.deepEqual(unknown, { kind: 'for-good', reason: 'refused', reply: '550 5.1.1' });
  plain.onMessage.push({ code: 554, text: '5.7.1 spam' });
  const spam = await sendOverSmtp(to(plain.port), mail);
  assert.deepEqual(spam, { kind: 'for-good', reason: 'refused', reply: '554 5.7.1' });
  plain.onMessage.push({ code: 503, text: 'bad sequence' });
  const session = await sendOverSmtp(to(plain.port), mail);
  assert.deepEqual(session, { kind: 'for-now', reason: 'server-busy', reply: '503' });
  assert.equal(plain.taken.length, 0);
});

test('wrong credentials are the operator’s to mend, so they are for now', async () => {
  const wrong = await sendOverSmtp(to(guarded.port, 'none', { user: 'kept', password: 'wrong' }), mail);
  assert.deepEqual(wrong, { kind: 'for-now', reason: 'sign-in-refused', reply: '535 5.7.8' });
  const right = await sendOverSmtp(to(guarded.port, 'none', { user: 'kept', password: 'right' }), mail);
  assert.deepEqual(right, { kind: 'accepted' });
});

test('a server that is not there, hangs up or babbles is for now', async () => {
  const babbling = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const silent = createServer((socket) => socket.destroy());
  for (const server of [babbling, silent]) {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const outcome = await sendOverSmtp(to(address.port), mail);
    server.close();
    assert.equal(outcome.kind, 'for-now');
    assert.equal('reason' in outcome && outcome.reason, 'server-unreachable');
    assert.deepEqual(await sendOverSmtp(to(address.port), mail), {
      kind: 'for-now',
      reason: 'server-unreachable',
      reply: null,
    });
  }
});

test('an address with a line break never reaches the server', async () => {
  const outcome = await sendOverSmtp(to(plain.port), { ...mail, to: 'ana@example.org>\r\nRCPT TO:<eve@example.org' });
  assert.equal(outcome.kind, 'for-good');
  assert.equal(plain.taken.length, 0);
});

test('a mistake of ours is no outcome of mail', () => {
  assert.equal(outcomeOf(new TypeError('x is not a function')), null);
  assert.equal(outcomeOf(Object.assign(new Error('x'), { code: 'ECONFIG' })), null);
});

test('the domain of a sender', () => {
  assert.equal(domainOf('Maré <privacidade@mare.example>'), 'mare.example');
  assert.equal(domainOf('privacidade@mare.example'), 'mare.example');
});
