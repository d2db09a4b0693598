import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { openMailParser } from './mail-parser.ts';
import { type ParsedMail, pageAsText, parseMail } from './parse-mail.ts';

const parser = openMailParser();
after(() => parser.close());

const raw = (...lines: string[]) => Buffer.from(lines.join('\r\n'), 'latin1');
const parse = (...lines: string[]): Promise<ParsedMail> => parser.parse(raw(...lines), true);

test('a plain mail is read: who, to whom, what, when, and what it answers', async () => {
  const mail = await parse(
    'From: =?UTF-8?Q?Ana_L=C3=BAcia?= <ana@example.org>',
    'Reply-To: "Ana (casa)" <casa@example.org>',
    'To: Encarregada <dpo@mare.example>, b@example.org',
    'Cc: Equipe: c@example.org, d@example.org;',
    'Subject: =?iso-8859-1?Q?Exclus=E3o_dos_meus_dados?=',
    'Date: Fri, 20 Nov 2026 09:30:00 -0300',
    'Message-ID: <one@example.org>',
    'In-Reply-To: <two@example.org>',
    'References: <four@example.org> <three@example.org>',
    '',
    'Por favor, apaguem.',
  );
  assert.equal(mail.kind, 'mail');
  assert.deepEqual(mail.from, { name: 'Ana Lúcia', mailAddress: 'ana@example.org' });
  assert.deepEqual(mail.answerTo, { name: 'Ana (casa)', mailAddress: 'casa@example.org' });
  assert.deepEqual(mail.to, ['dpo@mare.example', 'b@example.org', 'c@example.org', 'd@example.org']);
  assert.equal(mail.subject, 'Exclusão dos meus dados');
  assert.equal(mail.messageId, '<one@example.org>');
  assert.deepEqual(mail.answers, ['<two@example.org>', '<three@example.org>', '<four@example.org>']);
  assert.equal(mail.datedAt?.toISOString(), '2026-11-20T12:30:00.000Z');
  assert.equal(mail.text, 'Por favor, apaguem.');
  assert.deepEqual(mail.defects, []);
});

test('of a page only text is left: no script, no style, no picture, and links say where they lead', async () => {
  const mail = await parse(
    'From: a@example.org',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<html><head><style>p{color:red}</style><title>t</title></head><body><p>Hello <b>you</b></p>',
    '<script>fetch("https://evil.example/")</script><img src="https://evil.example/pixel.gif" alt="pixel">',
    '<a href="https://evil.example/login">https://bank.example</a> <a href="javascript:alert(1)">x</a>',
    '<table><tr><td>1</td><td>2</td></tr></table></body></html>',
  );
  assert.equal(mail.wasPage, true);
  assert.match(mail.text, /Hello you/);
  assert.match(mail.text, /https:\/\/bank\.example \[https:\/\/evil\.example\/login\]/);
  assert.doesNotMatch(mail.text, /fetch|pixel|color:red|<|>/);
});

test('a text is preferred to the page that says the same', async () => {
  const mail = await parse(
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'words',
    '--b',
    'Content-Type: text/html',
    '',
    '<p>page</p>',
    '--b--',
  );
  assert.deepEqual([mail.text, mail.wasPage], ['words', false]);
});

test('attachments keep their octets, and their names lose paths and marks that turn them round', async () => {
  const mail = await parse(
    'From: a@example.org',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'see there',
    '--b',
    'Content-Type: application/pdf; name="../../etc/passwd"',
    'Content-Disposition: attachment; filename="../../etc/invoice.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from([0, 1, 2, 255, 254]).toString('base64'),
    '--b',
    "Content-Type: text/html; name*=utf-8''evil%E2%80%AEfdp.html",
    "Content-Disposition: attachment; filename*=utf-8''evil%E2%80%AEfdp.html",
    '',
    '<script>1</script>',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'From: b@example.org',
    'Subject: within',
    '',
    'inner',
    '--b--',
  );
  assert.deepEqual(
    mail.attachments.map(({ name, mediaType }) => [name, mediaType]),
    [
      ['invoice.pdf', 'application/pdf'],
      ['evilfdp.html', 'text/html'],
      ['message.eml', 'message/rfc822'],
    ],
  );
  assert.deepEqual([...(mail.attachments[0]?.content ?? [])], [0, 1, 2, 255, 254]);
  assert.equal(mail.text, 'see there', 'a mail within a mail is not read as its text');
});

test('machines are told apart from people (RFC 3834, and what older ones write)', async () => {
  const kindOf = async (...headers: string[]) => (await parse('From: a@example.org', ...headers, '', 'text')).kind;
  assert.equal(await kindOf('Auto-Submitted: auto-replied'), 'auto-reply');
  assert.equal(await kindOf('Auto-Submitted: auto-generated; owner-email="a@b.example"'), 'auto-reply');
  assert.equal(await kindOf('Auto-Submitted: no'), 'mail');
  assert.equal(await kindOf('Precedence: auto_reply'), 'auto-reply');
  assert.equal(await kindOf('Precedence: bulk'), 'auto-reply');
  assert.equal(await kindOf('Precedence: bulk', 'List-Id: <a.example.org>'), 'mail');
  assert.equal(await kindOf('X-Autoreply: yes'), 'auto-reply');
  assert.equal(await kindOf('Return-Path: <>'), 'auto-reply');
  assert.equal(await kindOf('Subject: Out of Office: back on Monday', 'In-Reply-To: <a@b.example>'), 'auto-reply');
  assert.equal(await kindOf('Subject: Resposta automática: Re: Pedido', 'In-Reply-To: <a@b.example>'), 'auto-reply');
  assert.equal(await kindOf('Subject: Respuesta automática: x', 'In-Reply-To: <a@b.example>'), 'auto-reply');
  assert.equal(await kindOf('Subject: Out of office hours?'), 'mail', 'somebody may well ask about that');
  assert.equal(
    await kindOf('Content-Type: multipart/report; report-type=disposition-notification; boundary=x'),
    'auto-reply',
  );
});

const report = (action: string, status: string, type = 'delivery-status') =>
  parse(
    'From: MAILER-DAEMON@mx.example.org',
    'Return-Path: <>',
    `Content-Type: multipart/report; report-type=${type}; boundary=b`,
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
    'Final-Recipient: rfc822; ana@example.org',
    `Action: ${action}`,
    `Status: ${status}`,
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    'From: kept@mare.example',
    'Message-ID: <0193@mare.example>',
    '',
    '--b--',
  );

test('reports of delivery say which mail, whether for good, and why (RFC 3464, RFC 3463)', async () => {
  const failed = await report('failed', '5.1.1');
  assert.equal(failed.kind, 'bounce');
  assert.deepEqual(failed.bounce, { original: '<0193@mare.example>', action: 'failed', code: '5.1.1' });
  assert.equal(failed.text, 'It did not arrive.');
  assert.deepEqual(failed.attachments, [], 'what the report returns is read and not kept');
  assert.deepEqual((await report('delayed', '4.4.1')).bounce?.action, 'delayed');
  assert.deepEqual((await report('failed', 'ana@example.org')).bounce?.code, null);
  assert.equal((await report('whatever', '5.1.1')).bounce, null);
  assert.equal((await report('failed', '5.1.1', 'feedback-report')).kind, 'auto-reply');
});

test('two deliveries of one mail have one fingerprint, two mails have two', async () => {
  const lines = ['From: a@example.org', 'Message-ID: <1@example.org>', 'Subject: s', '', 'text'];
  const one = await parse('Received: from a by b', ...lines);
  const again = await parse('Received: from c by d; later', 'Delivered-To: x@y.example', ...lines);
  const other = await parse(...lines.with(-1, 'another text'));
  assert.deepEqual(one.fingerprint, again.fingerprint);
  assert.notDeepEqual(one.fingerprint, other.fingerprint);
});

test('wrong and unknown charsets, broken words and encodings are shown as well as can be', async () => {
  const latin = await parse('Content-Type: text/plain; charset=iso-8859-1', '', 'fun\xe7\xe3o');
  assert.equal(latin.text, 'função');
  const wrong = await parse('Content-Type: text/plain; charset=utf-8', '', 'fun\xe7\xe3o');
  assert.match(wrong.text, /^fun.+o$/);
  const unknown = await parse('Content-Type: text/plain; charset=x-no-such', '', 'abc');
  assert.equal(unknown.text, 'abc');
  const broken = await parse(
    'Subject: =?utf-8?B?4oKs?= =?utf-8?Q?=ZZ?= =?x?',
    'Content-Transfer-Encoding: base64',
    '',
    '!!!not base64!!!',
  );
  assert.ok(broken.subject.startsWith('€'));
  const zero = await parse('Subject: a\x00b\x1b[31m', '', 'c\x00d\x07\x1b[2J\te');
  assert.deepEqual([zero.subject.includes('\x00'), zero.text], [false, 'cd[2J\te']);
});

test('bombs end: nested parts, endless headers, a page without end, a thousand attachments', async () => {
  const nested = Array.from({ length: 2_000 }, (_, depth) => [
    `Content-Type: multipart/mixed; boundary=b${depth}`,
    '',
    `--b${depth}`,
  ]).flat();
  const deep = await parse('From: a@example.org', 'Subject: deep', ...nested);
  assert.deepEqual([deep.subject, deep.defects, deep.from?.mailAddress], ['deep', ['malformed'], 'a@example.org']);

  const wide = await parse(
    'From: a@example.org',
    'Subject: wide',
    ...Array.from({ length: 40_000 }, (_, n) => `X-${n}: ${'y'.repeat(40)}`),
    '',
    'text',
  );
  assert.deepEqual([wide.subject, wide.defects], ['wide', ['malformed']]);

  const started = performance.now();
  const page = await parse('Subject: page', 'Content-Type: text/html', '', '<div>'.repeat(400_000));
  assert.deepEqual(page.defects, ['text-cut']);
  const many = await parse(
    'Subject: many',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...Array.from({ length: 1_000 }, () => '--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx'),
    '--b--',
  );
  assert.deepEqual([many.attachments.length, many.defects], [50, ['attachments-left-out']]);
  const mails = Array.from({ length: 200 }, () => 'Content-Type: message/rfc822\r\n\r\n');
  const matryoshka = await parse('Subject: doll', mails.join(''));
  assert.equal(matryoshka.subject, 'doll');
  assert.ok(performance.now() - started < 20_000);
});

test('a mail that keeps the parser busy for good is given up, and the next one is read', async () => {
  const impatient = openMailParser(1);
  const mail = await impatient.parse(raw('From: a@example.org', 'Subject: slow', '', 'x'.repeat(30_000_000)), true);
  assert.deepEqual([mail.subject, mail.defects, mail.from?.mailAddress], ['slow', ['malformed'], 'a@example.org']);
  await impatient.close();
});

test('whatever octets come, something is shown that a database can hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.string({ maxLength: 200 }), async (octets, header) => {
      const mail = await parser.parse(
        Buffer.concat([Buffer.from(`Subject: ${header}\r\nContent-Type: ${header}\r\n`), octets]),
        true,
      );
      for (const text of [mail.text, mail.subject, mail.messageId ?? '', ...mail.attachments.map(({ name }) => name)]) {
        assert.ok(!text.includes('\u0000'));
        assert.ok(text.isWellFormed());
      }
      assert.equal(mail.fingerprint.length, 32);
    }),
    { numRuns: 150 },
  );
});

test('nothing of a page is lost that a person would read', () => {
  assert.equal(
    pageAsText('<p>one</p><p>two<br>three</p><ul><li>four</li></ul>').replaceAll(/\s+/g, ' '),
    'one two three * four',
  );
});

test('a date that cannot be is left out', async () => {
  assert.equal((await parseMail(raw('Date: Thu, 99 Foo 20226 99:99:99', '', 'x'))).datedAt, null);
});
