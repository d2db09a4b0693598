import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

test('docs/monitoring.md tells of every metric, and of none that is not there', () => {
  const sources = globSync('server/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  const made = sources.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    if (!/from 'prom-client'/.test(text)) return [];
    return [...text.matchAll(/(?:name: |gauge\()'(kept_[a-z_]+)'/g)].map(([, name]) => name);
  });
  const guide = readFileSync(join(root, 'docs', 'monitoring.md'), 'utf8');
  const told = [...guide.matchAll(/^\| `(kept_[a-z_]+)`/gm)].map(([, name]) => name);
  assert.ok(made.length > 10);
  assert.deepEqual(told.sort(), made.sort());
});
