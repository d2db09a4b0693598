import type { PoolClient, QueryConfig } from 'pg';
import { type Batch, type Condition, type PendingBatch, StatementRefused } from '../connector.ts';
import { announceAndCommit, type Identity, identify, outside } from './announce.ts';
import { assignments } from './anonymise.ts';
import { columnOf, type ForeignKey, type Relation } from './catalogue.ts';
import { disposableSql, keysSql, linksOf, type Scope } from './predicate.ts';
import { Parameters, quote } from './quote.ts';
import { settled } from './session.ts';
import type { Slice } from './slices.ts';
import type { PostgresSystem } from './system.ts';

/** How a batch is tried: what is learnt from a refusal is used in the next try. */
export interface Variant {
  /** Rows that any restricting key still points at stay, not only those the target names. */
  readonly guardAll: boolean;
  /** Counts fakes that met a unique column. */
  readonly attempt: number;
}

/** What a batch did, and how long its statements took. */
export interface Ran {
  readonly pending: PendingBatch;
  readonly workedMs: number;
}

/** Disposes of what is due in one slice, in one transaction. The caller rolls back when this throws. */
export async function runSlice(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
  slice: Slice,
  variant: Variant,
): Promise<Ran> {
  const edges = (await system.catalogue.foreignKeys(client)).filter((key) => key.to === relation.name);
  const work: Work = {
    system,
    client,
    batch,
    relation,
    slice,
    variant,
    guards: guardsOf(batch, relation, edges, variant),
  };
  const simple = !hasFiles(batch) && batch.target.breakCycleAt.length === 0;
  const told = simple ? await disposeAtOnce(work) : await disposeInSteps(work, edges);
  // What restricted one batch will restrict the next: the cursor remembers it as long as the walk goes on.
  const cursor = slice.next !== null && variant.guardAll ? { ...slice.next, guarded: 1 } : slice.next;
  const { disposed, refused, workedMs } = told;
  const pending = { disposed, disposedExact: true, refused, cursor, dropped: [] };
  if (told.identity === null) {
    await client.query('commit');
    return { pending, workedMs };
  }
  const { transactionId, file } = told.identity;
  const isRewritten = slice.file !== null && slice.file !== file;
  const announced = isRewritten ? { ...pending, cursor: slice.restart } : pending;
  await announceAndCommit(system, client, batch, transactionId, announced);
  return { pending: announced, workedMs };
}

interface Told {
  readonly disposed: number;
  readonly refused: number;
  /** Null where nothing was written. */
  readonly identity: Identity | null;
  readonly workedMs: number;
}

/**
 * Deferred constraints must speak before the caller is told what will be committed. The mark is what every deleting
 * statement asks for: sent behind a `begin` that failed it would find no mark and do nothing, instead of committing
 * by itself.
 */
const begin =
  "begin isolation level read committed read write; set local kept.batch = 'open'; set constraints all immediate";
const isOpen = "current_setting('kept.batch', true) = 'open'";

/** The usual batch: one round trip to the point where the caller is told. */
async function disposeAtOnce(work: Work): Promise<Told> {
  const { client, slice } = work;
  const deletion = await deletionOf(work, null);
  const remainder = work.guards === '' ? null : await remainderOf(work);
  const started = performance.now();
  let workedMs = 0;
  const worked = <T>(result: T): T => {
    workedMs = performance.now() - started;
    return result;
  };
  const sent = [
    client.query(begin),
    client.query(deletion).then(worked),
    remainder === null ? null : client.query<{ left: number }>(remainder).then(worked),
    identify(work.system, client, slice.oid),
  ] as const;
  await settled(sent.filter((each) => each !== null));
  const [, deleted, left, identity] = await Promise.all(sent);
  return { disposed: deleted.rowCount ?? 0, refused: left?.rows[0]?.left ?? 0, identity, workedMs };
}

/** A batch whose files go first, or which cuts a cycle. */
async function disposeInSteps(work: Work, edges: readonly ForeignKey[]): Promise<Told> {
  const { client, batch, slice } = work;
  const started = performance.now();
  const workedMs = () => performance.now() - started;
  await client.query(begin);
  const chosen = hasFiles(batch) ? await removeFiles(work) : null;
  if (chosen?.going.length === 0) return { disposed: 0, refused: chosen.refused, identity: null, workedMs: workedMs() };
  if (batch.action.kind === 'delete') {
    for (const edge of edges) if (batch.target.breakCycleAt.includes(edge.constraint)) await cut(work, edge);
  }
  const { rowCount } = await client.query(await deletionOf(work, chosen?.going ?? null));
  const disposed = rowCount ?? 0;
  let refused = chosen?.refused ?? 0;
  if (chosen !== null) refused += chosen.going.length - disposed;
  else if (work.guards !== '') {
    refused = (await client.query<{ left: number }>(await remainderOf(work))).rows[0]?.left ?? 0;
  }
  return { disposed, refused, identity: await identify(work.system, client, slice.oid), workedMs: workedMs() };
}

interface Work {
  readonly system: PostgresSystem;
  readonly client: PoolClient;
  readonly batch: Batch;
  readonly relation: Relation;
  readonly slice: Slice;
  readonly variant: Variant;
  /** ` and not exists …` for each foreign key whose rows must be gone first. */
  readonly guards: string;
}

function scopeOf(work: Work, alias: string, parameters: Parameters): Scope {
  const { client, relation, batch, system } = work;
  return {
    client,
    catalogue: system.catalogue,
    timeZone: system.timeZone,
    target: batch.target,
    relation,
    alias,
    parameters,
  };
}

/** The rows of the slice that are due and not held: the predicate every deleting statement carries. */
async function dueSql(work: Work, alias: string, parameters: Parameters): Promise<string> {
  const { batch, slice } = work;
  const where = slice.where(alias, parameters);
  const scope = scopeOf(work, alias, parameters);
  return `${where} and ${await disposableSql(scope, conditionOf(batch), batch.exclusion)}`;
}

/**
 * The statement that disposes of what is due in the slice, of these keys only where some are given. None of the
 * statements of a batch has a name: they are planned for their own bounds and lists each time, since a plan for any
 * bounds would not know that a TID range is narrow, nor hash a list of held keys.
 */
async function deletionOf(work: Work, keys: readonly (readonly string[])[] | null): Promise<QueryConfig> {
  const { batch, slice, relation } = work;
  const parameters = new Parameters();
  const { action, target } = batch;
  const act =
    action.kind === 'delete'
      ? `delete from ${slice.sql} as t`
      : `update ${slice.sql} as t set ${assignments(target, relation, 't', action.fields, action.secret, work.variant.attempt, parameters)}`;
  const due = await dueSql(work, 't', parameters);
  const chosen = keys === null ? '' : ` and ${keysSql(scopeOf(work, 't', parameters), keys)}`;
  return { text: `${act} where ${isOpen} and ${due}${chosen}${work.guards}`, values: parameters.values };
}

/** Counts due rows that are left in the slice after the deletion: those that something still points at. */
async function remainderOf(work: Work): Promise<QueryConfig> {
  const parameters = new Parameters();
  const due = await dueSql(work, 't', parameters);
  return { text: `select count(*)::int as left from ${work.slice.sql} as t where ${due}`, values: parameters.values };
}

interface Chosen {
  readonly going: readonly (readonly string[])[];
  readonly refused: number;
}

/**
 * Locks the rows of the slice that are due, has their files removed, and answers which rows may go: those all of whose
 * files went. A crash in between leaves rows without files, which the next run takes: a missing file counts as removed.
 */
async function removeFiles(work: Work): Promise<Chosen> {
  const { client, batch, slice, relation } = work;
  const { target } = batch;
  if (target.key.length === 0) {
    throw new StatementRefused(
      'no-key',
      `Rows of ${target.name} have files but the data map names no key for them.`,
      'Name the primary key of the dataset in the data map.',
    );
  }
  const parameters = new Parameters();
  const due = await dueSql(work, 't', parameters);
  const textOf = (name: string) => `t.${columnOf(relation, name).sql}::text`;
  const found = await client.query<{ key: string[]; paths: (string | null)[] }>({
    text: `select array[${target.key.map(textOf).join(', ')}] as key,
              array[${target.attachments.map(({ column }) => textOf(column)).join(', ')}] as paths
         from ${slice.sql} as t where ${due}${work.guards} for update of t`,
    values: parameters.values,
  });
  const files = found.rows.flatMap(({ key, paths }) =>
    target.attachments.flatMap(({ system }, index) => {
      const path = paths[index];
      return path === null || path === undefined ? [] : [{ key, system, path }];
    }),
  );
  const refused = files.length === 0 ? [] : await outside(() => batch.removeAttachments(files));
  const staying = new Set(refused.map((key) => JSON.stringify(key)));
  const going = found.rows.map(({ key }) => key).filter((key) => !staying.has(JSON.stringify(key)));
  return { going, refused: found.rows.length - going.length };
}

/** Sets the referencing columns of a declared break to null where they point at rows about to go. */
async function cut(work: Work, edge: ForeignKey): Promise<void> {
  const { client, relation, slice } = work;
  const parameters = new Parameters();
  const nulls = edge.fromColumns.map((name) => `${quote(name)} = null`).join(', ');
  const links = linksOf(edge, relation, 'broken', 't');
  const due = await dueSql(work, 't', parameters);
  let others = '';
  if (edge.from === edge.to) {
    // Rows that go in this very batch stay where they are: moved by an update they would leave the slice.
    others = ` and (broken.tableoid = ${slice.oid} and ${await dueSql(work, 'broken', parameters)}) is not true`;
  }
  await client.query({
    text: `update ${edge.fromSql} as broken set ${nulls} from ${slice.sql} as t where ${links} and ${due}${others}`,
    values: parameters.values,
  });
}

function guardsOf(batch: Batch, relation: Relation, edges: readonly ForeignKey[], variant: Variant): string {
  if (batch.action.kind !== 'delete') return '';
  const { breakCycleAt, guardedBy = [] } = batch.target;
  const guards = edges.filter(({ constraint, onDelete }) => {
    if (breakCycleAt.includes(constraint)) return false;
    const restricts = onDelete === 'restrict' || onDelete === 'no action';
    return guardedBy.includes(constraint) || (variant.guardAll && restricts);
  });
  return guards
    .map(
      // Asked for each row, through the index that a referencing key must have: as `not exists` it would be joined, and
      // a join with a few thousand rows reads the whole other table, once for every batch.
      (edge) =>
        ` and (select true from ${edge.fromSql} as guard where ${linksOf(edge, relation, 'guard', 't')} limit 1) is null`,
    )
    .join('');
}

function conditionOf(batch: Batch): Condition {
  if (batch.action.kind === 'delete') return batch.condition;
  return { kind: 'all', of: [batch.condition, { kind: 'not-anonymised', fields: batch.action.fields }] };
}

function hasFiles(batch: Batch): boolean {
  return batch.action.kind === 'delete' && batch.target.attachments.length > 0;
}
