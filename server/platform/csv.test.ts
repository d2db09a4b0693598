import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCsv } from './csv.ts';

test('a cell is quoted where it must be, and never a formula', () => {
  const cells = ['plain', 'a,b', 'say "x"', 'two\nlines', '=1+1', '+55 11', '-x', '@x', '\tx', -5, null];
  const written = `plain,"a,b","say ""x""","two\nlines",'=1+1,'+55 11,'-x,'@x,'\tx,-5,`;
  assert.equal(writeCsv(['a'], [cells]), `\uFEFFa\r\n${written}\r\n`);
});
