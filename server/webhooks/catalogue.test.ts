import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { entryBodies } from '../ledger/bodies-contract.ts';
import { bodyOf } from '../ledger/body-contract.ts';
import { entryKinds, entryKindTable } from '../ledger/kinds-contract.ts';
import { misfitsOf } from '../ledger/test-closing-check.ts';
import { describeEvents, eventVersionOf } from './catalogue.ts';
import { eventKindSchema } from './catalogue-contract.ts';
import { lossesIn, readReleased, writeReleased } from './compare-events.ts';
import { generatedFiles } from './event-documents.ts';

const kinds = describeEvents();
const released = readReleased(readFileSync(join(import.meta.dirname, 'testdata', 'released-events.jsonl'), 'utf8'));

test('every kind has a schema, an example that fits it, and words for each of its fields', () => {
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    [...entryKinds],
  );
  for (const one of kinds) {
    eventKindSchema.parse(one);
    assert.equal(eventVersionOf(one.kind), one.version);
    assert.ok(entryBodies[one.kind].schema.safeParse(one.example.data).success, one.kind);
    const { properties = {} } = one.schema;
    const words = entryKindTable[one.kind].body;
    for (const field of Object.keys(properties ?? {}))
      assert.ok(words.includes(field), `${one.kind} says nothing of ${field}`);
  }
});

test('a released kind loses nothing, and says with its version that it changed', () => {
  assert.deepEqual(lossesIn(released, kinds), []);
  assert.ok(released.length > 50);
});

test('a kind that goes, a field that goes, is not always there or has another type, is seen', () => {
  const hold = kinds.filter(({ kind }) => kind === 'hold.placed');
  const before = readReleased(writeReleased(hold));
  const [now] = hold;
  assert.ok(now !== undefined);
  const changed = (change: (schema: Record<string, unknown>) => unknown, version = 2) => {
    const schema = structuredClone({ ...now.schema });
    change(schema);
    return lossesIn(before, [{ ...now, version, schema }]);
  };
  const fields = (schema: Record<string, unknown>): Record<string, unknown> => {
    const { properties } = schema;
    assert.ok(typeof properties === 'object' && properties !== null);
    return Object.assign(properties);
  };
  assert.deepEqual(lossesIn(before, []), ['hold.placed is gone']);
  assert.deepEqual(
    changed((schema) => delete fields(schema)['scope']),
    ['hold.placed.scope is gone'],
  );
  assert.deepEqual(
    changed((schema) => Object.assign(schema, { required: ['hold', 'scope'] })),
    ['hold.placed.reviewOn is not always there any more'],
  );
  assert.deepEqual(
    changed((schema) => Object.assign(fields(schema), { hold: { type: 'integer' } })),
    ['hold.placed.hold may be integer now'],
  );
  assert.deepEqual(
    changed((schema) => Object.assign(fields(schema), { hold: { anyOf: [{ type: 'string' }, { type: 'null' }] } })),
    ['hold.placed.hold may be null now'],
  );
  const gained = (schema: Record<string, unknown>) => Object.assign(fields(schema), { more: { type: 'string' } });
  assert.deepEqual(changed(gained), []);
  assert.deepEqual(changed(gained, 1), ['hold.placed changed, and is still version 1']);
  assert.deepEqual(
    changed((schema) => Object.assign(schema, { description: 'other words' }), 1),
    [],
  );
});

test('an entry that does not fit its kind is seen as the test database closes', () => {
  const leaf = (body: unknown) => JSON.stringify({ kind: 'hold.released', body });
  assert.deepEqual(misfitsOf(leaf(entryBodies['hold.released'].example)), []);
  for (const body of [{}, { hold: 'h-1' }, { ...entryBodies['hold.released'].example, more: 1 }, null])
    assert.equal(misfitsOf(leaf(body)).length, 1, JSON.stringify(body));
  assert.equal(bodyOf({}, {}).schema.safeParse({ more: 1 }).success, false);
});

test('the guide tells of every kind', () => {
  const [guide] = generatedFiles();
  for (const { kind } of kinds) assert.ok(guide?.content.includes(`## \`${kind}\``), kind);
});
