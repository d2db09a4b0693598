import type { Obstacle, Target } from '../connector.ts';
import { nearestNames } from '../nearest.ts';
import type { ForeignKey, Relation } from './catalogue.ts';
import { quote } from './quote.ts';

/** Without an index on the referencing columns each deleted row costs a pass over the referencing table. */
export function unindexedObstacles(relation: Relation, keys: readonly ForeignKey[]): Obstacle[] {
  return keys
    .filter((key) => key.to === relation.name && !key.indexed)
    .map((key) => ({
      code: 'unindexed-foreign-key',
      place: `${key.from}.${key.constraint}`,
      explanation:
        `${key.from} (${key.fromColumns.join(', ')}) refers to ${relation.name} and has no index on it: ` +
        `every deleted row would read all of ${key.from}, a hundred thousand times the work.`,
      remedy: `create index concurrently on ${key.fromSql} (${key.fromColumns.map(quote).join(', ')});`,
      nearest: [],
    }));
}

/** Edges that decide an order. Where PostgreSQL itself sets the reference to null or a default, none is needed. */
function binds(key: ForeignKey): boolean {
  return key.onDelete === 'cascade' || key.onDelete === 'restrict' || key.onDelete === 'no action';
}

/** Tables that refer to each other in a circle have no leaf to begin with, until a person says where to cut. */
export function cycleObstacles(relation: Relation, target: Target, keys: readonly ForeignKey[]): Obstacle[] {
  const obstacles: Obstacle[] = [];
  const declared = new Set(target.breakCycleAt);
  const names = new Set(keys.map((key) => key.constraint));
  for (const constraint of declared) {
    if (!names.has(constraint)) obstacles.push(unknownBreak(relation, constraint, names));
  }
  for (const key of keys) {
    if (declared.has(key.constraint) && key.to === relation.name && key.fromNotNull) obstacles.push(notNullBreak(key));
  }
  const circle = circleThrough(
    relation.name,
    keys.filter((key) => binds(key) && !declared.has(key.constraint)),
  );
  if (circle !== null) obstacles.push(undeclaredCycle(relation, circle));
  return obstacles;
}

/** Foreign keys that lead from a table back to itself, in order; null where there is no such way. */
function circleThrough(start: string, keys: readonly ForeignKey[]): readonly ForeignKey[] | null {
  const ways: { at: string; way: readonly ForeignKey[] }[] = [{ at: start, way: [] }];
  const seen = new Set<string>();
  for (let next = ways.shift(); next !== undefined; next = ways.shift()) {
    const { at, way } = next;
    for (const key of keys.filter(({ from }) => from === at)) {
      if (key.to === start) return [...way, key];
      if (seen.has(key.to)) continue;
      seen.add(key.to);
      ways.push({ at: key.to, way: [...way, key] });
    }
  }
  return null;
}

function undeclaredCycle(relation: Relation, circle: readonly ForeignKey[]): Obstacle {
  const candidates = circle.filter((key) => !key.fromNotNull).map((key) => key.constraint);
  const route = [relation.name, ...circle.map((key) => key.to)].join(' → ');
  return {
    code: 'foreign-key-cycle',
    place: relation.name,
    explanation: `Foreign keys lead in a circle (${route}), so there is no order in which rows could go.`,
    remedy:
      candidates.length === 0
        ? 'Allow null in the referencing column of one of these foreign keys and declare the cycle to be cut there.'
        : `Declare in the data map where to cut the cycle: ${candidates.join(' or ')}.`,
    nearest: candidates,
  };
}

function unknownBreak(relation: Relation, constraint: string, names: Iterable<string>): Obstacle {
  return {
    code: 'foreign-key-cycle',
    place: relation.name,
    explanation: `There is no foreign key ${constraint} at which a cycle could be cut.`,
    remedy: 'Correct the name of the constraint in the data map.',
    nearest: nearestNames(constraint, names),
  };
}

function notNullBreak(key: ForeignKey): Obstacle {
  return {
    code: 'foreign-key-cycle',
    place: `${key.from}.${key.constraint}`,
    explanation: `The cycle is to be cut at ${key.constraint}, but ${key.fromColumns.join(', ')} does not allow null.`,
    remedy: `alter table ${key.fromSql} ${key.fromColumns.map((name) => `alter column ${quote(name)} drop not null`).join(', ')};`,
    nearest: [],
  };
}
