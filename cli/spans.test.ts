import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsInWords, spanInWords } from './spans.ts';
import { bytes, count, languageOf, say } from './wording.ts';

const at = (text: string) => new Date(text);

test('a span is told in its two largest units, months as the calendar counts them', () => {
  assert.equal(spanInWords(at('2026-11-19T10:00:00Z'), at('2026-11-20T15:30:00Z'), 'en'), '1 day, 5 hours');
  assert.equal(spanInWords(at('2026-10-22T15:00:00Z'), at('2026-11-20T15:00:00Z'), 'pt-BR'), '29 dias');
  assert.equal(spanInWords(at('2021-11-20T15:00:00Z'), at('2026-11-20T14:59:59Z'), 'en'), '4 years, 11 months');
  assert.equal(spanInWords(at('2021-11-20T15:00:00Z'), at('2026-11-20T15:00:00Z'), 'es'), '5 años');
  assert.equal(spanInWords(at('2026-11-20T15:00:01Z'), at('2026-11-20T15:00:00Z'), 'en'), '0 seconds');
  assert.equal(secondsInWords(61, 'en'), '1 minute, 1 second');
});

test('figures are grouped as the language does', () => {
  assert.equal(count('pt-BR', 12_408), '12.408');
  assert.equal(count('en', 1_000), '1,000');
  assert.equal(bytes('en', 1_250_000), '1.3 MB');
  assert.equal(bytes('en', 0), '0 byte');
  assert.equal(say('es', { 'pt-BR': '', en: '', es: '{rows} de {other}' }, { rows: 2_000 }), '2.000 de {other}');
});

test('the language is that of the machine, English where it is another', () => {
  assert.equal(languageOf({ LANG: 'pt_PT.UTF-8' }), 'pt-BR');
  assert.equal(languageOf({ LANG: 'C', LC_ALL: 'es_MX' }), 'es');
  assert.equal(languageOf({ LANG: 'de_DE.UTF-8' }), 'en');
  assert.equal(languageOf({}), 'en');
});
