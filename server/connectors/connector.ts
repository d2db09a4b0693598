/**
 * What Kept needs of a customer's system, and no more. Retention plans and decides; a connector looks and acts.
 * Everything here is physical (tables, columns, paths): which promise is behind it is not a connector's business.
 */

/** One table or one kind of file of a customer's system. */
export interface Target {
  /** `schema.table` for a database; a folder relative to the system's root for files. */
  readonly name: string;
  /** Columns of the primary key, in order. Empty for files: their relative path is their key. */
  readonly key: readonly string[];
  /** How a row tells whose it is; absent where it belongs to nobody. */
  readonly account?: Path;
  /** Kind of subject (a key of the policy) → how a row tells which one. */
  readonly subjects: Readonly<Record<string, Path>>;
  /** Files that go before the row does. */
  readonly attachments: readonly Attachment[];
  /**
   * For files only: which ones (glob over paths relative to the target's folder) and where their clock comes from.
   * `name`: a date (`2026-11-20`, `20261120`, with or without a time) in the file's name, UTC; without one, `modified`.
   */
  readonly files?: { readonly match: string; readonly clock: 'modified' | 'name' };
  /** True where rows may only go by whole partitions or one bulk act, never one by one. */
  readonly bulkOnly: boolean;
  /**
   * Foreign keys (constraint names) that a person declared to be cut first where tables form a cycle: before a row
   * goes, the referencing columns of such a key that point at it are set to null in the same transaction.
   */
  readonly breakCycleAt: readonly string[];
  /**
   * Foreign keys (constraint names) of referencing tables whose rows have rules, holds or files of their own: a row
   * stays (and is counted as `refused`) while one of theirs points at it, so that no cascade takes what a hold, a
   * cutoff or a file protects. Absent: cascades are let through.
   */
  readonly guardedBy?: readonly string[];
  /**
   * Column (timestamptz, timestamp or date) that says when a row was anonymised; null means not yet. Needed where the
   * result of a field's strategy cannot be recognised afterwards (see `Anonymisation`).
   */
  readonly anonymisedAt?: string;
}

/**
 * A column of the target itself, or of a table reached through foreign keys (`through`, nearest first): `from` is a
 * column of the table before (first the target), `to` the column of `table` it points at.
 */
export interface Path {
  readonly column: string;
  readonly through: readonly { readonly table: string; readonly from: string; readonly to: string }[];
}

/** A column whose value is the path of a file, relative to the root of a folder system. */
export interface Attachment {
  /** Column of the target with the relative path; null values have no file. */
  readonly column: string;
  /** Name of the folder system. */
  readonly system: string;
}

/** Which rows are meant. Instants are compared as `column < before`, so that an index serves. */
export type Condition =
  | { readonly kind: 'older'; readonly clock: string; readonly before: Date }
  | { readonly kind: 'of-accounts'; readonly accounts: readonly string[] }
  /** Rows whose account is known and not in the list (the account is gone or ended). An empty list matches every owned row. */
  | { readonly kind: 'not-of-accounts'; readonly accounts: readonly string[] }
  | { readonly kind: 'equals'; readonly column: string; readonly values: readonly string[] }
  /** Rows whose owner row (`Path.through[0]`) is not there any more. Rows that never named one do not match. */
  | { readonly kind: 'orphaned'; readonly path: Path }
  /**
   * Rows that still have to be anonymised: `Target.anonymisedAt` is null where the target names it, else at least one
   * field does not look as its strategy leaves it. Anonymising adds this by itself; a *measurement* of an anonymising
   * rule must add it, or rows that were anonymised would count as overdue for ever.
   */
  | { readonly kind: 'not-anonymised'; readonly fields: Readonly<Record<string, Anonymisation>> }
  /** Rows whose owner row is older than that by its own clock. Rows without an owner do not match. */
  | {
      readonly kind: 'owner-older';
      readonly through: Path['through'][number];
      readonly clock: string;
      readonly before: Date;
    }
  /** Rows that a row behind one of `Target.guardedBy` still points at: they stay until that one has gone. */
  | { readonly kind: 'guarded' }
  | { readonly kind: 'all'; readonly of: readonly Condition[] };

/** Rows that must stay whatever the condition says: holds and statutory exceptions. */
export interface Exclusion {
  readonly dataset: boolean;
  readonly accounts: readonly string[];
  readonly subjects: Readonly<Record<string, readonly string[]>>;
  /** Primary keys, each a tuple in the order of `Target.key`, as text. */
  readonly keys: readonly (readonly string[])[];
}

/**
 * What becomes of a field when a row is anonymised. A null stays null. Results that can be recognised afterwards:
 * null, fixed, generalised, keyed hashes (prefix `kh1_`) and fake addresses (domain `anonymised.example`); for the other
 * fakes, and for hashes in columns too narrow for the prefix, the target must name `anonymisedAt`.
 */
export type Anonymisation =
  | { readonly kind: 'null' }
  | { readonly kind: 'fixed'; readonly value: string }
  /** Keeps the first `keep` characters, or truncates an instant to the unit, or an IP to its network. */
  | { readonly kind: 'generalise'; readonly to: 'year' | 'month' | 'network' | 'prefix'; readonly keep?: number }
  /** `kh1_` and the HMAC-SHA256 under a key that Kept keeps and may destroy, hex, cut to the column's length. */
  | { readonly kind: 'keyed-hash' }
  /** A made-up value of the same shape: digits for digits, letters for letters, valid at a reserved domain. */
  | { readonly kind: 'fake'; readonly shape: 'email' | 'phone' | 'digits' | 'text' };

export type Action =
  | { readonly kind: 'delete' }
  | { readonly kind: 'anonymise'; readonly fields: Readonly<Record<string, Anonymisation>>; readonly secret: string };

/** How the store will be asked to let go, best first. */
export type DisposalPath = 'partition' | 'tid-range' | 'key-range' | 'bulk' | 'file';

/** Why a target cannot be disposed of as it is; `remedy` is a sentence a database administrator can act on. */
export interface Obstacle {
  readonly code:
    | 'missing-table'
    | 'missing-column'
    | 'missing-key'
    | 'unindexed-foreign-key'
    | 'foreign-key-cycle'
    | 'restricting-foreign-key'
    | 'missing-privilege'
    | 'row-security'
    | 'unreachable'
    | 'not-a-clock'
    | 'bulk-needs-partitions';
  readonly place: string;
  readonly explanation: string;
  readonly remedy: string;
  /** Nearest existing names, best first, where a name was not found. */
  readonly nearest: readonly string[];
}

/** A table whose rows point at the target's rows. */
export interface Dependant {
  readonly table: string;
  readonly constraint: string;
  readonly onDelete: 'cascade' | 'restrict' | 'no action' | 'set null' | 'set default';
  readonly indexed: boolean;
}

export interface Inspection {
  readonly obstacles: readonly Obstacle[];
  readonly path: DisposalPath;
  /** Why this path and not a better one, one sentence. */
  readonly pathReason: string;
  /** Foreign keys that point at the target. */
  readonly dependants: readonly Dependant[];
  /** Foreign keys of the target that point elsewhere. */
  readonly references: readonly { readonly table: string; readonly constraint: string }[];
  /** Estimates from the store's own statistics. */
  readonly rowEstimate: number;
  readonly bytes: number;
  readonly partitions: readonly { readonly name: string; readonly from: string | null; readonly to: string | null }[];
}

export interface Measure {
  readonly rows: number;
  /** Rows that meet the condition and are not excluded. */
  readonly matching: number;
  /** Rows that meet the condition and are excluded. */
  readonly excluded: number;
  /** The clock of the oldest row of all / of those matching / of those excluded; null without a clock. */
  readonly oldestAt: Date | null;
  readonly oldestMatchingAt: Date | null;
  readonly oldestExcludedAt: Date | null;
  /** Rows whose clock is null: no age can ever make them go, so a rule by age says nothing about them. */
  readonly withoutClock: number;
}

export interface Estimate extends Measure {
  /** False where the table is so large that counts were extrapolated from a sample. */
  readonly exact: boolean;
  readonly seconds: number;
  /** Bytes of write-ahead log the disposal will make; 0 for files. */
  readonly walBytes: number;
}

/** Where a run is within a target, opaque to everybody else; plain JSON so that it can be stored. */
export type Cursor = { readonly [key: string]: string | number | null };

export interface Batch {
  readonly target: Target;
  readonly condition: Condition;
  readonly exclusion: Exclusion;
  readonly action: Action;
  readonly path: DisposalPath;
  readonly cursor: Cursor | null;
  /** About how many rows to look at; the caller adapts it to 20–50 ms a batch. */
  readonly size: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /**
   * Called inside the store's transaction with its id, before commit, so that a crash can be told apart afterwards;
   * `pending` is what the batch will have done if it commits, so that a report is complete even when the answer was
   * lost. The id is `null` where the store has no such thing (files): then nothing has been done yet and `pending` is
   * the most that can happen. Not called when a batch found nothing to do. Throwing undoes the batch.
   */
  readonly beforeCommit: (transactionId: string | null, pending: PendingBatch) => Promise<void>;
  /** Removes the files of rows about to go; resolves to the keys whose files could not go (their rows stay). */
  readonly removeAttachments: (
    paths: readonly { readonly key: readonly string[]; readonly system: string; readonly path: string }[],
  ) => Promise<readonly (readonly string[])[]>;
}

export interface PendingBatch {
  readonly disposed: number;
  /** False where a partition went uncounted: `disposed` is then the store's own statistics. */
  readonly disposedExact: boolean;
  /** Rows that stayed because their files could not go or because a guarded or restricting row still points at them. */
  readonly refused: number;
  /** Where to go on, null when the end is reached. */
  readonly cursor: Cursor | null;
  /** Relations that went as a whole (`partition`). */
  readonly dropped: readonly string[];
}

export interface BatchOutcome extends PendingBatch {
  /**
   * How long the store worked on the batch, for the pace: without waiting for the caller to write it down and for logs
   * to reach the disk, which takes the same however large a batch is.
   */
  readonly elapsedMs: number;
}

/** What the store's space did: a plain VACUUM makes room inside, a dropped partition gives it back. */
export interface Reclaimed {
  readonly bytesReusable: number;
  readonly bytesReturned: number;
  readonly elapsedMs: number;
}

/** Reasons to let the store breathe before the next batch; empty when there are none. */
export interface Pressure {
  readonly code: 'replica-lag' | 'old-snapshot' | 'lock-waits' | 'low-disk';
  readonly explanation: string;
}

/** A field's values as a probe sees them: how many of how many were looked at do not look as they should. */
export interface ProbeResult {
  readonly examined: number;
  readonly failing: number;
}

/** Password hashes in their PHC or modular form (argon2id; bcrypt with a cost of 10 or more), and digests of random tokens. */
export type HashKind = 'argon2id' | 'bcrypt' | 'sha-256';

/** What can be told by its form wherever it stands; see recognise.ts. */
export type Forbidden = 'payment-card' | 'secret-in-clear' | 'identifier';

/** What a probe looks for in one column. Values never leave the connector, only counts. */
export type Probe =
  /** Every value is an envelope: prefix, base64 or bytea of nonce + ciphertext + tag, high entropy, no known token pattern. */
  | { readonly kind: 'encrypted-field'; readonly column: string; readonly prefix: string | null }
  /** Every address has its host part zeroed (IPv4 /24, IPv6 /48) or is null. */
  | { readonly kind: 'anonymised-ip'; readonly column: string }
  /** Every value of the column is there in the other table. */
  | { readonly kind: 'reference-exists'; readonly column: string; readonly table: string; readonly to: string }
  /** No value holds an e-mail address, telephone number, CPF/CNPJ or IP address. */
  | { readonly kind: 'no-identifiers'; readonly columns: readonly string[] }
  /** Every value is a hash of one of these kinds, or null. */
  | { readonly kind: 'hashed'; readonly column: string; readonly kinds: readonly HashKind[] }
  /** Every row has each fact: of its columns at least one is neither null nor empty. */
  | { readonly kind: 'facts-present'; readonly facts: readonly (readonly string[])[] }
  /** No value holds what is never recorded. */
  | { readonly kind: 'never-holds'; readonly columns: readonly string[]; readonly forbidden: readonly Forbidden[] }
  /** Dead rows that disposal left behind and no VACUUM has yet made reusable. */
  | { readonly kind: 'vacuumed' };

/** The state of an account as the customer's own database tells it. */
export interface AccountRow {
  readonly account: string;
  readonly state: string;
  readonly cancelledAt: Date | null;
  readonly ownerEmail: string | null;
}

/** How accounts are read from the customer's database. */
export interface AccountSource {
  readonly table: string;
  readonly key: string;
  readonly state: string;
  readonly cancelledAt: string;
  /** Column with the owner's address, on the account's own row or reached through a path. */
  readonly ownerEmail: Path | null;
}

/**
 * A connection to one system of a customer. Every call may throw `SystemUnreachable`, and `StatementRefused` where the
 * system answered and said no; `disposeBatch` also throws `BatchTimedOut`.
 */
export interface ConnectedSystem {
  readonly kind: 'postgres' | 'folder' | 's3';
  /** `actions` is what will be done to the rows (all, where absent): each needs privileges of its own. */
  inspect(target: Target, clocks: readonly string[], actions?: readonly Action['kind'][]): Promise<Inspection>;
  /** Counts with row-level security off, so that hidden rows are an error and never a false zero. */
  measure(target: Target, condition: Condition, exclusion: Exclusion, clock: string | null): Promise<Measure>;
  estimate(target: Target, condition: Condition, exclusion: Exclusion, clock: string | null): Promise<Estimate>;
  disposeBatch(batch: Batch): Promise<BatchOutcome>;
  /** Whether the transaction took effect; `unknown` where the store cannot tell any more. */
  outcomeOf(transactionId: string): Promise<'committed' | 'aborted' | 'in-progress' | 'unknown'>;
  reclaim(target: Target): Promise<Reclaimed>;
  pressure(): Promise<readonly Pressure[]>;
  probe(target: Target, probe: Probe): Promise<ProbeResult>;
  /** Keys of accounts with their state. A stream, since there may be many. */
  readAccounts(source: AccountSource): AsyncIterable<AccountRow>;
  /** Removes one file (idempotent: a missing file counts as removed). Only for files. */
  removeFile(relativePath: string): Promise<'removed' | 'missing' | 'failed'>;
  /** Removes many, with one flush per directory; resolves to those that could not go. Only for files. */
  removeFiles(relativePaths: readonly string[]): Promise<readonly string[]>;
  /** Paths that rows name in an attachment column, without nulls and doubles, ascending in byte order, so that they merge with `listFiles`. */
  readAttachmentPaths(target: Target, attachment: Attachment): AsyncIterable<string>;
  /** Files below the target, ascending in byte order of their path, which is relative to the root. Only for files. */
  listFiles(
    target: Target,
  ): AsyncIterable<{ readonly path: string; readonly modifiedAt: Date; readonly bytes: number }>;
  close(): Promise<void>;
}

/** The system did not answer, refused the credentials or went away; `remedy` says what to look at. */
export class SystemUnreachable extends Error {
  readonly remedy: string;

  constructor(explanation: string, remedy: string, cause: unknown) {
    super(explanation, { cause });
    this.name = 'SystemUnreachable';
    this.remedy = remedy;
  }
}

/** The store was busy: a lock or the batch itself took too long. Nothing was done; try again with half the size. */
export class BatchTimedOut extends Error {
  readonly reason: 'lock-timeout' | 'statement-timeout' | 'deadlock';

  constructor(reason: 'lock-timeout' | 'statement-timeout' | 'deadlock', explanation: string) {
    super(explanation);
    this.name = 'BatchTimedOut';
    this.reason = reason;
  }
}

/** The system answered and refused. The explanation never holds a value of a row; `remedy` says what to change. */
export class StatementRefused extends Error {
  /** SQLSTATE, errno name, or a word of the connector's own. */
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, explanation: string, remedy: string) {
    super(explanation);
    this.name = 'StatementRefused';
    this.code = code;
    this.remedy = remedy;
  }
}
