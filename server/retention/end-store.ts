import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { ContractEnd } from './contract.ts';

export interface EndRecord {
  readonly id: Id<'ContractEnd'>;
  readonly promise: string;
  readonly account: string;
  /** What stands for the account in the ledger. */
  readonly accountId: Id<'Account'>;
  readonly state: ContractEnd['state'];
  readonly cancelledAt: Date;
  readonly graceUntilAt: Date;
  readonly run: Id<'Run'> | null;
  readonly erasedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly confirmation: ContractEnd['confirmation'];
  readonly message: Id<'Message'> | null;
}

export interface DisposedPart {
  readonly dataset: string;
  readonly rows: number;
}

/** `rows` of the account's rows in the dataset last beyond `untilAt`; the row with the earliest `untilAt` counts all. */
export interface KeptPart {
  readonly dataset: string;
  readonly promise: string;
  readonly untilAt: Date;
  readonly rows: number;
}

export async function insertEnd(
  tx: Tx,
  end: Pick<EndRecord, 'id' | 'promise' | 'account' | 'accountId' | 'cancelledAt' | 'graceUntilAt'>,
): Promise<void> {
  await tx.db
    .insertInto('retention.contract_end')
    .values({
      organisation_id: tx.organisationId,
      id: end.id,
      promise: end.promise,
      account: end.account,
      account_id: end.accountId,
      state: 'in-grace',
      cancelled_at: end.cancelledAt,
      grace_until_at: end.graceUntilAt,
      confirmation: 'not-due',
    })
    // Cancellations are heard side by side: whoever comes second finds the account followed already.
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export type EndChange = Partial<
  Pick<
    EndRecord,
    'state' | 'cancelledAt' | 'graceUntilAt' | 'run' | 'erasedAt' | 'confirmedAt' | 'confirmation' | 'message'
  >
>;

export async function changeEnd(tx: Tx, id: Id<'ContractEnd'>, change: EndChange): Promise<void> {
  await tx.db
    .updateTable('retention.contract_end')
    .set({
      ...(change.state !== undefined && { state: change.state }),
      ...(change.cancelledAt !== undefined && { cancelled_at: change.cancelledAt }),
      ...(change.graceUntilAt !== undefined && { grace_until_at: change.graceUntilAt }),
      ...(change.run !== undefined && { run_id: change.run }),
      ...(change.erasedAt !== undefined && { erased_at: change.erasedAt }),
      ...(change.confirmedAt !== undefined && { confirmed_at: change.confirmedAt }),
      ...(change.confirmation !== undefined && { confirmation: change.confirmation }),
      ...(change.message !== undefined && { message_id: change.message }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Locks it, so that two do not carry it on at once. */
export async function lockEnd(tx: Tx, id: Id<'ContractEnd'>): Promise<EndRecord | undefined> {
  const row = await ends(tx).where('id', '=', id).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : endOf(row);
}

export async function findEndOfMessage(tx: Tx, message: Id<'Message'>): Promise<EndRecord | undefined> {
  const row = await ends(tx).where('message_id', '=', message).executeTakeFirst();
  return row === undefined ? undefined : endOf(row);
}

/** The newest of each of these accounts. */
export async function newestEnds(tx: Tx, accounts: readonly string[]): Promise<Map<string, EndRecord>> {
  if (accounts.length === 0) return new Map();
  const rows = await tx.db
    .selectFrom('retention.contract_end')
    .selectAll()
    .distinctOn('account')
    .where('organisation_id', '=', tx.organisationId)
    .where('account', 'in', accounts)
    .orderBy('account')
    .orderBy('id', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.account, endOf(row)]));
}

/** Ends that still ask for something to be done or confirmed. */
export async function listOpenEnds(tx: Tx): Promise<EndRecord[]> {
  const rows = await ends(tx).where('state', 'in', ['in-grace', 'erasing', 'held', 'erased']).orderBy('id').execute();
  return rows.map(endOf);
}

export async function listEnds(tx: Tx, after: string | undefined, limit: number): Promise<EndRecord[]> {
  let query = ends(tx);
  if (after !== undefined) query = query.where('id', '<', after);
  const rows = await query.orderBy('id', 'desc').limit(limit).execute();
  return rows.map(endOf);
}

/** Ends of accounts that are done with, in pages; for looking whether what is kept is still there. */
export async function listDoneEnds(tx: Tx, after: string | undefined, limit: number): Promise<EndRecord[]> {
  let query = ends(tx).where('state', 'in', ['erased', 'confirmed']);
  if (after !== undefined) query = query.where('id', '>', after);
  const rows = await query.orderBy('id').limit(limit).execute();
  return rows.map(endOf);
}

export async function writeReport(
  tx: Tx,
  id: Id<'ContractEnd'>,
  disposed: readonly DisposedPart[],
  kept: readonly KeptPart[],
): Promise<void> {
  const mine = { organisation_id: tx.organisationId, contract_end_id: id };
  await tx.db
    .deleteFrom('retention.contract_end_disposed')
    .where('organisation_id', '=', tx.organisationId)
    .where('contract_end_id', '=', id)
    .execute();
  await tx.db
    .deleteFrom('retention.contract_end_kept')
    .where('organisation_id', '=', tx.organisationId)
    .where('contract_end_id', '=', id)
    .execute();
  if (disposed.length > 0)
    await tx.db
      .insertInto('retention.contract_end_disposed')
      .values(disposed.map((part) => ({ ...mine, dataset: part.dataset, row_count: part.rows })))
      .execute();
  if (kept.length > 0)
    await tx.db
      .insertInto('retention.contract_end_kept')
      .values(
        kept.map((part) => ({
          ...mine,
          dataset: part.dataset,
          promise: part.promise,
          until_at: part.untilAt,
          row_count: part.rows,
        })),
      )
      .execute();
}

export interface EndReport {
  readonly disposed: readonly DisposedPart[];
  readonly kept: readonly KeptPart[];
}

export async function reportsOf(tx: Tx, ids: readonly Id<'ContractEnd'>[]): Promise<Map<string, EndReport>> {
  const reports = new Map(
    ids.map((id): [string, { disposed: DisposedPart[]; kept: KeptPart[] }] => [id, { disposed: [], kept: [] }]),
  );
  if (ids.length === 0) return reports;
  const disposed = await tx.db
    .selectFrom('retention.contract_end_disposed')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('contract_end_id', 'in', ids)
    .orderBy('dataset')
    .execute();
  for (const row of disposed)
    reports.get(row.contract_end_id)?.disposed.push({ dataset: row.dataset, rows: Number(row.row_count) });
  const kept = await tx.db
    .selectFrom('retention.contract_end_kept')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('contract_end_id', 'in', ids)
    .orderBy('dataset')
    .orderBy('until_at')
    .execute();
  for (const row of kept)
    reports.get(row.contract_end_id)?.kept.push({
      dataset: row.dataset,
      promise: row.promise,
      untilAt: row.until_at,
      rows: Number(row.row_count),
    });
  return reports;
}

function ends(tx: Tx) {
  return tx.db.selectFrom('retention.contract_end').selectAll().where('organisation_id', '=', tx.organisationId);
}

type EndRow = Awaited<ReturnType<ReturnType<typeof ends>['executeTakeFirstOrThrow']>>;

function endOf(row: EndRow): EndRecord {
  return {
    id: brand<'ContractEnd'>(row.id),
    promise: row.promise,
    account: row.account,
    accountId: brand<'Account'>(row.account_id),
    state: row.state,
    cancelledAt: row.cancelled_at,
    graceUntilAt: row.grace_until_at,
    run: row.run_id === null ? null : brand<'Run'>(row.run_id),
    erasedAt: row.erased_at,
    confirmedAt: row.confirmed_at,
    confirmation: row.confirmation,
    message: row.message_id === null ? null : brand<'Message'>(row.message_id),
  };
}
