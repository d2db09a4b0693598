import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Configuration } from 'openid-client';
import { fixedClock } from '../platform/clock.ts';
import { rememberDiscoveries } from './remember-discoveries.ts';

const MINUTE = 60_000;
const one = { issuer: 'https://idp.example', clientId: 'kept', secret: 'a' };

function begin() {
  const clock = fixedClock('2026-11-20T12:00:00Z');
  const discoveries = rememberDiscoveries(clock);
  let asked = 0;
  const find = (who = one) =>
    discoveries.find(who, async () => {
      asked += 1;
      return new Configuration({ issuer: who.issuer }, who.clientId);
    });
  return { clock, discoveries, find, asked: () => asked };
}

test('what a provider said holds for ten minutes', async () => {
  const { clock, find, asked } = begin();
  const first = await find();
  clock.advance(10 * MINUTE - 1);
  assert.equal(await find(), first);
  assert.equal(asked(), 1);
  clock.advance(1);
  assert.notEqual(await find(), first);
  assert.equal(asked(), 2);
});

test('another issuer, client or secret finds nothing of it', async () => {
  const { find, asked } = begin();
  const first = await find();
  const others = [{ issuer: 'https://other.example' }, { clientId: 'other' }, { secret: 'b' }];
  for (const other of others) assert.notEqual(await find({ ...one, ...other }), first);
  assert.equal(asked(), 4);
});

test('a failure is told to whoever waits for it, and not remembered', async () => {
  const { discoveries, find, asked } = begin();
  const failing = () => discoveries.find(one, () => Promise.reject(new Error('out of reach')));
  await assert.rejects(failing, /out of reach/);
  await find();
  assert.equal(asked(), 1);
});
