import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { describeError, openLog } from './log.ts';

function capture() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: openLog({ logLevel: 'info' }, destination), lines };
}

test('secrets and addresses are left out wherever they turn up', () => {
  const { log, lines } = capture();
  log.info({ token: 't0ken', request: { email: 'ana@example.com', authorization: 'Bearer x1' }, task: 'a.b' }, 'done');
  assert.doesNotMatch(lines.join(), /t0ken|ana@example|Bearer x1/);
  assert.match(lines.join(), /"task":"a.b"/);
});

test("PostgreSQL's details and the values it quotes are left out, its codes are kept", () => {
  const error = Object.assign(new Error('invalid input syntax for type uuid: "ana@example.com"'), {
    code: '22P02',
    detail: 'Key (email)=(ana@example.com) already exists.',
    table: 'subject',
  });
  const { log, lines } = capture();
  log.error({ err: new Error('outer', { cause: error }) }, 'failed');
  assert.doesNotMatch(lines.join(), /ana@example/);
  assert.match(lines.join(), /22P02/);
  assert.match(lines.join(), /"table":"subject"/);
});

test('a chain of causes that bites its tail ends', () => {
  const error = new Error('round');
  error.cause = error;
  assert.ok(JSON.stringify(describeError(error)).length < 100_000);
});
