import type { PoolClient } from 'pg';
import type { Action, Inspection, Obstacle, Path, Target } from '../connector.ts';
import { nearestNames } from '../nearest.ts';
import type { ForeignKey, Relation } from './catalogue.ts';
import { choosePath } from './choose-path.ts';
import { type Access, accessObstacles } from './inspect-access.ts';
import { cycleObstacles, unindexedObstacles } from './inspect-keys.ts';
import { estimatedRows, readParts } from './parts.ts';
import { clockTypes } from './predicate.ts';
import { catalogueLimits } from './session.ts';
import type { PostgresSystem } from './system.ts';

const allActions: readonly Action['kind'][] = ['delete', 'anonymise'];

/** Everything that stands in the way of disposing of a target, with remedies; and how it would be done. */
export async function inspect(
  system: PostgresSystem,
  target: Target,
  clocks: readonly string[],
  actions: readonly Action['kind'][] = allActions,
): Promise<Inspection> {
  system.catalogue.forget();
  return system.sessions.use(catalogueLimits, async (client) => {
    const relation = await system.catalogue.findRelation(client, target.name);
    if (relation === undefined) return absent([await missingTable(client, target.name)]);
    if (relation.kind === 'view') return absent([viewObstacle(relation)]);
    const parts = await readParts(client, relation);
    const { path, reason } = choosePath(target, relation, parts, clocks);
    const keys = await system.catalogue.foreignKeys(client);
    const needs: Access[] = [];
    const obstacles = [
      ...columnObstacles(relation, target, clocks),
      ...keyObstacles(relation, target),
      ...(await pathObstacles(system, client, relation, target, needs)),
      ...unindexedObstacles(relation, keys),
      ...cycleObstacles(relation, target, keys),
    ];
    const rights = rightsOf(target, actions);
    needs.push({ sql: relation.sql, name: relation.name, oid: relation.oid, rights });
    for (const part of parts) {
      if (part.oid !== relation.oid && !part.empty)
        needs.push({ sql: part.sql, name: part.name, oid: part.oid, rights });
    }
    obstacles.push(...(await accessObstacles(client, needs)));
    return {
      obstacles,
      path,
      pathReason: reason,
      dependants: keys.filter((key) => key.to === relation.name).map(dependantOf),
      references: keys
        .filter((key) => key.from === relation.name)
        .map((key) => ({ table: key.to, constraint: key.constraint })),
      rowEstimate: Math.round(estimatedRows(parts)),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      partitions: parts
        .filter((part) => part.rangedBy !== null)
        .map((part) => ({ name: part.name, from: part.from, to: part.to })),
    };
  });
}

function dependantOf(key: ForeignKey): Inspection['dependants'][number] {
  return { table: key.from, constraint: key.constraint, onDelete: key.onDelete, indexed: key.indexed };
}

function absent(obstacles: readonly Obstacle[]): Inspection {
  return {
    obstacles,
    path: 'tid-range',
    pathReason: 'There is nothing to choose a path for.',
    dependants: [],
    references: [],
    rowEstimate: 0,
    bytes: 0,
    partitions: [],
  };
}

async function missingTable(client: PoolClient, name: string): Promise<Obstacle> {
  const found = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'f') and not c.relispartition
        and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  const names = found.rows.map((row) => row.name);
  const asked = name.includes('.') ? name : `public.${name}`;
  return {
    code: 'missing-table',
    place: name,
    explanation: `There is no table ${name} that the role of this credential can see.`,
    remedy: 'Correct the name of the table in the data map, or create the table.',
    nearest: nearestNames(asked, names),
  };
}

function viewObstacle(relation: Relation): Obstacle {
  return {
    code: 'missing-table',
    place: relation.name,
    explanation: `${relation.name} is a view, which holds no rows of its own.`,
    remedy: 'Name the tables behind the view in the data map.',
    nearest: [],
  };
}

function missingColumn(relation: Relation, name: string, what: string): Obstacle {
  return {
    code: 'missing-column',
    place: `${relation.name}.${name}`,
    explanation: `Table ${relation.name} has no column ${name}, which the data map names as ${what}.`,
    remedy: 'Correct the column in the data map, or create it.',
    nearest: nearestNames(name, relation.columns.keys()),
  };
}

function columnObstacles(relation: Relation, target: Target, clocks: readonly string[]): Obstacle[] {
  const obstacles: Obstacle[] = [];
  const stamps = target.anonymisedAt === undefined ? clocks : [...clocks, target.anonymisedAt];
  for (const clock of stamps) {
    const column = relation.columns.get(clock);
    if (column === undefined) obstacles.push(missingColumn(relation, clock, 'a clock'));
    else if (!clockTypes.includes(column.type)) {
      obstacles.push({
        code: 'not-a-clock',
        place: `${relation.name}.${clock}`,
        explanation: `Column ${clock} of ${relation.name} is ${column.type}, which tells no age.`,
        remedy: 'Name a column of type timestamptz, timestamp or date.',
        nearest: [...relation.columns.values()].filter(({ type }) => clockTypes.includes(type)).map(({ name }) => name),
      });
    }
  }
  for (const { column } of target.attachments) {
    if (!relation.columns.has(column)) obstacles.push(missingColumn(relation, column, 'the path of a file'));
  }
  return obstacles;
}

function keyObstacles(relation: Relation, target: Target): Obstacle[] {
  const missing = target.key.filter((name) => !relation.columns.has(name));
  if (missing.length > 0) return missing.map((name) => missingColumn(relation, name, 'part of the key'));
  const isUnique = [relation.primaryKey, ...relation.uniqueKeys].some(
    (key) => key.length > 0 && key.every((name) => target.key.includes(name)),
  );
  if (isUnique || (target.key.length === 0 && target.attachments.length === 0)) return [];
  return [
    {
      code: 'missing-key',
      place: relation.name,
      explanation: `No unique index of ${relation.name} is covered by the key (${target.key.join(', ')}) of the data map.`,
      remedy: `Name the primary key in the data map, or create a unique index concurrently on ${relation.sql}.`,
      nearest: relation.primaryKey,
    },
  ];
}

/** Follows each path of the target and notes which tables will be read on the way. */
async function pathObstacles(
  system: PostgresSystem,
  client: PoolClient,
  relation: Relation,
  target: Target,
  needs: Access[],
): Promise<Obstacle[]> {
  const paths = new Map<string, Path>(Object.entries(target.subjects).map(([kind, path]) => [`subject ${kind}`, path]));
  if (target.account !== undefined) paths.set('the account', target.account);
  const obstacles: Obstacle[] = [];
  for (const [what, path] of paths) {
    let here = relation;
    for (const step of path.through) {
      if (!here.columns.has(step.from)) obstacles.push(missingColumn(here, step.from, `the way to ${what}`));
      const next = await system.catalogue.findRelation(client, step.table);
      if (next === undefined) {
        obstacles.push(await missingTable(client, step.table));
        return obstacles;
      }
      if (!next.columns.has(step.to)) obstacles.push(missingColumn(next, step.to, `the way to ${what}`));
      needs.push({ sql: next.sql, name: next.name, oid: next.oid, rights: ['select'] });
      here = next;
    }
    if (!here.columns.has(path.column)) obstacles.push(missingColumn(here, path.column, what));
  }
  return obstacles;
}

function rightsOf(target: Target, actions: readonly Action['kind'][]): Access['rights'] {
  const updates = actions.includes('anonymise') || target.attachments.length > 0;
  const deletes = actions.includes('delete');
  return ['select', ...(deletes ? (['delete'] as const) : []), ...(updates ? (['update'] as const) : [])];
}
