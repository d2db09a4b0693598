import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTestAccess } from '../access/test-access.ts';
import { registerKeysRoutes } from './keys-routes.ts';
import { registerOwnTasks } from './tasks.ts';

const kept = await openTestAccess({
  register: async (http, platform, access) => {
    await registerOwnTasks(platform, access.ownOrganisationId);
    registerKeysRoutes(http, access);
  },
});
after(kept.close);
const status = async () => (await kept.call('GET', '/v1/access/sealing', kept.keyOf())).json();

test('the operator sees which keys there are and what is sealed, and rotates them; nobody else does', async () => {
  const before = await status();
  assert.equal(before.key.keeper, 'file');
  assert.deepEqual(before.dataKeys.map(({ use }: { use: string }) => use).sort(), ['derive', 'seal']);
  assert.ok(before.dataKeys.every(({ wrappedBy }: { wrappedBy: string }) => wrappedBy === before.key.name));
  const totp = before.places.find(({ place }: { place: string }) => place === 'access.totp.sealed_secret');
  assert.deepEqual(totp, { place: 'access.totp.sealed_secret', values: 3, earlier: 0, broken: 0 });
  for (const who of ['owner', 'admin', 'auditor']) {
    assert.equal((await kept.call('GET', '/v1/access/sealing', who)).status, 403);
    assert.equal((await kept.call('POST', '/v1/access/sealing/rotations', who, {})).status, 403);
  }

  const rotated = await kept.call('POST', '/v1/access/sealing/rotations', kept.keyOf(), {});
  assert.equal(rotated.status, 200, rotated.text);
  assert.equal(rotated.json().dataKeys, 2);
  const after = await status();
  assert.deepEqual(after.key, rotated.json().key);
  assert.notEqual(after.key.name, before.key.name);
  assert.equal(after.dataKeys.length, 3);
  assert.ok(after.dataKeys.every(({ wrappedBy }: { wrappedBy: string }) => wrappedBy === after.key.name));
  const key = readFileSync(join(kept.platform.config.dataDirectory, 'sealing.key'), 'utf8').trim();
  assert.ok(!JSON.stringify(after).includes(key), 'it names keys and tells none');
  const [entry] = await kept.entriesOf('access.sealing-keys-rotated', kept.access.ownOrganisationId);
  assert.deepEqual(entry?.body, { dataKeys: 2, kept: 'file' });
});
