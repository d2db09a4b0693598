import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyScopes, may, permissions, type Role } from '../server/access/permissions.ts';
import { rules } from '../server/access/rate-limit.ts';

const guide = readFileSync(join(import.meta.dirname, '..', 'docs', 'access.md'), 'utf8');

/** Rows of the table whose first heading is this, cells as they are written. */
function tableOf(heading: string): string[][] {
  const lines = guide.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  assert.notEqual(head, -1, `there is a table of ${heading}`);
  const end = lines.findIndex((line, place) => place > head && !line.startsWith('|'));
  return lines.slice(head, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What each column of the table of rights is about. */
const columns: Readonly<Record<string, Role>> = {
  owner: 'owner',
  admin: 'admin',
  dpo: 'dpo',
  engineer: 'engineer',
  agent: 'agent',
  auditor: 'auditor',
  'local key': 'local-key',
};

test('docs/access.md grants each role the rights that the server grants it, no more and no less', () => {
  const [head = [], , ...rows] = tableOf('right');
  assert.deepEqual(head, ['right', 'to', ...Object.keys(columns), 'API key']);
  const told = rows.map(([right, , ...cells]) => [right, ...cells]);
  const granted = permissions.map((permission) => [
    `\`${permission}\``,
    ...Object.values(columns).map((role) => (may(role, permission) ? '✓' : '')),
    keyScopes.includes(permission) ? 'by scope' : '',
  ]);
  assert.deepEqual(told, granted);
});

test('the rights of what is no member are as the guide says in words', () => {
  const of = (role: Role) => permissions.filter((permission) => may(role, permission));
  assert.deepEqual(of('ingest-key'), ['webhooks:ingest']);
  assert.deepEqual(of('site-key'), []);
  assert.deepEqual(of('beginner'), ['access:begin']);
});

test('docs/access.md tells every limit as it is', () => {
  const [, , ...rows] = tableOf('limit');
  const told = rows.map(([name, , burst, every]) => [name, burst, every]);
  const expected = Object.entries(rules).map(([name, { burst, everySeconds }]) => [
    `\`${name}\``,
    String(burst),
    inWords(everySeconds),
  ]);
  assert.deepEqual(told, expected);
});

function inWords(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
