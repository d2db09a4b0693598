import type { PoolClient } from 'pg';
import type { Condition, Estimate, Exclusion, Measure, Target } from '../connector.ts';
import { columnOf, type Relation } from './catalogue.ts';
import { choosePath } from './choose-path.ts';
import { estimatedRows, isWhollyPast, type Part, readParts } from './parts.ts';
import { conditionSql, exclusionSql, instantSql, upperCutoff } from './predicate.ts';
import { Parameters } from './quote.ts';
import { scanLimits } from './session.ts';
import type { PostgresSystem } from './system.ts';

/** One counting pass in one statement: the proof. Hidden rows are an error (`row_security = off`), never a zero. */
export async function measure(
  system: PostgresSystem,
  target: Target,
  condition: Condition,
  exclusion: Exclusion,
  clock: string | null,
): Promise<Measure> {
  return system.sessions.use(scanLimits, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    return count(system, client, { target, relation, condition, exclusion, clock, sample: null });
  });
}

interface Question {
  readonly target: Target;
  readonly relation: Relation;
  readonly condition: Condition;
  readonly exclusion: Exclusion;
  readonly clock: string | null;
  /** Percentage of the blocks to look at, null for all. */
  readonly sample: number | null;
}

interface Group {
  readonly rows: number;
  readonly matching: number;
  readonly excluded: number;
  readonly oldest: Date | null;
  readonly oldest_matching: Date | null;
  readonly oldest_excluded: Date | null;
  readonly without_clock: number;
}

async function count(system: PostgresSystem, client: PoolClient, question: Question): Promise<Measure> {
  const { target, relation, clock } = question;
  const parameters = new Parameters();
  const scope = {
    client,
    catalogue: system.catalogue,
    timeZone: system.timeZone,
    target,
    relation,
    alias: 't',
    parameters,
  };
  const meant = await conditionSql(scope, question.condition);
  const stays = (await exclusionSql(scope, question.exclusion)) ?? 'false';
  const column = clock === null ? null : columnOf(relation, clock);
  const at = column === null ? 'null::timestamptz' : instantSql(scope, column, `t.${column.sql}`);
  const sample = question.sample === null ? '' : ` tablesample system (${parameters.add(question.sample, 'real')})`;
  // `offset 0` keeps the planner from working each predicate out once per aggregate.
  const found = await client.query<Group>(
    `select count(*)::float8 as rows,
            count(*) filter (where meant and not stays)::float8 as matching,
            count(*) filter (where meant and stays)::float8 as excluded,
            min(at) as oldest, min(at) filter (where meant and not stays) as oldest_matching,
            min(at) filter (where meant and stays) as oldest_excluded,
            ${column === null ? '0::float8' : 'count(*) filter (where at is null)::float8'} as without_clock
       from (select t.tableoid as part, coalesce(${meant}, false) as meant, coalesce(${stays}, false) as stays, ${at} as at
               from ${relation.sql} as t${sample} offset 0) as looked
      ${target.bulkOnly ? 'group by part' : ''}`,
    parameters.values,
  );
  return found.rows.map((group) => (target.bulkOnly ? withheld(group) : group)).reduce<Measure>(add, nothing);
}

/** Where rows go only in bulk, one row that must stay keeps all of its partition: they are counted with it. */
function withheld(group: Group): Group {
  if (group.excluded === 0) return group;
  return {
    ...group,
    matching: 0,
    excluded: group.excluded + group.matching,
    oldest_matching: null,
    oldest_excluded: earlier(group.oldest_excluded, group.oldest_matching),
  };
}

const nothing: Measure = {
  rows: 0,
  matching: 0,
  excluded: 0,
  oldestAt: null,
  oldestMatchingAt: null,
  oldestExcludedAt: null,
  withoutClock: 0,
};

function add(sum: Measure, group: Group): Measure {
  return {
    rows: sum.rows + group.rows,
    matching: sum.matching + group.matching,
    excluded: sum.excluded + group.excluded,
    oldestAt: earlier(sum.oldestAt, group.oldest),
    oldestMatchingAt: earlier(sum.oldestMatchingAt, group.oldest_matching),
    oldestExcludedAt: earlier(sum.oldestExcludedAt, group.oldest_excluded),
    withoutClock: sum.withoutClock + group.without_clock,
  };
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

/** Up to this many rows an estimate counts; beyond, it samples blocks until about `sampledRows` were seen. */
const countedRows = 20_000_000;
const sampledRows = 2_000_000;

/** Rows a second before anything was measured on this system, at half duty; see README.md for where they come from. */
const cautiousRates = { delete: 500_000, cascade: 100_000, files: 1_000, anonymise: 100_000 };
/** Write-ahead log of one deleted or rewritten row beside the images of its pages. */
const walPerDelete = 60;
const walPerUpdate = 120;
const walPerDrop = 16_384;
const secondsPerDrop = 0.2;

/** What a disposal would take. Seconds are an order of magnitude until batches on this system were measured. */
export async function estimate(
  system: PostgresSystem,
  target: Target,
  condition: Condition,
  exclusion: Exclusion,
  clock: string | null,
): Promise<Estimate> {
  return system.sessions.use(scanLimits, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const parts = await readParts(client, relation);
    const expected = estimatedRows(parts);
    const canSample = parts.every((part) => part.empty || part.heap) && parts.length > 0;
    const exact = expected <= countedRows || !canSample;
    const sample = exact ? null : Math.min(100, (100 * sampledRows) / expected);
    const counted = await count(system, client, { target, relation, condition, exclusion, clock, sample });
    const measured = exact ? counted : scaled(counted, expected);
    const cost = await costOf(system, client, { target, relation, parts, condition, measured, clock });
    return { ...measured, exact, ...cost };
  });
}

function scaled(sample: Measure, expected: number): Measure {
  const factor = sample.rows === 0 ? 0 : expected / sample.rows;
  return {
    ...sample,
    rows: Math.round(expected),
    matching: Math.round(sample.matching * factor),
    excluded: Math.round(sample.excluded * factor),
    withoutClock: Math.round(sample.withoutClock * factor),
  };
}

interface Costing {
  readonly target: Target;
  readonly relation: Relation;
  readonly parts: readonly Part[];
  readonly condition: Condition;
  readonly measured: Measure;
  readonly clock: string | null;
}

async function costOf(
  system: PostgresSystem,
  client: PoolClient,
  { target, relation, parts, condition, measured, clock }: Costing,
): Promise<{ seconds: number; walBytes: number }> {
  const clocks = clock === null ? [] : [clock];
  const before = clock === null ? null : upperCutoff(condition, clock);
  const { path } = choosePath(target, relation, parts, clocks);
  const dropped =
    path === 'partition' && clock !== null && before !== null
      ? parts.filter((part) => isWhollyPast(part, clock, before, system.timeZone))
      : [];
  const singly = Math.max(0, measured.matching - estimatedRows(dropped));
  const cascades = (await system.catalogue.foreignKeys(client)).filter(
    (key) => key.to === relation.name && key.onDelete === 'cascade',
  );
  const anonymises = mentionsAnonymising(condition);
  const pages = touchedPages(parts, measured.rows, singly);
  const images = (await fullPageWrites(client)) ? pages * 8192 : 0;
  const perRow = anonymises ? walPerUpdate : walPerDelete * (1 + cascades.length);
  const kind = anonymises
    ? 'anonymise'
    : target.attachments.length > 0
      ? 'files'
      : cascades.length > 0
        ? 'cascade'
        : 'delete';
  const known = system.rates.get(`${target.name} ${anonymises ? 'anonymise' : 'delete'}`);
  // A batch is followed by a rest of its own length.
  const rate = known === undefined ? cautiousRates[kind] : (known.rows / known.milliseconds) * 500;
  return {
    seconds: singly / rate + dropped.length * secondsPerDrop,
    walBytes: Math.round(singly * perRow + images + dropped.length * walPerDrop),
  };
}

function mentionsAnonymising(condition: Condition): boolean {
  if (condition.kind === 'all') return condition.of.some(mentionsAnonymising);
  return condition.kind === 'not-anonymised';
}

/** Expected pages with at least one of the rows, had they no order at all: the dear end of the truth. */
function touchedPages(parts: readonly Part[], rows: number, going: number): number {
  const blocks = parts.reduce((sum, part) => sum + part.blocks, 0);
  if (rows === 0 || blocks === 0) return 0;
  return blocks * (1 - (1 - Math.min(1, going / rows)) ** Math.max(1, rows / blocks));
}

async function fullPageWrites(client: PoolClient): Promise<boolean> {
  const found = await client.query<{ on: boolean }>(`select current_setting('full_page_writes')::bool as on`);
  return found.rows[0]?.on ?? true;
}
