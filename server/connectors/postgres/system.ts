import type { Catalogue } from './catalogue.ts';
import type { ConnectorLog, Limits, Sessions } from './session.ts';

/** What every act of the PostgreSQL connector is given. */
export interface PostgresSystem {
  readonly name: string;
  readonly sessions: Sessions;
  readonly catalogue: Catalogue;
  /** IANA zone in which columns of type date are meant. */
  readonly timeZone: string;
  readonly log: ConnectorLog | undefined;
  readonly pressureLimits: PressureLimits;
  /** Relations that batches worked on, by oid: whose lock waits are ours to mind. */
  readonly touched: Set<number>;
  /** Rows per second of batches so far, by action, for estimates. */
  readonly rates: Map<string, Rate>;
  /** `server_version_num`. */
  version: number;
}

export interface Rate {
  rows: number;
  milliseconds: number;
}

/** From where on the store should be left alone for a while. */
export interface PressureLimits {
  readonly replicaLagBytes: number;
  readonly replicaLagSeconds: number;
  /** Age of the oldest snapshot of another session: nothing younger can be reclaimed by VACUUM. */
  readonly snapshotSeconds: number;
  readonly lockWaitMs: number;
  readonly freeBytes: number;
  readonly freeShare: number;
}

export const defaultPressureLimits: PressureLimits = {
  replicaLagBytes: 64 * 1024 ** 2,
  replicaLagSeconds: 10,
  snapshotSeconds: 300,
  lockWaitMs: 500,
  freeBytes: 1024 ** 3,
  freeShare: 0.03,
};

/** Limits of a batch as its caller gave them. */
export function limitsOf(batch: { lockTimeoutMs: number; statementTimeoutMs: number }): Limits {
  return { lockTimeoutMs: batch.lockTimeoutMs, statementTimeoutMs: batch.statementTimeoutMs };
}
