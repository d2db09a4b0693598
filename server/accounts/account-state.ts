import type { AccountState } from './contract.ts';

/** Where an account stands. `cancelledAt` is null exactly while it is active, `endedAt` exactly until it has ended. */
export interface Standing {
  readonly state: AccountState;
  readonly cancelledAt: Date | null;
  readonly endedAt: Date | null;
}

/** What may happen to an account. `at` is when it took effect. */
export type Happening =
  | { readonly kind: 'cancel'; readonly at: Date }
  | { readonly kind: 'reactivate' }
  | { readonly kind: 'end'; readonly at: Date }
  /** The organisation's own database says something else than the last time it was read (at `at`). */
  | {
      readonly kind: 'observe';
      readonly state: AccountState;
      readonly cancelledAt: Date | null;
      readonly at: Date;
    };

/** The new standing with the ledger entry it calls for, or why it cannot be. */
export type Outcome =
  | { readonly standing: Standing; readonly entry: 'accounts.cancelled' | 'accounts.reactivated' | null }
  | { readonly refused: 'account-not-cancelled' | 'account-ended' | 'account-not-found' };

const ACTIVE: Standing = { state: 'active', cancelledAt: null, endedAt: null };

/** What becomes of an account; `null` is one that Kept has not heard of yet. Doing a thing twice changes nothing. */
export function accountAfter(before: Standing | null, happening: Happening): Outcome {
  switch (happening.kind) {
    case 'cancel':
      return before === null || before.state === 'active' ? cancelled(happening.at) : unchanged(before);
    case 'reactivate':
      if (before === null) return { standing: ACTIVE, entry: null };
      if (before.state === 'ended') return { refused: 'account-ended' };
      return before.state === 'cancelled' ? { standing: ACTIVE, entry: 'accounts.reactivated' } : unchanged(before);
    case 'end':
      if (before === null) return { refused: 'account-not-found' };
      if (before.state === 'active') return { refused: 'account-not-cancelled' };
      return before.state === 'ended' ? unchanged(before) : { standing: ended(before, happening.at), entry: null };
    case 'observe':
      return observed(before, happening);
  }
}

function observed(before: Standing | null, said: Happening & { kind: 'observe' }): Outcome {
  const cancelledAt = said.cancelledAt ?? said.at;
  switch (said.state) {
    case 'active':
      // Also where Kept took it as ended: whoever is an active customer again has a contract, and its data stays.
      if (before !== null && before.state !== 'active') return { standing: ACTIVE, entry: 'accounts.reactivated' };
      return { standing: ACTIVE, entry: null };
    case 'cancelled':
      if (before === null || before.state === 'active') return cancelled(cancelledAt);
      // Cancelled, back and cancelled again between two readings: grace runs from the later one.
      if (before.state === 'cancelled' && later(before.cancelledAt, cancelledAt)) return cancelled(cancelledAt);
      return unchanged(before);
    case 'ended':
      if (before?.state === 'ended') return unchanged(before);
      return {
        standing: { state: 'ended', cancelledAt: before?.cancelledAt ?? cancelledAt, endedAt: said.at },
        entry: before === null || before.state === 'active' ? 'accounts.cancelled' : null,
      };
  }
}

/** What the organisation's own database says of an account. */
export interface Reading {
  readonly state: AccountState;
  readonly cancelledAt: Date | null;
}

/**
 * Whether a reading of a known account is news. Only a change of what the database says counts, so that a database
 * that learns of an event late (or never) does not undo the event.
 * @param last the reading before; null where the account is known from an event only
 */
export function isNews(last: Reading | null, now: Reading): boolean {
  return last !== null && (last.state !== now.state || last.cancelledAt?.getTime() !== now.cancelledAt?.getTime());
}

function cancelled(at: Date): Outcome {
  return { standing: { state: 'cancelled', cancelledAt: at, endedAt: null }, entry: 'accounts.cancelled' };
}

function ended(before: Standing, at: Date): Standing {
  return { state: 'ended', cancelledAt: before.cancelledAt, endedAt: at };
}

function unchanged(standing: Standing): Outcome {
  return { standing, entry: null };
}

function later(before: Date | null, at: Date): boolean {
  return before === null || at.getTime() > before.getTime();
}
