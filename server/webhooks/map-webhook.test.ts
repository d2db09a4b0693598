import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { mapWebhook } from './map-webhook.ts';
import { rulesSchema } from './mapping-contract.ts';
import { at, readBody } from './read-webhook.ts';

type Rules = z.input<typeof rulesSchema>;

function map(rules: Rules, value: unknown, headers: Readonly<Record<string, string>> = {}) {
  return mapWebhook(rulesSchema.parse(rules), { headers: new Map(Object.entries(headers)), value });
}
const body = (pointer: string) => ({ in: 'body', pointer }) as const;
const item = (pointer: string) => ({ in: 'item', pointer }) as const;

const cancelled: Rules[number] = {
  key: 'gone',
  when: [{ at: body('/type'), is: 'equal', to: 'customer.deleted' }],
  event: { type: 'account.cancelled', account: body('/data/object/id'), at: body('/created') },
};

test('a rule reads its values where it says, and only when its conditions hold', () => {
  const value = { type: 'customer.deleted', created: 1_731_705_121, data: { object: { id: 'cus_1' } } };
  const { events, trouble, rules } = map([cancelled], value);
  assert.deepEqual(events, [
    { rule: 'gone', type: 'account.cancelled', about: 'cus_1', at: '2024-11-15T21:12:01.000Z' },
  ]);
  assert.deepEqual(trouble, []);
  assert.deepEqual(rules, [{ rule: 'gone', applied: 1, failedCondition: null }]);
  const other = map([cancelled], { ...value, type: 'customer.updated' });
  assert.deepEqual([other.events, other.trouble], [[], []]);
  assert.deepEqual(other.rules, [{ rule: 'gone', applied: 0, failedCondition: 0 }]);
});

test('each kind of condition holds and does not', () => {
  const value = { a: 1, b: null, c: 'x', d: '1', e: false };
  const headers = { 'x-topic': 'shop/redact' };
  const table: readonly [Exclude<Rules[number]['when'], undefined>[number], boolean][] = [
    [{ at: body('/a'), is: 'equal', to: 1 }, true],
    [{ at: body('/d'), is: 'equal', to: 1 }, false],
    [{ at: body('/b'), is: 'equal', to: null }, true],
    [{ at: body('/z'), is: 'equal', to: null }, false],
    [{ at: body('/e'), is: 'equal', to: false }, true],
    [{ at: body('/a'), is: 'not-equal', to: 2 }, true],
    [{ at: body('/z'), is: 'not-equal', to: 2 }, true],
    [{ at: body('/c'), is: 'one-of', to: ['w', 'x'] }, true],
    [{ at: body('/c'), is: 'one-of', to: ['w'] }, false],
    [{ at: body('/b'), is: 'present' }, true],
    [{ at: body('/z'), is: 'present' }, false],
    [{ at: body('/z'), is: 'absent' }, true],
    [{ at: body('/toString'), is: 'absent' }, true],
    [{ at: { in: 'header', name: 'X-Topic' }, is: 'equal', to: 'shop/redact' }, true],
    [{ at: { in: 'header', name: 'x-other' }, is: 'present' }, false],
  ];
  for (const [condition, holds] of table) {
    const rule: Rules[number] = {
      key: 'k',
      when: [condition],
      event: { type: 'person.deleted', person: { in: 'text', text: 'p' } },
    };
    assert.equal(map([rule], value, headers).events.length, holds ? 1 : 0, JSON.stringify(condition));
  }
});

/** As Meta sends: several entries, each with several changes. */
const meta = {
  object: 'permissions',
  entry: [
    {
      id: 1,
      changes: [
        { field: 'x', value: { who: 'u-1' } },
        { field: 'deleted', value: { who: 'u-2' } },
      ],
    },
    { id: 2, changes: [{ field: 'deleted', value: { who: 9_007_199_254_740_991 } }] },
    { id: 3 },
  ],
};
const perChange: Rules[number] = {
  key: 'each-change',
  forEach: '/entry/*/changes',
  when: [
    { at: body('/object'), is: 'equal', to: 'permissions' },
    { at: item('/field'), is: 'equal', to: 'deleted' },
  ],
  event: { type: 'person.deleted', person: item('/value/who') },
};

test('a rule over lists of lists makes an event of each element that is meant', () => {
  const { events, trouble } = map([perChange], meta);
  assert.deepEqual(
    events.map(({ about }) => about),
    ['u-2', '9007199254740991'],
  );
  assert.deepEqual(trouble, []);
});

test('what fails is told with its place, and the others happen all the same', () => {
  const broken = structuredClone(meta);
  Reflect.deleteProperty(broken.entry[0]?.changes?.[1]?.value ?? {}, 'who');
  const { events, trouble } = map([perChange], broken);
  assert.equal(events.length, 1);
  assert.deepEqual(trouble, [
    { rule: 'each-change', field: 'event.person', code: 'value-missing', at: '/entry/0/changes/1/value/who' },
  ]);
});

test('a list that is none is trouble where the webhook is meant, and nothing where it is not', () => {
  const odd = { object: 'permissions', entry: [{ changes: 'none' }] };
  assert.deepEqual(map([perChange], odd).trouble, [
    { rule: 'each-change', field: 'forEach', code: 'not-a-list', at: '/entry/0/changes' },
  ]);
  assert.deepEqual(map([perChange], { ...odd, object: 'page' }).trouble, []);
  assert.deepEqual(map([perChange], { object: 'permissions' }).trouble, []);
});

test('more elements than a thousand are told, and the first thousand happen', () => {
  const many = { list: Array.from({ length: 1_500 }, (_, n) => ({ id: `p-${n}` })) };
  const { events, trouble } = map(
    [{ key: 'many', forEach: '/list', event: { type: 'person.deleted', person: item('/id') } }],
    many,
  );
  assert.equal(events.length, 1_000);
  assert.deepEqual(
    trouble.map(({ code }) => code),
    ['too-many-items'],
  );
});

test('one webhook causes a thousand events at most, whatever its rules', () => {
  const many = { list: Array.from({ length: 800 }, (_, n) => ({ id: `p-${n}` })) };
  const rule = (key: string, pointer: string) =>
    ({ key, forEach: '/list', event: { type: 'person.deleted', person: item(pointer) } }) as const;
  const { events, trouble } = map([rule('one', '/id'), rule('two', '/id')], many);
  assert.equal(events.length, 1_000);
  assert.deepEqual(trouble, [{ rule: 'two', field: 'forEach', code: 'too-many-items', at: '/list/200' }]);
  const failing = map([rule('one', '/none'), rule('two', '/none')], many).trouble;
  assert.equal(failing.length, 1_001);
});

test('no value is taken that is no key, no time or no address, and none is repeated in what is told', () => {
  const account = (found: unknown) =>
    map([{ key: 'k', event: { type: 'account.reactivated', account: body('/v') } }], { v: found });
  const codes: readonly [unknown, string | null][] = [
    ['a', null],
    [12, null],
    [undefined, 'value-missing'],
    [null, 'value-missing'],
    ['', 'value-missing'],
    [{ x: 1 }, 'value-not-text'],
    [['a'], 'value-not-text'],
    [true, 'value-not-text'],
    [1.5, 'value-not-text'],
    ['a'.repeat(501), 'value-too-long'],
    ['a\u0000', 'value-not-storable'],
    ['a\ud800', 'value-not-storable'],
  ];
  for (const [found, code] of codes) assert.equal(account(found).trouble[0]?.code ?? null, code, JSON.stringify(found));

  const times: readonly [unknown, string | null][] = [
    ['2026-11-20T12:00:00-03:00', '2026-11-20T15:00:00.000Z'],
    [1_731_705_121, '2024-11-15T21:12:01.000Z'],
    ['1731705121', '2024-11-15T21:12:01.000Z'],
    [1_731_705_121_500, '2024-11-15T21:12:01.500Z'],
    ['yesterday', null],
    ['2026-11-20', null],
    [-5, null],
    [9e15, null],
    [undefined, null],
  ];
  for (const [found, expected] of times) {
    const { events, trouble } = map([cancelled], {
      type: 'customer.deleted',
      created: found,
      data: { object: { id: 'c' } },
    });
    assert.equal(events[0]?.at ?? null, expected, JSON.stringify(found));
    if (expected === null)
      assert.deepEqual(
        trouble.map(({ code, at: place }) => [code, place]),
        [['not-an-instant', '/created']],
      );
  }

  const optOut: Rules = [{ key: 'o', event: { type: 'contact.opted-out', contact: body('/email') } }];
  assert.equal(map(optOut, { email: ' ana@example.org ' }).events[0]?.about, 'ana@example.org');
  for (const odd of ['ana', 'ana@example.org, rui@example.org', 'Ana <ana@example.org>', 'a@b\r\nBcc: c@d']) {
    const { events, trouble } = map(optOut, { email: odd });
    assert.deepEqual([events.length, trouble[0]?.code], [0, 'not-an-address'], odd);
    assert.ok(!JSON.stringify(trouble).includes(odd));
  }
});

test('rules that cannot be meant are refused', () => {
  const refused: readonly unknown[] = [
    [cancelled, cancelled],
    [{ key: 'k', event: { type: 'person.deleted', person: item('/x') } }],
    [{ key: 'Not A Key', event: cancelled.event }],
    [{ key: 'k', event: { type: 'person.deleted', person: body('no-slash') } }],
    [{ key: 'k', event: { type: 'person.deleted', person: body('/a~2') } }],
    [{ key: 'k', event: { type: 'everything.deleted', person: body('/a') } }],
    [{ key: 'k', event: { type: 'person.deleted', account: body('/a') } }],
    [{ key: 'k', when: [{ at: body('/a'), is: 'matches', to: '.*' }], event: cancelled.event }],
  ];
  for (const rules of refused) assert.equal(rulesSchema.safeParse(rules).success, false, JSON.stringify(rules));
});

test('pointers follow RFC 6901, over own members only', () => {
  const value = JSON.parse('{"a/b":1,"m~n":2,"":3,"l":["x",["y"]],"__proto__":{"z":4},"~1":5}');
  const table: readonly [string, unknown][] = [
    ['', value],
    ['/a~1b', 1],
    ['/m~0n', 2],
    ['/', 3],
    ['/l/0', 'x'],
    ['/l/1/0', 'y'],
    ['/l/01', undefined],
    ['/l/-', undefined],
    ['/l/length', undefined],
    ['/__proto__/z', 4],
    ['/constructor', undefined],
    ['/~01', 5],
    ['/l/0/x', undefined],
  ];
  for (const [pointer, expected] of table) assert.deepEqual(at(value, pointer), expected, pointer);
});

test('JSON, forms and what is neither are read as what they are', () => {
  const read = (type: string | null, text: string | Buffer) => readBody(type, Buffer.from(text));
  assert.deepEqual(read('application/json', '{"a":[1]}'), { a: [1] });
  assert.deepEqual(read('application/vnd.api+json; charset=utf-8', '"a"'), 'a');
  assert.deepEqual(read(null, '{"a":1}'), { a: 1 });
  assert.deepEqual(read('application/x-www-form-urlencoded', 'a=1&b=%C3%A7+x&a=2'), { a: ['1', '2'], b: 'ç x' });
  assert.deepEqual(read('application/json', '\ufeff{"a":1}'), { a: 1 });
  // Ids of 64 bits keep their digits.
  assert.deepEqual(read('application/json', '{"id":12345678901234567890,"n":1e400,"s":9007199254740991}'), {
    id: '12345678901234567890',
    n: Number.POSITIVE_INFINITY,
    s: 9_007_199_254_740_991,
  });
  for (const odd of ['', '{"a":', '<xml/>', '['.repeat(200_000), Buffer.from([0xff, 0xfe, 0x7b])])
    assert.equal(read('application/json', odd), undefined);
  assert.equal(read('application/x-www-form-urlencoded', ''), undefined);
});

test('an object with very many members is not gone through for each element of a list', () => {
  const many = Object.fromEntries(Array.from({ length: 80_000 }, (_, index) => [`m${index}`, 0]));
  const value = readBody(
    'application/json',
    Buffer.from(JSON.stringify({ ...many, list: Array(1_000).fill(0), z: 1 })),
  );
  const began = performance.now();
  const rule = { ...cancelled, forEach: '/list', when: [{ at: body('/z'), is: 'equal', to: 2 } as const] };
  assert.equal(map([rule], value).events.length, 0);
  assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
});
