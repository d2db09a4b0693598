import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { composeMail, escapeHtml, type MailBlock, type MailDraft, singleLine } from './compose-mail.ts';

const draft: MailDraft = {
  subject: 'Your contract has ended',
  blocks: [
    { kind: 'paragraph', text: 'We have disposed of your data.' },
    { kind: 'heading', text: 'What we keep' },
    { kind: 'list', items: ['invoices', 'the audit log'] },
    { kind: 'table', caption: 'Kept', head: ['Data', 'Rows', 'Until'], rows: [['Invoices', '12', '2031-11-20']] },
    { kind: 'link', label: 'Our policy', url: 'https://mare.example/privacy?a=1&b=2' },
  ],
  footer: 'Maré writes to you because you own the account.',
};

test('text and HTML say the same', () => {
  const mail = composeMail('en', draft);
  for (const words of ['We have disposed of your data.', 'invoices', 'Invoices', '12', '2031-11-20', 'Maré writes'])
    for (const body of [mail.text, mail.html]) assert.ok(body.includes(words), `${words} is missing in ${body}`);
  assert.ok(mail.text.includes('WHAT WE KEEP'));
  assert.ok(mail.text.includes('  Until: 2031-11-20'));
});

test('the page names its language, has one heading of the first level and table headers with a scope', () => {
  for (const language of ['pt-BR', 'en', 'es'] as const)
    assert.match(composeMail(language, draft).html, new RegExp(`^<!doctype html>\\n<html lang="${language}"`));
  const { html } = composeMail('en', draft);
  assert.equal(html.match(/<h1/g)?.length, 1);
  assert.equal(html.match(/<th scope="col"/g)?.length, 3);
  assert.match(html, /<caption/);
  assert.match(html, /<title>Your contract has ended<\/title>/);
});

test('a piece in another language says so, and none that is in the message’s own', () => {
  const { html } = composeMail('en', {
    ...draft,
    blocks: [
      { kind: 'paragraph', text: 'one', language: 'en' },
      { kind: 'paragraph', text: 'um', language: 'pt-BR' },
      { kind: 'table', caption: 'uno', head: ['dos'], rows: [['tres']], language: 'es' },
    ],
  });
  assert.deepEqual(html.match(/lang="[^"]*"/g), ['lang="en"', 'lang="pt-BR"', 'lang="es"']);
});

test('nothing is loaded from elsewhere and nothing is tracked', () => {
  const { html } = composeMail('en', draft);
  assert.doesNotMatch(
    html,
    /<(img|script|link|iframe|object|style|video|audio|form)\b|url\(|@import|\ssrc=|background=/i,
  );
  assert.deepEqual(html.match(/href="[^"]*"/g), ['href="https://mare.example/privacy?a=1&amp;b=2"']);
});

test('a line break in a figure starts no header', () => {
  const { subject } = composeMail('en', { ...draft, subject: 'Maré\r\nBcc: eve@example.org\u2028X: y\u0000' });
  assert.equal(subject, 'Maré Bcc: eve@example.org X: y');
});

test('a subject of control characters alone is refused', () => {
  assert.throws(() => composeMail('en', { ...draft, subject: '\r\n\u0000 ' }), /needs a subject/);
});

test('a link that is not http is refused', () => {
  const link = (url: string): MailDraft => ({ ...draft, blocks: [{ kind: 'link', label: 'x', url }] });
  assert.throws(() => composeMail('en', link('javascript:alert(1)')), /http or https/);
  assert.throws(() => composeMail('en', link('data:text/html,x')), /http or https/);
  const { html } = composeMail('en', link('https://a.example/"><b>x'));
  assert.doesNotMatch(html, /<b>/);
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=y>',
    "' onclick='x",
    '&lt;b&gt;',
    '</td></tr></table>',
  ),
);
const anyBlock = (text: fc.Arbitrary<string>): fc.Arbitrary<MailBlock> =>
  fc.oneof(
    fc.record({ kind: fc.constant('paragraph' as const), text }),
    fc.record({ kind: fc.constant('heading' as const), text }),
    fc.record({ kind: fc.constant('list' as const), items: fc.array(text, { maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('table' as const),
      caption: text,
      head: fc.array(text, { maxLength: 3 }),
      rows: fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('link' as const), label: text, url: fc.constant('https://mare.example/') }),
  );

test('no figure, whatever it holds, adds a tag or a header', () => {
  fc.assert(
    fc.property(hostile, hostile, fc.array(anyBlock(hostile), { maxLength: 4 }), (subject, footer, blocks) => {
      const mail = composeMail('en', { subject: `s${subject}`, blocks, footer });
      const same = composeMail('en', { subject: 's', blocks: blocks.map(withoutText), footer: '' });
      assert.deepEqual(tags(mail.html), tags(same.html));
      assert.doesNotMatch(mail.subject, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.ok(mail.html.isWellFormed() && mail.text.isWellFormed());
    }),
  );
});

test('escaping is undone by reading', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
      const read = escapeHtml(text).replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? '');
      assert.equal(read, text);
    }),
  );
});

test('a subject is cut between characters, not within one', () => {
  assert.equal(singleLine('🦭'.repeat(300)), '🦭'.repeat(200));
});

function withoutText(block: MailBlock): MailBlock {
  switch (block.kind) {
    case 'list':
      return { ...block, items: block.items.map(() => '') };
    case 'table':
      return {
        ...block,
        caption: '',
        head: block.head.map(() => ''),
        rows: block.rows.map((row) => row.map(() => '')),
      };
    case 'lines':
      return { ...block, lines: block.lines.map(() => '') };
    case 'link':
      return { ...block, label: '' };
    default:
      return { ...block, text: '' };
  }
}

function tags(html: string): string[] {
  return html.match(/<[^>]*>/g) ?? [];
}
