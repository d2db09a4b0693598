import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand, newId } from '../platform/ids.ts';
import type { Reading, Standing } from './account-state.ts';
import type { AccountState } from './contract.ts';

/** An account as Kept knows it. */
export interface Account extends Standing {
  /** The organisation's own key. */
  readonly account: string;
  /** What stands for it in ledger entries. */
  readonly id: Id<'Account'>;
  /** Address of its owner; null when there is none, or when it was forgotten. */
  readonly ownerEmail: string | null;
  readonly ownerForgottenAt: Date | null;
  /** When the organisation's own database was last read for it. */
  readonly observedAt: Date | null;
  /** What it said then. */
  readonly observed: Reading | null;
  /** When the newest event that counted was received. */
  readonly lastEventAt: Date | null;
}

export async function findByKey(tx: Tx, account: string): Promise<Account | undefined> {
  const row = await tx.db
    .selectFrom('accounts.account')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('account', '=', account)
    .executeTakeFirst();
  return row === undefined ? undefined : accountOf(row);
}

export async function findById(tx: Tx, id: Id<'Account'>): Promise<Account | undefined> {
  const row = await tx.db
    .selectFrom('accounts.account')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : accountOf(row);
}

/**
 * Makes sure that there is a row for each key; returns the keys that had none. Two transactions that learn of an account
 * at the same time meet here: the second waits and then finds what the first wrote.
 */
export async function ensureRows(tx: Tx, accounts: readonly string[]): Promise<Set<string>> {
  if (accounts.length === 0) return new Set();
  const rows = await tx.db
    .insertInto('accounts.account')
    .values(
      accounts.toSorted().map((account) => ({
        organisation_id: tx.organisationId,
        account,
        id: newId<'Account'>(tx.at),
        state: 'active' as const,
      })),
    )
    .onConflict((conflict) => conflict.columns(['organisation_id', 'account']).doNothing())
    .returning('account')
    .execute();
  return new Set(rows.map((row) => row.account));
}

/** Those of the keys that have a row, locked until the transaction ends. */
export async function lockAccounts(tx: Tx, accounts: readonly string[]): Promise<Account[]> {
  if (accounts.length === 0) return [];
  const rows = await tx.db
    .selectFrom('accounts.account')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('account', 'in', accounts)
    .orderBy('account')
    .forUpdate()
    .execute();
  return rows.map(accountOf);
}

/** Writes accounts that `lockAccounts` has locked. */
export async function saveAccounts(tx: Tx, accounts: readonly Account[]): Promise<void> {
  if (accounts.length === 0) return;
  await tx.db
    .insertInto('accounts.account')
    .values(
      accounts.map((account) => ({
        organisation_id: tx.organisationId,
        account: account.account,
        id: account.id,
        state: account.state,
        cancelled_at: account.cancelledAt,
        ended_at: account.endedAt,
        owner_email: account.ownerEmail,
        owner_forgotten_at: account.ownerForgottenAt,
        observed_state: account.observed?.state ?? null,
        observed_cancelled_at: account.observed?.cancelledAt ?? null,
        observed_at: account.observedAt,
        last_event_at: account.lastEventAt,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'account']).doUpdateSet((row) => ({
        state: row.ref('excluded.state'),
        cancelled_at: row.ref('excluded.cancelled_at'),
        ended_at: row.ref('excluded.ended_at'),
        owner_email: row.ref('excluded.owner_email'),
        owner_forgotten_at: row.ref('excluded.owner_forgotten_at'),
        observed_state: row.ref('excluded.observed_state'),
        observed_cancelled_at: row.ref('excluded.observed_cancelled_at'),
        observed_at: row.ref('excluded.observed_at'),
        last_event_at: row.ref('excluded.last_event_at'),
      })),
    )
    .execute();
}

/** Notes that these were read now and said what they had said before. */
export async function touchObserved(tx: Tx, accounts: readonly string[]): Promise<void> {
  if (accounts.length === 0) return;
  await tx.db
    .updateTable('accounts.account')
    .set({ observed_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('account', 'in', accounts)
    .execute();
}

/** In the order of their keys; `after` is the key of the last one seen. */
export async function listByKey(
  tx: Tx,
  query: { readonly state?: AccountState | undefined; readonly after?: string | undefined; readonly limit: number },
): Promise<Account[]> {
  let rows = tx.db
    .selectFrom('accounts.account')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('account')
    .limit(query.limit);
  if (query.state !== undefined) rows = rows.where('state', '=', query.state);
  if (query.after !== undefined) rows = rows.where('account', '>', query.after);
  return (await rows.execute()).map(accountOf);
}

/** Accounts in these states (any, where there are none), as of an instant: made later, they are left out. */
export interface OwnerQuery {
  readonly states: readonly AccountState[];
  readonly madeBy: Date;
}

/** In the order of their ids; `after` is the last one seen. */
export async function selectOwners(
  tx: Tx,
  query: OwnerQuery & { readonly after: string | null; readonly limit: number },
): Promise<{ readonly id: Id<'Account'>; readonly ownerEmail: string | null }[]> {
  let rows = owners(tx, query).select(['id', 'owner_email']).orderBy('id').limit(query.limit);
  if (query.after !== null) rows = rows.where('id', '>', query.after);
  return (await rows.execute()).map((row) => ({ id: brand<'Account'>(row.id), ownerEmail: row.owner_email }));
}

export async function countOwners(
  tx: Tx,
  query: OwnerQuery,
): Promise<{ readonly hasAddress: boolean; readonly count: number }[]> {
  return owners(tx, query)
    .select((row) => [
      sql<boolean>`owner_email is not null`.as('hasAddress'),
      row.cast<number>(row.fn.countAll(), 'integer').as('count'),
    ])
    .groupBy(sql`owner_email is not null`)
    .execute();
}

function owners(tx: Tx, { states, madeBy }: OwnerQuery) {
  // Ids carry the instant they were made at: the first one of the following millisecond is made later.
  const rows = tx.db
    .selectFrom('accounts.account')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '<', firstIdAfter(madeBy));
  return states.length === 0 ? rows : rows.where('state', 'in', states);
}

/** Smaller than every id that is made in a later millisecond. */
function firstIdAfter(at: Date): string {
  const ms = (at.getTime() + 1).toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`;
}

interface Row {
  readonly account: string;
  readonly id: string;
  readonly state: AccountState;
  readonly cancelled_at: Date | null;
  readonly ended_at: Date | null;
  readonly owner_email: string | null;
  readonly owner_forgotten_at: Date | null;
  readonly observed_state: AccountState | null;
  readonly observed_cancelled_at: Date | null;
  readonly observed_at: Date | null;
  readonly last_event_at: Date | null;
}

function accountOf(row: Row): Account {
  return {
    account: row.account,
    id: brand<'Account'>(row.id),
    state: row.state,
    cancelledAt: row.cancelled_at,
    endedAt: row.ended_at,
    ownerEmail: row.owner_email,
    ownerForgottenAt: row.owner_forgotten_at,
    observedAt: row.observed_at,
    observed:
      row.observed_state === null ? null : { state: row.observed_state, cancelledAt: row.observed_cancelled_at },
    lastEventAt: row.last_event_at,
  };
}
