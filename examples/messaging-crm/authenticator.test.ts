import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeAt, stepAt } from './authenticator.ts';

// RFC 6238, appendix B, for SHA-1; the apps show the last six of its eight digits.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const vectors = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const;

test('the codes are those of RFC 6238', () => {
  for (const [seconds, code] of vectors) assert.equal(codeAt(secret, stepAt(new Date(seconds * 1000))), code);
});

test('a secret may be written in groups, and what is no Base32 is refused', () => {
  const step = stepAt(new Date(59_000));
  assert.equal(codeAt('gezd gnbv gy3t qojq gezd gnbv gy3t qojq', step), '287082');
  assert.throws(() => codeAt('0189', step), /Base32/);
});
