import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCsv } from './csv.ts';

test('a cell is quoted where it must be, and never a formula', () => {
  const cells = ['plain', 'a,b', 'say "x"', 'two\nlines', '=1+1', '+55 11', '-x', '@x', '\tx', -5, null];
  const written = `plain,"a,b","say ""x""","two\nlines",'=1+1,'+55 11,'-x,'@x,"'\tx",-5,`;
  assert.equal(writeCsv(['a'], [cells]), `\uFEFFa\r\n${written}\r\n`);
});

test('nor is a part of it where a spreadsheet splits at semicolons or tabs', () => {
  const cells = ['a;=1+1', 'Mozilla/5.0 (X11; Linux)', 'x;" =2', 'a\t@b', '＝1', '\n=1', 'a;b-c'];
  const written = [`"a;'=1+1"`, '"Mozilla/5.0 (X11; Linux)"', `"x;"" '=2"`, `"a\t'@b"`, "'＝1", `"'\n=1"`, '"a;b-c"'];
  assert.equal(writeCsv(['a'], [cells]), `\uFEFFa\r\n${written.join(',')}\r\n`);
});
