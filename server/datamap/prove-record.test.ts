import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { Actor } from '../platform/contract.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { measurePromises } from '../policy/measure-promises.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { createProvers } from '../policy/prover.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { readBoard } from '../policy/read-board.ts';
import { checkDataMap } from './check-data-map.ts';
import { protectionProver } from './prove-protection.ts';
import { recordProver } from './prove-record.ts';
import { publishDataMap } from './publish-data-map.ts';

/** The verb serves the systems of any organisation, not only Kept's own. */
const policy = `kept: 1
organisation: { name: Foz, country: BR, time-zone: UTC, regimes: [lgpd], languages: [en], contact: dpo@foz.example }
subjects:
  customer: { en: customers }
data:
  customer: { of: customer, role: controller, holds: [identification] }
purposes:
  service: { basis: { lgpd: 7-V }, data: customer }
promises:
  consented:
    record: { data: customer, facts: [name, consent], never: [payment-card, secret-in-clear] }
    says: { en: Of customers we note their name and how they agreed. }
  hashed:
    protect: { measure: hashed-secrets, data: customer }
    says: { en: Passwords are hashed. }
`;
const map = `kept-map: 1
systems:
  shop: { kind: postgres, credential: shop }
datasets:
  customers:
    covers: [customer]
    system: shop
    table: public.customer
    key: [id]
    facts: { name: name, consent: [agreed_by_mail, agreed_on_paper] }
    fields:
      hash: { column: password, kinds: [bcrypt] }
      text: [name, note]
`;
const actor: Actor = { kind: 'system', id: 'test' };
const bcrypt = `$2b$12$${'a'.repeat(53)}`;

const { platform, organisationId, createProductDatabase, close } = await openTestPlatform();
const provers = createProvers();
provers.registerProver(protectionProver);
provers.registerProver(recordProver);
const shop = await createProductDatabase();
const store = new pg.Client(shop.url);

before(async () => {
  await store.connect();
  await store.query(`create table customer (id int primary key, name text, note text, password text,
    agreed_by_mail timestamptz, agreed_on_paper text)`);
  await store.query(`insert into customer values (1, 'Ana', 'Order 2026-0042', '${bcrypt}', now(), null),
    (2, 'Rui', null, null, null, 'form 7')`);
  writeFileSync(join(platform.config.dataDirectory, 'secrets.json'), JSON.stringify({ shop: shop.url }));
  await platform.db.transaction(organisationId, (tx) => publishPolicy(tx, { source: policy, parent: null, actor }));
  const { findings } = await publishDataMap(platform, organisationId, { source: map, parent: null, actor });
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
});
after(async () => {
  await store.end();
  await close();
});

async function prove(promise: string) {
  await measurePromises(platform, provers, organisationId, [promise]);
  const board = await platform.db.transaction(organisationId, (tx) => readBoard(tx, tx.at));
  const row = board.promises.find((entry) => entry.promise === promise);
  return { status: row?.status, code: row?.reason?.code, rows: row?.measurement?.places[0]?.rows };
}

test('every row has its facts, of which one of several columns is enough, until one has none', async () => {
  assert.deepEqual(await prove('consented'), { status: 'kept', code: undefined, rows: 2 });
  await store.query(`update customer set agreed_on_paper = ' ' where id = 2`);
  assert.deepEqual(await prove('consented'), { status: 'broken', code: 'fact-missing', rows: 2 });
  await store.query(`update customer set agreed_on_paper = 'form 7' where id = 2`);
  assert.equal((await prove('consented')).status, 'kept');
});

test('what is never recorded is found wherever text stands', async () => {
  for (const canary of ['card 5555 5555 5555 4444', 'Bearer abcdefghijklmnop1234']) {
    await store.query('update customer set note = $1 where id = 1', [canary]);
    assert.deepEqual(await prove('consented'), { status: 'broken', code: 'forbidden-found', rows: 2 });
  }
  await store.query('update customer set note = null where id = 1');
  assert.equal((await prove('consented')).status, 'kept');
});

test('a secret that is no hash of an accepted kind is found', async () => {
  assert.equal((await prove('hashed')).status, 'kept');
  await store.query(`update customer set password = '25f9e794323b453885f5181f1b624d0b' where id = 2`);
  assert.deepEqual(await prove('hashed'), { status: 'broken', code: 'plain-secret-found', rows: 2 });
  await store.query('update customer set password = null where id = 2');
  assert.equal((await prove('hashed')).status, 'kept');
});

test('a map that does not say where a fact stands is refused, with the nearest name', () => {
  const { document } = parsePolicy(policy);
  const { findings } = checkDataMap(map.replace('consent:', 'consents:'), document ?? null);
  const [finding] = findings.filter(({ severity }) => severity === 'error');
  assert.equal(finding?.code, 'fact-missing');
  assert.match(finding?.remedy.en ?? '', /consents/);
  const without = checkDataMap(map.replace(/ {6}text.*\n/, '').replace(/ {6}hash.*\n/, '      {}\n'), document ?? null);
  assert.deepEqual(
    without.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['field-missing', 'field-missing'],
  );
});
