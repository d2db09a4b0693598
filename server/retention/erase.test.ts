import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { receiveEvent } from '../webhooks/receive-event.ts';
import { rest } from './drive.ts';
import { lookAfter } from './look-after.ts';
import { placeHold, releaseHold } from './place-hold.ts';
import {
  datasets,
  daysAgo,
  fill,
  now,
  openTestOrganisation,
  owner,
  promises,
  type TestOrganisation,
} from './test-organisation.ts';

describe('erasure on revocation', () => {
  let foz: TestOrganisation;
  const revoke = (id: string, grant: string) =>
    foz.transaction((tx) => receiveEvent(tx, { id, event: { type: 'grant.revoked', grant } }, owner));
  const token = (id: number, grant: string) =>
    foz.product.query('insert into token values ($1, $2, $3, $4)', [id, 'a', grant, daysAgo(-20)]);
  const tokens = (grant: string) => foz.count('select count(*) from token where grant_id = $1', grant);

  before(async () => {
    foz = await openTestOrganisation({ working: true });
    await fill(foz);
    await foz.publish();
    await foz.approve();
    await foz.platform.tasks.settled();
  });
  after(() => foz.close());

  test('a token whose grant is revoked is gone within seconds, and every other stays', async () => {
    await token(1000, 'grant-1');
    await token(1001, 'grant-2');
    const started = performance.now();
    await revoke('event-1', 'grant-1');
    while ((await tokens('grant-1')) > 0) {
      assert.ok(performance.now() - started < 20_000, 'the token is still there after 20 s');
      await rest(20, new AbortController().signal);
    }
    await foz.platform.tasks.settled();
    assert.equal(await tokens('grant-2'), 1);
    assert.equal(await tokens('grant-a'), 1);
    assert.equal((await foz.prove('tokens-on-revocation')).status, 'kept');
  });

  test('the same event twice has one effect and one record', async () => {
    await revoke('event-1', 'grant-1');
    await foz.platform.tasks.settled();
    const erasures = await foz.transaction((tx) => tx.db.selectFrom('retention.erasure').selectAll().execute());
    assert.equal(erasures.length, 1);
    assert.equal(Number(erasures[0]?.disposed), 1);
    const kinds = await foz.transaction((tx) =>
      tx.db
        .selectFrom('ledger.pending')
        .select('kind')
        .where('kind', 'in', ['erasure.received', 'erasure.done'])
        .execute(),
    );
    assert.deepEqual(kinds.map(({ kind }) => kind).sort(), ['erasure.done', 'erasure.received']);
  });

  test('a token that comes back after its erasure is broken', async () => {
    await token(1002, 'grant-1');
    assert.equal((await foz.prove('tokens-on-revocation')).status, 'due');
    foz.clock.advance(120_000);
    const proof = await foz.prove('tokens-on-revocation');
    assert.deepEqual([proof.status, proof.reason?.code], ['broken', 'erasure-late']);
    await revoke('event-1-again', 'grant-1');
    await foz.platform.tasks.settled();
    assert.equal(await tokens('grant-1'), 0);
    assert.equal((await foz.prove('tokens-on-revocation')).status, 'kept');
    foz.clock.set(now);
  });

  test('a token that came back is found within the hour and goes again, though nobody sends the event again', async () => {
    await revoke('event-return', 'grant-return');
    await revoke('event-other', 'grant-other');
    await foz.platform.tasks.settled();
    await token(1010, 'grant-return');
    foz.clock.advance(120_000);
    assert.equal((await foz.prove('tokens-on-revocation')).status, 'broken');
    foz.clock.advance(3_600_000);
    await lookAfter(foz.platform, foz.organisationId);
    await foz.platform.tasks.settled();
    assert.equal(await tokens('grant-return'), 0);
    assert.equal((await foz.prove('tokens-on-revocation')).status, 'kept');
    const done = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.erasure').select(['value', 'disposed']).where('value', 'like', 'grant-%r%').execute(),
    );
    assert.deepEqual(
      done
        .filter(({ value }) => /return|other/.test(value))
        .map(({ value, disposed }) => [value, Number(disposed)])
        .sort(),
      [
        ['grant-other', 0],
        ['grant-return', 1],
      ],
    );
    foz.clock.set(now);
  });

  test('a held token stays, counted apart, and is erased when the hold is released', async () => {
    await token(1003, 'grant-held');
    const { id } = await placeHold(foz.platform, foz.organisationId, {
      target: { kind: 'rows', dataset: 'tokens', keys: [['1003']] },
      reason: 'Evidence',
      reviewOn: '2027-01-01',
      by: owner,
    });
    await revoke('event-held', 'grant-held');
    await foz.platform.tasks.settled();
    assert.equal(await tokens('grant-held'), 1);
    const proof = await foz.prove('tokens-on-revocation');
    assert.deepEqual([proof.status, proof.measurement?.places[0]?.held], ['kept', 1]);
    await releaseHold(foz.platform, foz.organisationId, id, 'Done', owner);
    await foz.platform.tasks.settled();
    assert.equal(await tokens('grant-held'), 0);
    const open = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.erasure').selectAll().where('done_at', 'is', null).execute(),
    );
    assert.deepEqual(open, []);
  });

  test('a grant that has no token leaves a record and no harm', async () => {
    const before = await foz.count('select count(*) from token');
    await revoke('event-nothing', 'grant-nobody');
    await foz.platform.tasks.settled();
    assert.equal(await foz.count('select count(*) from token'), before);
  });
});

describe('erasure of a person who was deleted elsewhere', () => {
  let foz: TestOrganisation;
  const gone = (id: string, person: string) =>
    foz.transaction((tx) => receiveEvent(tx, { id, event: { type: 'person.deleted', person } }, owner));
  const contact = async (id: number) => {
    await foz.product.query('insert into contact values ($1, $2, $3)', [id, 'a', 'Ana Sintética']);
    await foz.product.query('insert into message values ($1, $2, $3, $4, $5)', [id * 10, id, 'a', 'hello', daysAgo(1)]);
    await foz.product.query('insert into message values ($1, $2, $3, $4, $5)', [
      id * 10 + 1,
      id,
      'a',
      'bye',
      daysAgo(1),
    ]);
  };
  const left = (id: number) =>
    foz.count(
      'select (select count(*) from contact where id = $1) + (select count(*) from message where contact_id = $1)',
      id,
    );

  before(async () => {
    foz = await openTestOrganisation({ working: true });
    await fill(foz);
    const erased = { erase: { data: ['contact', 'message'], on: 'deleted-elsewhere', within: 'PT1M' } };
    await foz.publish({
      promises: { ...promises, 'people-deleted-elsewhere': erased },
      datasets: {
        ...datasets,
        contacts: { ...datasets['contacts'], events: { 'deleted-elsewhere': 'id' } },
        messages: { ...datasets['messages'], events: { 'deleted-elsewhere': 'contact_id' } },
      },
    });
    await foz.approve();
    await foz.platform.tasks.settled();
  });
  after(() => foz.close());

  test('the person and what hangs on them goes, everybody else stays, and it is proven', async () => {
    await contact(5000);
    await contact(5001);
    const tokens = await foz.count('select count(*) from token');
    await gone('person-1', '5000');
    await foz.platform.tasks.settled();
    assert.equal(await left(5000), 0);
    assert.equal(await left(5001), 3);
    assert.equal(await foz.count('select count(*) from token'), tokens, 'a person is no grant');
    const proof = await foz.prove('people-deleted-elsewhere');
    assert.deepEqual([proof.status, proof.measurement?.places.length], ['kept', 2]);
    const erasures = await foz.transaction((tx) => tx.db.selectFrom('retention.erasure').selectAll().execute());
    assert.deepEqual(erasures.map(({ dataset, disposed }) => `${dataset} ${disposed}`).sort(), [
      'contacts 1',
      'messages 2',
    ]);
  });

  test('a person who comes back after being erased breaks the promise, until they go again', async () => {
    await contact(5000);
    assert.equal((await foz.prove('people-deleted-elsewhere')).status, 'due');
    foz.clock.advance(120_000);
    const proof = await foz.prove('people-deleted-elsewhere');
    assert.deepEqual([proof.status, proof.reason?.code], ['broken', 'erasure-late']);
    await gone('person-1-again', '5000');
    await foz.platform.tasks.settled();
    assert.equal((await foz.prove('people-deleted-elsewhere')).status, 'kept');
    foz.clock.set(now);
  });

  test('a key that cannot be one of the store’s finds nobody and stands in nobody’s way', async () => {
    await contact(5002);
    await gone('person-odd', "p-77' or true --");
    await gone('person-2', '5002');
    await foz.platform.tasks.settled();
    assert.equal(await left(5002), 0);
    assert.equal(await left(5001), 3);
    assert.equal((await foz.prove('people-deleted-elsewhere')).status, 'kept');
  });

  test('nothing follows from it where the policy promises nothing', async () => {
    await foz.publish();
    await contact(5003);
    await gone('person-3', '5003');
    await foz.platform.tasks.settled();
    assert.equal(await left(5003), 3);
  });
});
