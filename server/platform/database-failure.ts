import { problems } from './contract.ts';
import { Failure, failuresOf } from './failure.ts';

export const databaseProblems = problems({
  'database-unavailable': { status: 503, title: 'The database cannot be reached' },
  'database-full': { status: 507, title: 'The database has no room left' },
});
const fail = failuresOf(databaseProblems);

/** SQLSTATEs and system errors that mean: not this statement is wrong, the connection is. */
const GONE =
  /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What `pg` says without a code. */
const GONE_WORDS =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/;

/** The Failure behind an error of the driver, or the error itself when the statement was at fault. */
export function asDatabaseFailure(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === '53100')
    return fail(
      'database-full',
      'The disk of the database is full. Make room; nothing that was acknowledged is lost.',
      {
        cause: error,
      },
    );
  if (GONE.test(code) || (code === '' && GONE_WORDS.test(error.message)))
    return fail('database-unavailable', 'The connection to the database was refused or lost. Try again.', {
      cause: error,
    });
  return error;
}
