import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { brand } from '../platform/ids.ts';
import { mayTakeEffectOn } from './bring-notice-into-force.ts';
import { pageKeyOf, readPageKey } from './notice-address.ts';
import { readCsvList, readJsonList } from './notice-list.ts';
import { blocksOf, languageFor } from './notice-text.ts';
import { civilDateIn, firstDayAfterLead } from './organisation-calendar.ts';

test('a lead time leaves the day of the telling out and its last day in, in the organisation’s own days', () => {
  const table: [toldAt: string, days: number, zone: string, first: string][] = [
    ['2026-11-20T15:00:00Z', 30, 'America/Sao_Paulo', '2026-12-21'],
    // In São Paulo it is still the 20th.
    ['2026-11-21T02:59:00Z', 30, 'America/Sao_Paulo', '2026-12-21'],
    ['2026-11-21T02:59:00Z', 30, 'UTC', '2026-12-22'],
    ['2026-11-20T15:00:00Z', 1, 'UTC', '2026-11-22'],
    ['2026-11-20T15:00:00Z', 0, 'UTC', '2026-11-20'],
    // Across the change of clocks: days, not hours.
    ['2026-03-28T23:30:00Z', 1, 'Europe/Lisbon', '2026-03-30'],
    ['2027-02-27T12:00:00Z', 1, 'UTC', '2027-03-01'],
  ];
  for (const [toldAt, days, zone, first] of table)
    assert.equal(firstDayAfterLead(new Date(toldAt), days, zone), first, toldAt);
  assert.equal(civilDateIn(new Date('2026-11-21T02:59:00Z'), 'America/Sao_Paulo'), '2026-11-20');
});

test('the later of lead time and announced day counts, and nothing before everybody was told', () => {
  const notice = { toldAt: new Date('2026-11-20T15:00:00Z'), leadDays: 30, timeZone: 'UTC', effectiveOn: '2026-12-01' };
  assert.equal(mayTakeEffectOn(notice), '2026-12-21');
  assert.equal(mayTakeEffectOn({ ...notice, effectiveOn: '2027-01-04' }), '2027-01-04');
  assert.equal(mayTakeEffectOn({ ...notice, toldAt: null }), null);
});

test('a body is paragraphs, lists and headings, and nothing else', () => {
  assert.deepEqual(blocksOf('One\nline.\r\n\r\n# What changes\n- a\n- b\nAfter **it**.\n\n\n-\n#'), [
    { kind: 'paragraph', text: 'One line.' },
    { kind: 'heading', text: 'What changes' },
    { kind: 'list', items: ['a', 'b'] },
    { kind: 'paragraph', text: 'After **it**.' },
    { kind: 'paragraph', text: '- #' },
  ]);
});

test('a reader gets their own language, or the main one', () => {
  const said = { title: 't', body: 'b', link: null };
  assert.equal(languageFor('es', { en: said, es: said }, 'en'), 'es');
  assert.equal(languageFor(null, { en: said, es: said }, 'en'), 'en');
  assert.equal(languageFor('pt-BR', { en: said, es: said }, 'en'), 'en');
});

test('CSV is read as spreadsheets write it', () => {
  const { recipients } = readCsvList('reference;email;language\r\n"a;""1""\n2";;\r\nb;b@example.org;es\r\n\r\n');
  // A line break within quotes is part of the cell, and a reference holds none.
  assert.deepEqual(recipients, []);
  assert.deepEqual(readCsvList('email\treference\nb@example.org\tb').recipients, [
    { reference: 'b', email: 'b@example.org', language: null },
  ]);
  assert.deepEqual(readCsvList('reference\na\nb').recipients.length, 2);
});

test('what is wrong with a list is told by line', () => {
  const paths = (text: string) => readCsvList(text).issues.map(({ path }) => path);
  assert.deepEqual(paths(''), ['line 1']);
  assert.deepEqual(paths('email\na@example.org'), ['line 1']);
  assert.deepEqual(paths('reference,phone\na,1'), ['line 1']);
  assert.deepEqual(paths('reference,reference\na,b'), ['line 1']);
  assert.deepEqual(paths('reference\n'), ['line 1']);
  assert.deepEqual(paths('reference,email\na,\n"b\nb",\nc,x,y\nana@example.org,'), [
    'line 3, reference',
    'line 5',
    'line 6, reference',
  ]);
  assert.deepEqual(paths('reference\n"a'), ['line 2']);
  assert.deepEqual(paths('reference\n"a"b'), ['line 2']);
  assert.equal(readCsvList(`reference\n${'@\n'.repeat(500)}`).issues.length, 50);
  const json = readJsonList([{ reference: 'a' }, null, { reference: 5 }, { reference: 'b', name: 'B' }]);
  assert.deepEqual(
    json.issues.map(({ path }) => path),
    ['line 2', 'line 3, reference', 'line 4'],
  );
});

test('whatever is written as CSV is read back', () => {
  const reference = fc
    .string({ minLength: 1, maxLength: 20 })
    .filter((text) => /^[^@\p{C}\p{Zl}\p{Zp}]+$/u.test(text) && text.trim() === text);
  fc.assert(
    fc.property(fc.array(reference, { minLength: 1, maxLength: 20 }), (references) => {
      const csv = ['reference', ...references.map((text) => `"${text.replaceAll('"', '""')}"`)].join('\r\n');
      assert.deepEqual(
        readCsvList(csv).recipients.map((recipient) => recipient.reference),
        references,
      );
    }),
  );
});

test('the key of a page names organisation and notice, and has one spelling', () => {
  const place = {
    organisationId: brand<'Organisation'>('01932b5e-7c00-7000-8000-0000000000a1'),
    notice: brand<'Notice'>('01932b5e-7c00-7000-8000-0000000000b2'),
  };
  const key = pageKeyOf(place);
  assert.deepEqual(readPageKey(key), place);
  for (const bad of ['', 'x', `${key}x`, key.slice(1), `${key.slice(0, -1)}=`])
    assert.equal(readPageKey(bad), undefined);
});
