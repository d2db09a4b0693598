import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine, writeCsv } from './csv.ts';

test('a cell is quoted where it must be, and never a formula', () => {
  const cells = ['plain', 'a,b', 'say "x"', 'two\nlines', '=1+1', '+55 11', '-x', '@x', '\tx', -5, null];
  const written = `plain,"a,b","say ""x""","two\nlines",'=1+1,'+55 11,'-x,'@x,"'\tx",-5,`;
  assert.equal(writeCsv(['a'], [cells]), `\uFEFFa\r\n${written}\r\n`);
});

test('nor is a part of it where a spreadsheet splits at semicolons or tabs', () => {
  const cells = ['a;=1+1', 'Mozilla/5.0 (X11; Linux)', 'x;" =2', 'a\t@b', '＝1', '\n=1', 'a;b-c'];
  const written = [`"a;'=1+1"`, '"Mozilla/5.0 (X11; Linux)"', `"x;"" '=2"`, `"a\t'@b"`, "'＝1", `"'\n'=1"`, '"a;b-c"'];
  assert.equal(writeCsv(['a'], [cells]), `\uFEFFa\r\n${written.join(',')}\r\n`);
});

test('nor after a line feed, which ends the row there', () => {
  const cells = ['x\n=1+1', 'x\r\n "@b', 'two\nlines - one dash'];
  const written = [`"x\n'=1+1"`, `"x\r\n ""'@b"`, '"two\nlines - one dash"'];
  assert.equal(csvLine(cells), `${written.join(',')}\r\n`);
});

test('long white space is written in the time that any text takes', () => {
  const began = performance.now();
  for (const text of ['\t'.repeat(500_000), ';'.repeat(500_000), `${'\t '.repeat(250_000)}=1`])
    csvLine(['a', `a${text}`]);
  assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
});
