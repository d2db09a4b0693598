import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberReadings } from './remember-readings.ts';

test('a text is read once while it is in use, and what was used longest ago makes room', () => {
  const reads: string[] = [];
  const read = rememberReadings((source) => {
    reads.push(source);
    return source.toUpperCase();
  }, 6);
  for (const source of ['aa', 'bb', 'aa', 'cc', 'aa']) assert.equal(read(source), source.toUpperCase());
  assert.deepEqual(reads, ['aa', 'bb', 'cc']);
  read('dd');
  assert.deepEqual([read('aa'), read('cc'), read('dd')], ['AA', 'CC', 'DD']);
  assert.deepEqual(reads, ['aa', 'bb', 'cc', 'dd'], 'bb went');
  read('bb');
  assert.deepEqual(reads.slice(4), ['bb']);
});

test('a text larger than all the room is read, and nothing of it stays', () => {
  let reads = 0;
  const read = rememberReadings((source) => {
    reads += 1;
    return source.length;
  }, 3);
  assert.equal(read('four'), 4);
  assert.equal(read('four'), 4);
  assert.equal(reads, 2);
  assert.deepEqual([read('ab'), read('ab'), reads], [2, 2, 3]);
});

test('the policies of three hundred organisations are read once, however often the metrics ask', () => {
  let reads = 0;
  const read = rememberReadings(() => {
    reads += 1;
    return reads;
  });
  const texts = Array.from({ length: 300 }, (_, at) => `${at}`.padEnd(24_000, ' '));
  for (let scrape = 0; scrape < 3; scrape += 1) for (const text of texts) read(text);
  assert.equal(reads, 300);
});
