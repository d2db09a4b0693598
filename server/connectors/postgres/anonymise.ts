import { createHash } from 'node:crypto';
import { type Anonymisation, StatementRefused, type Target } from '../connector.ts';
import { type Column, columnOf, type Relation } from './catalogue.ts';
import { type Parameters, quote } from './quote.ts';

const textTypes = ['text', 'character varying', 'bpchar'];
const wholeNumberTypes = ['bigint', 'integer', 'numeric'];
const hashPrefix = 'kh1_';
/** A reserved name (RFC 2606): no mail to it can ever reach a person. */
const fakeDomain = '@anonymised.example';
/** Fewest hex digits that still tell a hash from a name somebody chose. */
const fewestDigits = 12;

/** The assignments of an anonymising UPDATE. `attempt` changes the fakes, for when one met a unique column twice. */
export function assignments(
  target: Target,
  relation: Relation,
  alias: string,
  fields: Readonly<Record<string, Anonymisation>>,
  secret: string,
  attempt: number,
  parameters: Parameters,
): string {
  requireRecognisable(target, relation, fields);
  const hmac = hmacOf(secret, parameters);
  const sets = Object.entries(fields).map(([name, strategy]) => {
    const column = columnOf(relation, name);
    requireFit(relation, column, strategy);
    const value = `${alias}.${column.sql}`;
    const made = madeSql(column, value, strategy, parameters, hmac, attempt);
    return `${column.sql} = case when ${value} is not null then ${made} end`;
  });
  if (target.anonymisedAt !== undefined) {
    const column = columnOf(relation, target.anonymisedAt);
    sets.push(`${column.sql} = (now() at time zone 'UTC')::timestamp${fromUtc(column)}`);
  }
  return sets.join(', ');
}

/** True for rows that are not anonymised yet (see `Condition` of that name). */
export function notAnonymised(
  target: Target,
  relation: Relation,
  alias: string,
  fields: Readonly<Record<string, Anonymisation>>,
  parameters: Parameters,
): string {
  if (target.anonymisedAt !== undefined) {
    return `(${alias}.${columnOf(relation, target.anonymisedAt).sql} is null)`;
  }
  requireRecognisable(target, relation, fields);
  const done = Object.entries(fields).map(([name, strategy]) => {
    const column = columnOf(relation, name);
    return doneSql(column, `${alias}.${column.sql}`, strategy, parameters);
  });
  return done.length === 0 ? 'false' : `((${done.join(' and ')}) is not true)`;
}

type Hmac = (message: string) => string;

/** The keyed hash as SQL; its keys become parameters at the first use, since a parameter nobody uses is an error. */
function hmacOf(secret: string, parameters: Parameters): Hmac {
  let keys: { inner: string; outer: string } | null = null;
  return (message) => {
    if (keys === null) {
      const { inner, outer } = hmacKeys(secret);
      keys = { inner: parameters.add(inner, 'bytea'), outer: parameters.add(outer, 'bytea') };
    }
    return `sha256(${keys.outer} || sha256(${keys.inner} || convert_to(${message}, 'UTF8')))`;
  };
}

function madeSql(
  column: Column,
  value: string,
  strategy: Anonymisation,
  parameters: Parameters,
  hmac: Hmac,
  attempt: number,
): string {
  switch (strategy.kind) {
    case 'null':
      return `null::${column.type}`;
    case 'fixed':
      return parameters.add(strategy.value, column.type);
    case 'generalise':
      return generalised(column, value, strategy);
    case 'keyed-hash': {
      const hex = `encode(${hmac(`${value}::text`)}, 'hex')`;
      const digits = hashDigits(column);
      if (digits >= fewestDigits) return `('${hashPrefix}' || left(${hex}, ${digits}))::${column.type}`;
      return `left(${hex}, ${column.maxLength ?? 64})::${column.type}`;
    }
    case 'fake':
      return faked(column, hmac(`${parameters.add(attempt, 'text')} || ${value}::text`), value, strategy.shape);
  }
}

function doneSql(column: Column, value: string, strategy: Anonymisation, parameters: Parameters): string {
  switch (strategy.kind) {
    case 'null':
      return `${value} is null`;
    case 'fixed':
      return `(${value} is null or ${value} ${column.equals} ${parameters.add(strategy.value, column.type)})`;
    case 'generalise':
      return `(${value} is null or ${value} ${column.equals} ${generalised(column, value, strategy)})`;
    case 'keyed-hash':
      return `(${value} is null or ${value}::text ~ '^${hashPrefix}[0-9a-f]{${hashDigits(column)}}$')`;
    case 'fake':
      return `(${value} is null or ${value}::text ~ '^u[0-9a-f]+${fakeDomain.replace('.', '[.]')}$')`;
  }
}

/** Idempotent for every strategy: what is already general stays as it is. */
function generalised(column: Column, value: string, strategy: Anonymisation & { kind: 'generalise' }): string {
  if (strategy.to === 'prefix') return `left(${value}::text, ${Math.max(0, strategy.keep ?? 0)})::${column.type}`;
  if (strategy.to === 'network') return networkOf(column, value);
  const unit = strategy.to === 'year' ? `'year'` : `'month'`;
  if (column.type === 'timestamp with time zone') {
    return `(date_trunc(${unit}, ${value} at time zone 'UTC') at time zone 'UTC')`;
  }
  return `date_trunc(${unit}, ${value}::timestamp)::${column.type}`;
}

/**
 * Host part zeroed: IPv4 keeps 24 bits, IPv6 48. In a text column what is no address becomes empty, since nobody can
 * say what of it would identify; PostgreSQL 15 has no way to try a cast, so text is matched by its form.
 */
function networkOf(column: Column, value: string): string {
  if (column.type === 'inet') {
    return `network(set_masklen(${value}, case family(${value}) when 4 then 24 else 48 end))::inet`;
  }
  const text = `${value}::text`;
  return `(case
    when ${text} ~ '^[0-9]{1,3}([.][0-9]{1,3}){3}$' then regexp_replace(${text}, '[.][0-9]+$', '.0')
    when ${text} ~* '^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){2}:[0-9a-f:.]+$'
      then regexp_replace(${text}, '^([^:]+:[^:]+:[^:]+):.*$', '\\1::')
    when ${text} ~* '^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,2}::[0-9a-f:.]*$' then regexp_replace(${text}, '::.*$', '::')
    else '' end)::${column.type}`;
}

function faked(column: Column, hash: string, value: string, shape: 'email' | 'phone' | 'digits' | 'text'): string {
  if (shape === 'email') {
    const digits = Math.min(32, (column.maxLength ?? 64) - fakeDomain.length - 1);
    return `('u' || left(encode(${hash}, 'hex'), ${digits}) || '${fakeDomain}')::${column.type}`;
  }
  const letters = shape === 'text' ? fakeLetters : '';
  // `offset 0` keeps the planner from computing the hash once per character.
  return `(select coalesce(string_agg(case when c ~ '[0-9]' then chr(48 + get_byte(h, ((i - 1) % 32)::int) % 10) ${letters}
      else c end, '' order by i), '')
    from (select ${hash} as h offset 0) as keyed,
         unnest(string_to_array(${value}::text, null)) with ordinality as characters(c, i))::${column.type}`;
}

const fakeLetters = `
      when c ~ '[[:upper:]]' then chr(65 + get_byte(h, ((i - 1) % 32)::int) % 26)
      when c ~ '[[:alpha:]]' or ascii(c) > 127 then chr(97 + get_byte(h, ((i - 1) % 32)::int) % 26)`;

/** HMAC (RFC 2104) takes the key in two padded forms; with them, `sha256` is all the database needs. */
function hmacKeys(secret: string): { inner: Buffer; outer: Buffer } {
  const raw = Buffer.from(secret, 'utf8');
  const key = Buffer.alloc(64);
  (raw.length > 64 ? createHash('sha256').update(raw).digest() : raw).copy(key);
  return { inner: Buffer.from(key.map((byte) => byte ^ 0x36)), outer: Buffer.from(key.map((byte) => byte ^ 0x5c)) };
}

function hashDigits(column: Column): number {
  return Math.min(64, (column.maxLength ?? 68) - hashPrefix.length);
}

function fromUtc(column: Column): string {
  if (column.type === 'timestamp with time zone') return ` at time zone 'UTC'`;
  return column.type === 'date' ? '::date' : '';
}

/** Refuses a strategy the column cannot take, before a row is touched. */
function requireFit(relation: Relation, column: Column, strategy: Anonymisation): void {
  const place = `${relation.name}.${column.name}`;
  const isText = textTypes.includes(column.type);
  if (relation.primaryKey.includes(column.name)) {
    throw unfit(`${place} is part of the primary key`, 'Anonymise other fields; what refers to the row needs its key.');
  }
  if (strategy.kind === 'null' && column.notNull) {
    throw unfit(`${place} does not allow null`, 'Choose another strategy for the field, or allow null.');
  }
  const merges = strategy.kind === 'fixed' || strategy.kind === 'generalise';
  if (merges && column.unique) {
    throw unfit(`${place} is unique and would get one value for many rows`, 'Choose a keyed hash or a fake.');
  }
  const fits =
    strategy.kind === 'null' ||
    strategy.kind === 'fixed' ||
    (strategy.kind === 'generalise' && fitsGeneralised(column, strategy.to, isText)) ||
    (strategy.kind === 'keyed-hash' && isText) ||
    (strategy.kind === 'fake' && (isText || (strategy.shape !== 'email' && wholeNumberTypes.includes(column.type))));
  if (!fits) throw unfit(`${place} is ${column.type}`, 'Choose a strategy that fits the type of the column.');
  const shortest = fakeDomain.length + 9;
  if (strategy.kind === 'fake' && strategy.shape === 'email' && (column.maxLength ?? shortest) < shortest) {
    throw unfit(`${place} is too short for an address at a reserved domain`, 'Choose a keyed hash or a fixed value.');
  }
}

function fitsGeneralised(column: Column, to: 'year' | 'month' | 'network' | 'prefix', isText: boolean): boolean {
  if (to === 'prefix') return isText;
  if (to === 'network') return isText || column.type === 'inet';
  return ['timestamp with time zone', 'timestamp without time zone', 'date'].includes(column.type);
}

function requireRecognisable(
  target: Target,
  relation: Relation,
  fields: Readonly<Record<string, Anonymisation>>,
): void {
  if (target.anonymisedAt !== undefined) return;
  for (const [name, strategy] of Object.entries(fields)) {
    const column = columnOf(relation, name);
    const hidden =
      (strategy.kind === 'fake' && strategy.shape !== 'email') ||
      (strategy.kind === 'keyed-hash' && hashDigits(column) < fewestDigits);
    if (!hidden) continue;
    throw unfit(
      `nothing would tell an anonymised ${relation.name}.${column.name} from another`,
      `Add a column (alter table ${relation.sql} add column ${quote('anonymised_at')} timestamptz) and name it in the data map.`,
    );
  }
}

function unfit(why: string, remedy: string): StatementRefused {
  return new StatementRefused('unfit-anonymisation', `The rows cannot be anonymised: ${why}.`, remedy);
}
