import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { leafFirst } from './order.ts';

const item = (place: string, parents: string[] = [], last = false) => ({ place, parents, last });

test('children go before parents, the account last, and equals keep their order', () => {
  const order = leafFirst([
    item('account', [], true),
    item('message', ['contact', 'account']),
    item('log'),
    item('contact', ['account']),
    item('file', ['message']),
  ]).map(({ place }) => place);
  assert.deepEqual(order, ['log', 'file', 'message', 'contact', 'account']);
});

test('whatever points at whatever, a child of an acyclic graph never goes after its parent', () => {
  const edges = fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 40 });
  fc.assert(
    fc.property(edges, fc.shuffledSubarray([...Array(13).keys()], { minLength: 13 }), (pairs, order) => {
      // An edge from a smaller to a larger number cannot be part of a cycle.
      const parentsOf = (child: number) =>
        pairs.filter(([from, to]) => from < to && from === child).map(([, to]) => String(to));
      const sorted = leafFirst(order.map((number) => item(String(number), parentsOf(number)))).map(
        ({ place }) => place,
      );
      for (const [from, to] of pairs)
        if (from < to) assert.ok(sorted.indexOf(String(from)) < sorted.indexOf(String(to)));
    }),
  );
});

test('a cycle is cut somewhere and loses nobody', () => {
  const order = leafFirst([item('a', ['b']), item('b', ['a']), item('c', ['c'])]).map(({ place }) => place);
  assert.deepEqual([...order].sort(), ['a', 'b', 'c']);
});
