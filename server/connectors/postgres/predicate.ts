import type { ClientBase } from 'pg';
import { type Condition, type Exclusion, type Path, StatementRefused, type Target } from '../connector.ts';
import { notAnonymised } from './anonymise.ts';
import { type Catalogue, type Column, columnOf, type ForeignKey, type Relation } from './catalogue.ts';
import { type Parameters, quote } from './quote.ts';

/** What SQL is written against: the relation's columns under this alias. */
export interface Scope {
  readonly client: ClientBase;
  readonly catalogue: Catalogue;
  readonly timeZone: string;
  readonly target: Target;
  readonly relation: Relation;
  readonly alias: string;
  readonly parameters: Parameters;
}

/**
 * A condition as SQL. True for rows that are meant; null or false for all others, a null clock included.
 * Throws `StatementRefused` for columns or tables that are not there.
 */
export async function conditionSql(scope: Scope, condition: Condition): Promise<string> {
  const { parameters, target } = scope;
  switch (condition.kind) {
    case 'older':
      return olderSql(scope, condition.clock, condition.before);
    case 'of-accounts':
      return pathSql(scope, accountPath(target), (column, sql) => isOneOf(parameters, column, sql, condition.accounts));
    case 'not-of-accounts':
      return pathSql(
        scope,
        accountPath(target),
        // Written so that a null account is no match: whose it is cannot be said.
        (column, sql) => `(not ${isOneOf(parameters, column, sql, condition.accounts)})`,
      );
    case 'equals': {
      const column = columnOf(scope.relation, condition.column);
      // They come from outside. One that no row can have finds none, and is not to refuse the statement for the others.
      const values = condition.values.filter((value) => canBe(column, value));
      return isOneOf(parameters, column, `${scope.alias}.${column.sql}`, values);
    }
    case 'orphaned':
      return orphanedSql(scope, condition.path);
    case 'owner-older': {
      const { table, from, to } = condition.through;
      const owner = await scope.catalogue.getRelation(scope.client, table);
      const key = columnOf(owner, to);
      const link = `owner.${key.sql} ${key.equals} ${scope.alias}.${columnOf(scope.relation, from).sql}`;
      const older = olderSql({ ...scope, relation: owner, alias: 'owner' }, condition.clock, condition.before);
      return `exists (select from ${owner.sql} as owner where ${link} and ${older})`;
    }
    case 'not-anonymised':
      return notAnonymised(target, scope.relation, scope.alias, condition.fields, parameters);
    case 'guarded':
      return guardedSql(scope);
    case 'all': {
      const parts = [];
      for (const part of condition.of) parts.push(await conditionSql(scope, part));
      return parts.length === 0 ? 'true' : `(${parts.join(' and ')})`;
    }
  }
}

async function guardedSql({ client, catalogue, target, relation, alias }: Scope): Promise<string> {
  const guards = (await catalogue.foreignKeys(client)).filter(
    ({ to, constraint }) =>
      to === relation.name &&
      (target.guardedBy ?? []).includes(constraint) &&
      !target.breakCycleAt.includes(constraint),
  );
  const pointing = guards.map(
    (edge) => `exists (select from ${edge.fromSql} as guard where ${linksOf(edge, relation, 'guard', alias)})`,
  );
  return pointing.length === 0 ? 'false' : `(${pointing.join(' or ')})`;
}

/** The columns of a foreign key set equal: `from` is an alias of the referencing table, `to` of the referenced one. */
export function linksOf(edge: ForeignKey, relation: Relation, from: string, to: string): string {
  return edge.fromColumns
    .map((name, index) => {
      const referenced = edge.toColumns[index] ?? name;
      const { equals } = columnOf(relation, referenced);
      return `${from}.${quote(name)} ${equals} ${to}.${quote(referenced)}`;
    })
    .join(' and ');
}

/** An exclusion as SQL that may be null; null where it excludes nothing. Use with `is true` or `is not true`. */
export async function exclusionSql(scope: Scope, exclusion: Exclusion): Promise<string | null> {
  const { parameters, target } = scope;
  if (exclusion.dataset) return 'true';
  const parts: string[] = [];
  if (exclusion.accounts.length > 0 && target.account !== undefined) {
    parts.push(
      await pathSql(scope, target.account, (column, sql) => isOneOf(parameters, column, sql, exclusion.accounts)),
    );
  }
  for (const [kind, subjects] of Object.entries(exclusion.subjects)) {
    const path = target.subjects[kind];
    if (subjects.length === 0 || path === undefined) continue;
    parts.push(await pathSql(scope, path, (column, sql) => isOneOf(parameters, column, sql, subjects)));
  }
  if (exclusion.keys.length > 0) parts.push(keysSql(scope, exclusion.keys));
  return parts.length === 0 ? null : `(${parts.join(' or ')})`;
}

/** Rows that are meant and may go. */
export async function disposableSql(scope: Scope, condition: Condition, exclusion: Exclusion): Promise<string> {
  const meant = await conditionSql(scope, condition);
  const stays = await exclusionSql(scope, exclusion);
  return stays === null ? meant : `${meant} and ${stays} is not true`;
}

/** Whether the condition is age by this clock and nothing else, so that a partition's bounds alone can prove it. */
export function cutoffOf(condition: Condition): { clock: string; before: Date } | null {
  if (condition.kind === 'older') return condition;
  if (condition.kind === 'all' && condition.of.length === 1 && condition.of[0] !== undefined) {
    return cutoffOf(condition.of[0]);
  }
  return null;
}

/** The cutoff that every matching row is older than, where the condition names one for this clock. */
export function upperCutoff(condition: Condition, clock: string): Date | null {
  if (condition.kind === 'older') return condition.clock === clock ? condition.before : null;
  if (condition.kind !== 'all') return null;
  for (const part of condition.of) {
    const before = upperCutoff(part, clock);
    if (before !== null) return before;
  }
  return null;
}

export const clockTypes: readonly string[] = ['timestamp with time zone', 'timestamp without time zone', 'date'];

/** A clock column as an instant; null where it is null or infinite. A date stands for its whole day, so for its end. */
export function instantSql({ parameters, timeZone }: Scope, column: Column, sql: string): string {
  const finite = `case when isfinite(${sql}) then ${sql} end`;
  if (column.type === 'timestamp with time zone') return finite;
  if (column.type === 'date') return `(((${finite}) + 1)::timestamp at time zone ${parameters.add(timeZone, 'text')})`;
  return `((${finite}) at time zone 'UTC')`;
}

/**
 * `column < cutoff` in the column's own type, so that an index serves. A date stands for its whole day in the system's
 * zone, which must have passed there; a timestamp without time zone is read as UTC.
 */
function olderSql(scope: Scope, clock: string, before: Date): string {
  const column = columnOf(scope.relation, clock);
  const sql = `${scope.alias}.${column.sql}`;
  if (!clockTypes.includes(column.type)) {
    throw new StatementRefused(
      'not-a-clock',
      `Column ${clock} of ${scope.relation.name} is ${column.type}, which tells no age.`,
      'Name a date or timestamp column as the clock.',
    );
  }
  const cutoff = scope.parameters.add(before.toISOString(), 'timestamptz');
  if (column.type === 'timestamp with time zone') return `(${sql} < ${cutoff})`;
  if (column.type === 'date')
    return `(${sql} < (${cutoff} at time zone ${scope.parameters.add(scope.timeZone, 'text')})::date)`;
  return `(${sql} < (${cutoff} at time zone 'UTC'))`;
}

function accountPath(target: Target): Path {
  if (target.account !== undefined) return target.account;
  throw new StatementRefused(
    'no-account',
    `The data map does not say whose rows ${target.name} holds.`,
    'Name the account column of the dataset in the data map.',
  );
}

function isOneOf(parameters: Parameters, column: Column, sql: string, values: readonly string[]): string {
  return `(${sql} ${column.equals} any (${parameters.add(values, `${column.type}[]`)}))`;
}

const integers: Readonly<Record<string, bigint>> = { smallint: 2n ** 15n, integer: 2n ** 31n, bigint: 2n ** 63n };
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Whether a text can be a value of the column, for the types of keys; PostgreSQL 15 has no way to try a cast. */
function canBe({ type }: Column, value: string): boolean {
  if (type === 'uuid') return UUID.test(value);
  const limit = integers[type];
  if (limit === undefined) return true;
  if (!/^-?\d{1,30}$/.test(value)) return false;
  const number = BigInt(value);
  return number >= -limit && number < limit;
}

/** The value a path leads to, as a scalar; null where the way ends early. Of several, the first that is found. */
export async function pathValueSql(scope: Scope, path: Path): Promise<string> {
  if (path.through.length === 0) return `${scope.alias}.${columnOf(scope.relation, path.column).sql}`;
  const { sources, owned, sql } = await follow(scope, path);
  return `(select ${sql}::text from ${sources} where ${owned} and ${sql} is not null order by 1 limit 1)`;
}

/** A test of the column a path leads to. Further tables are asked with `exists`, which the planner turns either way. */
async function pathSql(scope: Scope, path: Path, test: (column: Column, sql: string) => string): Promise<string> {
  if (path.through.length === 0) {
    const column = columnOf(scope.relation, path.column);
    return test(column, `${scope.alias}.${column.sql}`);
  }
  const { sources, owned, column, sql } = await follow(scope, path);
  return `exists (select from ${sources} where ${owned} and ${test(column, sql)})`;
}

/** The tables of a path joined, what links the first to the target, and the column at the end. */
async function follow(
  scope: Scope,
  path: Path,
): Promise<{ sources: string; owned: string; column: Column; sql: string }> {
  let sources = '';
  let owned = '';
  let relation = scope.relation;
  let alias = scope.alias;
  for (const [index, step] of path.through.entries()) {
    const next = await scope.catalogue.getRelation(scope.client, step.table);
    const nextAlias = `via${index}`;
    const to = columnOf(next, step.to);
    const link = `${nextAlias}.${to.sql} ${to.equals} ${alias}.${columnOf(relation, step.from).sql}`;
    if (index === 0) owned = link;
    sources += index === 0 ? `${next.sql} as ${nextAlias}` : ` join ${next.sql} as ${nextAlias} on ${link}`;
    relation = next;
    alias = nextAlias;
  }
  const column = columnOf(relation, path.column);
  return { sources, owned, column, sql: `${alias}.${column.sql}` };
}

async function orphanedSql(scope: Scope, path: Path): Promise<string> {
  const [step] = path.through;
  if (step === undefined) {
    throw new StatementRefused(
      'no-path',
      `The rows of ${scope.target.name} name no owner in another table.`,
      'Give the path of the dataset a table it goes through.',
    );
  }
  const owner = await scope.catalogue.getRelation(scope.client, step.table);
  const from = `${scope.alias}.${columnOf(scope.relation, step.from).sql}`;
  const to = columnOf(owner, step.to);
  return `(${from} is not null and not exists (select from ${owner.sql} as owner where owner.${to.sql} ${to.equals} ${from}))`;
}

/** Rows whose primary key is one of these tuples, each in the order of `Target.key`. */
export function keysSql(scope: Scope, keys: readonly (readonly string[])[]): string {
  const { target, relation, alias, parameters } = scope;
  const columns = target.key.map((name) => columnOf(relation, name));
  const wrong = keys.find((key) => key.length !== columns.length);
  if (columns.length === 0 || wrong !== undefined) {
    throw new StatementRefused(
      'no-key',
      `Rows of ${target.name} are held by a key of another form than its primary key.`,
      'Name the primary key of the dataset in the data map, as it is in the database.',
    );
  }
  const [first] = columns;
  if (columns.length === 1 && first !== undefined) {
    return isOneOf(
      parameters,
      first,
      `${alias}.${first.sql}`,
      keys.map((key) => key[0] ?? ''),
    );
  }
  const arrays = columns.map((column, index) =>
    parameters.add(
      keys.map((key) => key[index]),
      `${column.type}[]`,
    ),
  );
  const names = columns.map((_column, index) => `k${index}`);
  const equal = columns.map((column, index) => `held.k${index} ${column.equals} ${alias}.${column.sql}`);
  return `exists (select from unnest(${arrays.join(', ')}) as held(${names.join(', ')}) where ${equal.join(' and ')})`;
}
