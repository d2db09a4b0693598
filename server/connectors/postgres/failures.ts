import pg from 'pg';
import { BatchTimedOut, StatementRefused, SystemUnreachable } from '../connector.ts';

const connectionCodes = new Map([
  ['ECONNREFUSED', 'Check that the server runs and that host and port in the credential are right.'],
  ['ENOENT', 'Check the socket directory in the credential and that the server runs.'],
  ['ENOTFOUND', 'Check the host name in the credential.'],
  ['EAI_AGAIN', 'Name resolution failed: check the host name in the credential and the DNS of this machine.'],
  ['EACCES', 'This process may not open the socket: check its permissions.'],
  ['EHOSTUNREACH', 'Check the network between this machine and the server.'],
  ['ENETUNREACH', 'Check the network between this machine and the server.'],
  ['ETIMEDOUT', 'Check the network and any firewall between this machine and the server.'],
  ['ECONNRESET', 'The server closed the connection: look at its log.'],
  ['EPIPE', 'The server closed the connection: look at its log.'],
  ['28P01', 'The password was refused: renew the credential.'],
  ['28000', 'The role may not log in from here: check the credential and pg_hba.conf.'],
  ['3D000', 'The database does not exist: check the name at the end of the credential.'],
  ['53300', 'The server has no connection left: raise max_connections or free some.'],
  ['57P01', 'The server was told to stop or ended the connection: start it again.'],
  ['57P02', 'The server crashed: look at its log.'],
  ['57P03', 'The server is starting or stopping: try again in a moment.'],
  ['57P05', 'The connection was idle for too long.'],
  ['25P03', 'The transaction waited too long for this process: try again with smaller batches.'],
  ['25P04', 'The transaction took longer than the server allows (transaction_timeout): use smaller batches.'],
]);

const refusalRemedies = new Map([
  ['42501', 'Grant the role of the credential what the inspection of this dataset lists.'],
  ['42P01', 'Correct the table in the data map, or create it.'],
  ['42703', 'Correct the column in the data map, or create it.'],
  ['22P02', 'A key, account or value given does not have the form its column needs: correct it.'],
  ['22007', 'A value given is no date or time: correct it.'],
  ['22003', 'A value given is out of the range of its column: correct it.'],
  ['23503', 'Rows of another table still refer to these: dispose of that table first.'],
  ['23001', 'Rows of another table still refer to these: dispose of that table first.'],
  ['23502', 'The column does not allow null: choose another strategy for the field.'],
  ['23505', 'The column must stay unique: choose a keyed hash or a fake for the field.'],
  ['25006', 'The server is read-only (a standby?): name the primary in the credential.'],
  ['53100', 'The disk of the server is full: make room.'],
  ['57014', 'The statement took too long: try again when the server is less busy.'],
  ['55P03', 'Another session holds a lock on the table: try again when it is done.'],
]);

/** SQLSTATEs whose message names only objects of the schema. All others may quote a value of a row. */
const namesOnlyObjects = /^(42|28|3D|3F|53|55|57|25|0A)/;

const timeouts = new Map<string, BatchTimedOut['reason']>([
  ['55P03', 'lock-timeout'],
  ['57014', 'statement-timeout'],
  ['40P01', 'deadlock'],
  ['40001', 'deadlock'],
]);

/** The SQLSTATE or errno name of a failure, where it has one. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Whether the connection itself is gone or was never there, so that it must not be used again. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== null && (connectionCodes.has(code) || code.startsWith('08'))) return true;
  if (error instanceof pg.DatabaseError || !(error instanceof Error)) return false;
  return /^Connection terminated|timeout exceeded when trying to connect|^Client has encountered a connection error|not queryable/.test(
    error.message,
  );
}

/**
 * What a failure of `pg` becomes on its way out: `SystemUnreachable`, or `StatementRefused` with a remedy. Values of
 * rows (details of constraint violations, unreadable input) and credentials are left behind; bugs pass unchanged.
 */
export function translate(error: unknown, place: string): unknown {
  if (error instanceof StatementRefused || error instanceof BatchTimedOut || error instanceof SystemUnreachable) {
    return error;
  }
  const code = codeOf(error);
  if (isConnectionLost(error)) {
    const remedy = (code === null ? undefined : connectionCodes.get(code)) ?? 'Check that the server runs.';
    return new SystemUnreachable(`${place} cannot be reached (${code ?? 'connection lost'}).`, remedy, code);
  }
  if (!(error instanceof pg.DatabaseError) || code === null) return error;
  const said = namesOnlyObjects.test(code) ? error.message : `error ${code}${objectOf(error)}`;
  return new StatementRefused(
    code,
    `${place} refused a statement: ${said}.`,
    refusalRemedies.get(code) ?? `Look up ${code} in the log of the server.`,
  );
}

/** As `translate`, for a connection that could not be made: whatever stood in its way (TLS, SCRAM), nobody is there. */
export function translateConnecting(error: unknown, place: string): unknown {
  const translated = translate(error, place);
  if (translated instanceof SystemUnreachable || !(translated instanceof Error)) return translated;
  const code = codeOf(error) ?? translated.message;
  return new SystemUnreachable(`${place} cannot be reached (${code}).`, 'Check the credential and its sslmode.', code);
}

/** As `translate`, for a batch: lock time-outs, statement time-outs and deadlocks become `BatchTimedOut`. */
export function translateBatch(error: unknown, place: string): unknown {
  const reason = error instanceof pg.DatabaseError ? timeouts.get(error.code ?? '') : undefined;
  if (reason !== undefined) return new BatchTimedOut(reason, `A batch on ${place} ended with a ${reason}.`);
  return translate(error, place);
}

function objectOf(error: pg.DatabaseError): string {
  const table = error.table === undefined ? '' : ` on ${error.schema ?? 'public'}.${error.table}`;
  return `${table}${error.constraint === undefined ? '' : ` (${error.constraint})`}`;
}
