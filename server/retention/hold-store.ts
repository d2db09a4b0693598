import { sql } from 'kysely';
import type { Actor, Id } from '../platform/contract.ts';
import { actorSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type Hold, type HoldTarget, holdTargetSchema } from './contract.ts';

/** Today's civil date where the organisation is, to tell a review that is overdue. */
export type Today = string;

export async function insertHold(
  tx: Tx,
  hold: {
    readonly id: Id<'Hold'>;
    readonly target: HoldTarget;
    readonly reason: string;
    readonly reviewOn: string;
    readonly by: Actor;
    readonly entry: Id<'Entry'>;
  },
): Promise<void> {
  const { target } = hold;
  await tx.db
    .insertInto('retention.hold')
    .values({
      organisation_id: tx.organisationId,
      id: hold.id,
      kind: target.kind,
      account: target.kind === 'account' ? target.account : null,
      subject: target.kind === 'subject' ? target.subject : null,
      subject_id: target.kind === 'subject' ? target.id : null,
      dataset: target.kind === 'dataset' || target.kind === 'rows' ? target.dataset : null,
      row_keys: target.kind === 'rows' ? JSON.stringify(target.keys) : null,
      reason: hold.reason,
      review_on: hold.reviewOn,
      placed_at: tx.at,
      placed_by: JSON.stringify(hold.by),
      entry_id: hold.entry,
    })
    .execute();
}

/** What is held now. */
export async function listHeld(tx: Tx): Promise<HoldTarget[]> {
  const rows = await tx.db
    .selectFrom('retention.hold')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('released_at', 'is', null)
    .execute();
  return rows.map(targetOf);
}

export async function findHold(tx: Tx, id: Id<'Hold'>, today: Today): Promise<Hold | undefined> {
  const row = await tx.db
    .selectFrom('retention.hold')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : holdOf(row, today);
}

/** The cursor that goes on after a hold. */
export function cursorAfter(hold: Hold): string {
  return `${hold.releasedAt === null ? 'held' : 'released'}.${hold.id}`;
}

/** Those in force first, each part newest first; released ones only where asked for. */
export async function listHolds(
  tx: Tx,
  query: {
    readonly released: boolean;
    readonly after?: string | undefined;
    readonly limit: number;
    readonly today: Today;
  },
): Promise<Hold[]> {
  let wanted = tx.db.selectFrom('retention.hold').selectAll().where('organisation_id', '=', tx.organisationId);
  if (!query.released) wanted = wanted.where('released_at', 'is', null);
  if (query.after !== undefined) {
    const [rank = '', id = ''] = query.after.split('.');
    const released = rank === 'released';
    wanted = wanted.where(
      sql<boolean>`((released_at is not null) > ${released} or ((released_at is not null) = ${released} and id < ${id}::uuid))`,
    );
  }
  const rows = await wanted.orderBy(sql`released_at is not null`).orderBy('id', 'desc').limit(query.limit).execute();
  return rows.map((row) => holdOf(row, query.today));
}

/** @returns whether there was one in force */
export async function markReleased(tx: Tx, id: Id<'Hold'>, by: Actor, reason: string): Promise<boolean> {
  const result = await tx.db
    .updateTable('retention.hold')
    .set({ released_at: tx.at, released_by: JSON.stringify(by), release_reason: reason })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('released_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

interface HoldRow {
  readonly id: string;
  readonly kind: HoldTarget['kind'];
  readonly account: string | null;
  readonly subject: string | null;
  readonly subject_id: string | null;
  readonly dataset: string | null;
  readonly row_keys: unknown;
  readonly reason: string;
  readonly review_on: string;
  readonly placed_at: Date;
  readonly placed_by: unknown;
  readonly released_at: Date | null;
  readonly released_by: unknown;
  readonly entry_id: string | null;
}

function targetOf(row: HoldRow): HoldTarget {
  const { kind, account, dataset } = row;
  const parts = {
    account: { kind, account },
    subject: { kind, subject: row.subject, id: row.subject_id },
    dataset: { kind, dataset },
    rows: { kind, dataset, keys: row.row_keys },
  };
  return holdTargetSchema.parse(parts[kind]);
}

function holdOf(row: HoldRow, today: Today): Hold {
  return {
    id: brand<'Hold'>(row.id),
    target: targetOf(row),
    reason: row.reason,
    reviewOn: row.review_on,
    overdue: row.released_at === null && row.review_on < today,
    placedAt: row.placed_at.toISOString(),
    placedBy: actorSchema.parse(row.placed_by),
    releasedAt: row.released_at?.toISOString() ?? null,
    releasedBy: row.released_by === null ? null : actorSchema.parse(row.released_by),
    entry: row.entry_id === null ? null : brand<'Entry'>(row.entry_id),
  };
}
