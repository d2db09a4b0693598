import type { Problem } from './contract.ts';

/** A place in the caller's input that was wrong, and what to do about it. */
export interface InputIssue {
  readonly path: string;
  readonly message: string;
}

/** What a failure may carry besides. */
export interface FailureOptions {
  readonly cause?: unknown;
  readonly issues?: readonly InputIssue[];
  readonly retryAfterSeconds?: number;
}

/**
 * The one error that a caller may read. Thrown with a code from a contract's table of problems;
 * anything else that is thrown is a bug and is answered as an opaque 500.
 */
export class Failure extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly issues: readonly InputIssue[];
  /** When the same call may succeed; null where waiting does not help. */
  readonly retryAfterSeconds: number | null;

  constructor(code: string, problem: Problem, detail: string, options: FailureOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.status = problem.status;
    this.title = problem.title;
    this.issues = options.issues ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/**
 * Makes the function that throws from one table of problems, so that a code outside the table
 * does not compile. `const fail = failuresOf(retentionProblems); throw fail('hold-not-found', '…')`.
 */
export function failuresOf<Table extends Record<string, Problem>>(table: Table) {
  return (code: keyof Table & string, detail: string, options: FailureOptions = {}): Failure => {
    const problem = table[code];
    if (problem === undefined) throw new Error(`no problem is declared under ${code}`);
    return new Failure(code, problem, detail, options);
  };
}
