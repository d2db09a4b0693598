import assert from 'node:assert/strict';
import { test } from 'node:test';
import { may, permissions } from '../../server/access/permissions.ts';
import { roles } from './roles.ts';
import { rolesWords } from './roles-words.ts';

test('every right that people can have is worded in every language, and nothing else is', () => {
  const theirs = permissions.filter(
    (permission) => permission !== 'access:begin' && roles.some((role) => may(role, permission)),
  );
  for (const [language, { rights }] of Object.entries(rolesWords))
    assert.deepEqual(Object.keys(rights).sort(), [...theirs].sort(), language);
});
