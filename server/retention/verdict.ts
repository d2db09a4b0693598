import type { Measurement, PlaceMeasure, Reason, Status } from '../policy/contract.ts';

/** What one place held, with what the promise's age is read from. */
export interface Seen {
  readonly place: PlaceMeasure;
  /** The oldest datum that counts towards the limit. */
  readonly oldestAt: Date | null;
}

export type Proved = Omit<Measurement, 'measuredAt'>;

export function isBroken(places: readonly PlaceMeasure[]): boolean {
  return places.some((place) => place.broken > 0);
}

/** *Broken* where something is past the tolerance, *due* where something is past the period, else *kept*. */
export function statusOf(places: readonly PlaceMeasure[]): Status {
  if (isBroken(places)) return 'broken';
  return places.some((place) => place.due > 0) ? 'due' : 'kept';
}

export function overdue(places: readonly PlaceMeasure[]): number {
  return places.reduce((sum, place) => sum + place.due + place.broken, 0);
}

const rank: Record<Status, number> = { broken: 0, unproven: 1, due: 2, kept: 3 };

/** The one that is worst for whoever relies on the promise. */
export function worstOf(statuses: readonly Status[]): Status {
  return statuses.reduce<Status>((worst, status) => (rank[status] < rank[worst] ? status : worst), 'kept');
}

/** A proof without an age: what is promised is not how old something may get. */
export function ageless(places: readonly PlaceMeasure[], reason: Reason | null): Proved {
  return {
    status: statusOf(places),
    reason,
    oldestAt: null,
    ageSeconds: null,
    limitSeconds: null,
    toleranceSeconds: null,
    places: [...places],
  };
}
