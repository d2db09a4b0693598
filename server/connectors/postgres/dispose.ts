import type { PoolClient } from 'pg';
import { type Batch, type BatchOutcome, type PendingBatch, StatementRefused } from '../connector.ts';
import { Outside } from './announce.ts';
import { dropNextPartition, mayDrop } from './drop-partition.ts';
import { codeOf, isConnectionLost, translateBatch } from './failures.ts';
import { type Ran, runSlice, type Variant } from './row-batch.ts';
import { rollback, scanLimits } from './session.ts';
import { nextSlice } from './slices.ts';
import { limitsOf, type PostgresSystem } from './system.ts';

const done: Ended = {
  pending: { disposed: 0, disposedExact: true, refused: 0, cursor: null, dropped: [] },
  workedMs: null,
};

/** One batch, in one transaction of its own. See `ConnectedSystem.disposeBatch`. */
export async function disposeBatch(system: PostgresSystem, batch: Batch): Promise<BatchOutcome> {
  const started = performance.now();
  // A bulk act and the check of a partition are one pass by nature: halving would not make them shorter.
  const whole = batch.path === 'bulk' || batch.path === 'partition';
  const limits = whole ? { ...scanLimits, lockTimeoutMs: batch.lockTimeoutMs } : limitsOf(batch);
  let failure: unknown;
  try {
    const { pending, workedMs } = await system.sessions.use(limits, async (client) => {
      try {
        return await disposeIn(system, client, batch);
      } catch (error) {
        failure = error;
        throw error instanceof Outside ? error : translateBatch(error, `${system.name} ${batch.target.name}`);
      }
    });
    const elapsedMs = performance.now() - started;
    learn(system, batch, pending.disposed, elapsedMs);
    return { ...pending, elapsedMs: workedMs ?? elapsedMs };
  } catch (error) {
    if (failure instanceof Outside) throw failure.reason;
    throw error;
  }
}

/** `workedMs` is null where all of the time was work. */
interface Ended {
  readonly pending: PendingBatch;
  readonly workedMs: number | null;
}

async function disposeIn(system: PostgresSystem, client: PoolClient, batch: Batch): Promise<Ended> {
  if (batch.exclusion.dataset) return done;
  if (batch.path === 'file') {
    throw new StatementRefused('no-files', `${batch.target.name} is a table, not a folder.`, 'Correct the data map.');
  }
  // A walk begins with what the catalogue says now, and does not ask again until it ends.
  if (batch.cursor === null) system.catalogue.forget();
  const relation = await system.catalogue.getRelation(client, batch.target.name);
  if (batch.path === 'partition' && batch.cursor?.['at'] !== 'blocks') {
    const dropped = mayDrop(batch) ? await dropNextPartition(system, client, batch, relation) : null;
    if (dropped !== null) return { pending: dropped, workedMs: null };
    if (batch.target.bulkOnly) return done;
  }
  const slice = await nextSlice(system, client, batch, relation);
  if (slice === null) return done;
  system.touched.add(relation.oid);
  return tryVariants(system, batch, (variant) =>
    attempt(client, () => runSlice(system, client, batch, relation, slice, variant)),
  );
}

/** A refusal by a restricting key, or by a unique column that a fake met, is answered by trying once more, differently. */
async function tryVariants(
  system: PostgresSystem,
  batch: Batch,
  run: (variant: Variant) => Promise<Ran>,
): Promise<Ran> {
  let variant: Variant = { guardAll: batch.cursor?.['guarded'] === 1, attempt: 0 };
  for (;;) {
    try {
      return await run(variant);
    } catch (error) {
      const next = nextVariant(batch, variant, codeOf(error));
      if (next === null || error instanceof Outside) throw error;
      // A foreign key that nobody knew of when the walk began may be the reason.
      system.catalogue.forget();
      variant = next;
    }
  }
}

function nextVariant(batch: Batch, variant: Variant, code: string | null): Variant | null {
  const { action } = batch;
  if (action.kind === 'delete') {
    // 18 answers a RESTRICT with a code of its own.
    const restricted = code === '23503' || code === '23001';
    return restricted && !variant.guardAll ? { ...variant, guardAll: true } : null;
  }
  const fakes = Object.values(action.fields).some(({ kind }) => kind === 'fake');
  return code === '23505' && fakes && variant.attempt < 5 ? { ...variant, attempt: variant.attempt + 1 } : null;
}

async function attempt<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isConnectionLost(error)) await rollback(client);
    throw error;
  }
}

function learn(system: PostgresSystem, batch: Batch, rows: number, milliseconds: number): void {
  if (rows === 0 || batch.path === 'partition') return;
  const key = `${batch.target.name} ${batch.action.kind}`;
  const rate = system.rates.get(key) ?? { rows: 0, milliseconds: 0 };
  rate.rows += rows;
  rate.milliseconds += milliseconds;
  system.rates.set(key, rate);
}
