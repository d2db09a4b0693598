import { sql } from 'kysely';
import type { Actor } from '../platform/contract.ts';
import { actorSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';

export interface Stop {
  readonly at: Date;
  readonly by: Actor;
  readonly reason: string;
}

/** What all disposal of an organisation has to pass. */
export interface Gate {
  /** Raised by everything that a batch must take notice of. */
  readonly version: number;
  readonly stopped: Stop | null;
  readonly lookedAfterAt: Date | null;
  readonly accountsObservedAt: Date | null;
  /** Why the organisation's accounts could not be read the last time. */
  readonly accountsProblem: string | null;
}

const closed: Gate = {
  version: 0,
  stopped: null,
  lookedAfterAt: null,
  accountsObservedAt: null,
  accountsProblem: null,
};

export async function readGate(tx: Tx): Promise<Gate> {
  const row = await tx.db
    .selectFrom('retention.gate')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .executeTakeFirst();
  if (row === undefined) return closed;
  const { stopped_at: at, stopped_by: by, stop_reason: reason } = row;
  return {
    version: Number(row.version),
    stopped: at === null || reason === null ? null : { at, by: actorSchema.parse(by), reason },
    lookedAfterAt: row.looked_after_at,
    accountsObservedAt: row.accounts_observed_at,
    accountsProblem: row.accounts_problem,
  };
}

/** Makes sure that there is a row to lock. */
export async function ensureGate(tx: Tx): Promise<void> {
  await tx.db
    .insertInto('retention.gate')
    .values({ organisation_id: tx.organisationId, version: 1 })
    .onConflict((conflict) => conflict.column('organisation_id').doNothing())
    .execute();
}

/**
 * Every batch that opens after this transaction commits sees what it wrote; those that opened before it are found
 * in `listOpenBatches`. Batches lock the row in share mode, so there is no third kind.
 */
export async function raiseGate(tx: Tx): Promise<void> {
  await ensureGate(tx);
  await tx.db
    .updateTable('retention.gate')
    .set({ version: sql<string>`version + 1` })
    .where('organisation_id', '=', tx.organisationId)
    .execute();
}

export async function setStop(tx: Tx, stop: Stop | null): Promise<void> {
  await raiseGate(tx);
  await tx.db
    .updateTable('retention.gate')
    .set({
      stopped_at: stop?.at ?? null,
      stopped_by: stop === null ? null : JSON.stringify(stop.by),
      stop_reason: stop?.reason ?? null,
    })
    .where('organisation_id', '=', tx.organisationId)
    .execute();
}

export async function recordLook(tx: Tx, at: Date): Promise<void> {
  await ensureGate(tx);
  await tx.db
    .updateTable('retention.gate')
    .set({ looked_after_at: at })
    .where('organisation_id', '=', tx.organisationId)
    .execute();
}

export async function recordObservation(tx: Tx, at: Date, problem: string | null): Promise<void> {
  await ensureGate(tx);
  await tx.db
    .updateTable('retention.gate')
    .set(problem === null ? { accounts_observed_at: at, accounts_problem: null } : { accounts_problem: problem })
    .where('organisation_id', '=', tx.organisationId)
    .execute();
}
