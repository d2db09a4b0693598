import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newTotpSecret } from '../access/one-time-code.ts';
import { newId } from '../platform/ids.ts';
import { newLocalKey } from '../platform/kms-local.ts';
import { rotateKeys } from './rotate-keys.ts';
import { sealAnew } from './seal-anew.ts';
import { sealedPlaces } from './sealed-places.ts';
import { startOwnServer } from './test-own.ts';

const own = await startOwnServer();
after(own.close);
const { platform, organisationId } = own;
const promise = 'secrets-sealed';
const keyFile = join(platform.config.dataDirectory, 'sealing.key');

async function expect(status: string, code?: string): Promise<void> {
  const row = await own.prove(promise);
  assert.equal(row.status, status, JSON.stringify(row.reason));
  if (code !== undefined) assert.equal(row.reason?.code, code);
}

/** Somebody with an authenticator. */
async function addTotp(secret: string): Promise<string> {
  const id = newId<'Person'>(platform.clock.now());
  await own.change(
    `insert into access.person (id, name, email, email_key, language, created_at)
     values ($1, 'Somebody', $2, $2, 'en', now())`,
    [id, `${id}@example.com`],
  );
  await own.change(
    'insert into access.totp (person_id, sealed_secret, confirmed_at, created_at) values ($1, $2, now(), now())',
    [id, platform.seal.close(secret, 'totp', id)],
  );
  return id;
}

const sealedOf = async (person: string): Promise<Buffer> => {
  const { rows } = await own.store.query<{ sealed: Buffer }>(
    'select sealed_secret as sealed from access.totp where person_id = $1',
    [person],
  );
  return rows[0]?.sealed ?? Buffer.alloc(0);
};
const put = (person: string, sealed: Buffer) =>
  own.change('update access.totp set sealed_secret = $2 where person_id = $1', [person, sealed]);

test('every column whose name says that it is sealed is known to be', async () => {
  const { rows } = await own.store.query<{ place: string }>(
    `select n.nspname || '.' || c.relname || '.' || a.attname as place
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and not c.relispartition and a.attname ~ 'sealed' and not a.attisdropped
         and a.atttypid = 'bytea'::regtype and n.nspname not in ('information_schema', 'queue')
       order by 1`,
  );
  const known = sealedPlaces
    .filter((place) => place.form === 'octets')
    .map((place) => `${place.table}.${place.column}`);
  assert.deepEqual(
    known.sort(),
    rows.map((row) => row.place),
  );
});

test('CF-11: a secret in clear, of another row or of an unknown key breaks the promise until it is sealed', async () => {
  const secret = newTotpSecret();
  const [one, other] = [await addTotp(secret), await addTotp(newTotpSecret())];
  await expect('kept');
  const sealed = await sealedOf(one);
  const changed = Buffer.from(sealed);
  changed[20] = (changed[20] ?? 0) ^ 1;
  const broken = [
    Buffer.from(secret),
    await sealedOf(other),
    changed,
    Buffer.concat([sealed.subarray(0, 1), Buffer.alloc(60)]),
  ];
  for (const value of broken) {
    await put(one, value);
    await expect('broken', 'not-sealed');
    await put(one, sealed);
    await expect('kept');
  }
});

test('CF-11: so does the secret of a webhook', async () => {
  const id = randomUUID();
  // Its subscription does not matter here.
  await own.change('set session_replication_role = replica');
  await own.change(
    `insert into webhooks.subscription_secret (organisation_id, id, subscription_id, scheme, sealed, last_four, created_at)
     values ($1, $2, $3, 'hmac-sha256', $4, 'abcd', now())`,
    [organisationId, id, randomUUID(), Buffer.from('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
  );
  await own.change('set session_replication_role = default');
  await expect('broken', 'not-sealed');
  await own.change('update webhooks.subscription_secret set sealed = $2 where id = $1', [
    id,
    platform.seal.close('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'webhook-secret', id),
  ]);
  await expect('kept');
  await own.change('delete from webhooks.subscription_secret where id = $1', [id]);
});

test('CF-11: while an earlier sealing key still opens data keys the promise is due', async () => {
  const before = readFileSync(keyFile, 'utf8');
  writeFileSync(keyFile, `${newLocalKey().octets.export().toString('base64')}\n${before}`);
  await expect('due', 'keys-not-rotated');
  const rotation = await rotateKeys(platform, organisationId, own.owner, { isPrepared: true });
  assert.equal(rotation.dataKeys, 2);
  await expect('kept');
  assert.equal(
    (await own.count(`ledger.pending where kind = 'access.sealing-keys-rotated'`)) +
      (await own.count(`ledger.entry where kind = 'access.sealing-keys-rotated'`)),
    1,
  );
});

test('secrets are sealed anew under a newer data key, each once, and those that open with nothing are told', async () => {
  const secret = newTotpSecret();
  const [person, lost] = [await addTotp(secret), await addTotp(newTotpSecret())];
  const before = await sealedOf(person);
  const unopened = Buffer.from(await sealedOf(lost));
  unopened[unopened.length - 1] = (unopened.at(-1) ?? 0) ^ 1;
  await put(lost, unopened);
  await rotateKeys(platform, organisationId, own.owner, { isPrepared: false });
  assert.equal((await sealAnew(platform)).renewed, 0, 'not before every server knows the new key');
  await own.change(`update platform.data_key set created_at = created_at - interval '3 minutes'`);
  const later = await own.test.openAnother();
  assert.equal(later.seal.stateOf(before), 'earlier');
  const { renewed, unopened: failing } = await sealAnew(later);
  assert.ok(renewed >= 3);
  assert.equal(failing, 1);
  const after = await sealedOf(person);
  assert.notDeepEqual(after, before);
  assert.equal(later.seal.stateOf(after), 'current');
  assert.equal(platform.seal.open(after, 'totp', person), secret, 'a server that runs knows the key');
  assert.deepEqual(await sealAnew(later), { renewed: 0, unopened: 1 });
  assert.deepEqual(await sealedOf(lost), unopened);
  await own.change('delete from access.totp where person_id = $1', [lost]);
});
