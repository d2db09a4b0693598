import { pino } from 'pino';
import type { Config } from './config.ts';
import { Failure } from './failure.ts';

export type Logger = pino.Logger;

/** Keys whose values never belong into a log, wherever they turn up. */
const SECRET_KEYS = ['password', 'secret', 'token', 'authorization', 'cookie', 'key', 'email', 'to', 'url'];

/** One JSON line per event on standard error. What is logged is ids, counts, codes and durations. */
export function openLog(config: Pick<Config, 'logLevel'>, destination: NodeJS.WritableStream = process.stderr): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { name: 'kept' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    },
    destination,
  );
}

/** An error as it may be logged: PostgreSQL's details and quoted values are left out, since they quote rows. */
export interface ErrorDescription {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

const MAX_DEPTH = 5;

/** Describes an error and its causes without personal data. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return describeOther(error);
  const code = error instanceof Failure ? error.code : textOf(error, 'code');
  const constraint = textOf(error, 'constraint');
  const table = textOf(error, 'table');
  const message = withoutQuotedValues(error.message, code);
  const stack = error.stack?.slice(error.stack.indexOf('\n    at ') + 1);
  return {
    type: error.name,
    message,
    ...(code !== undefined && { code }),
    ...(constraint !== undefined && { constraint }),
    ...(table !== undefined && { table }),
    ...(stack !== undefined && { stack }),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Some libraries hand out copies of an error that are plain objects. */
function describeOther(error: unknown): ErrorDescription {
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined;
  if (typeof message !== 'string') return { type: typeof error, message: 'something that is no error was thrown' };
  return describeError(Object.assign(new Error(message), { stack: undefined, ...pick(error) }));
}

function pick(error: unknown): object {
  if (typeof error !== 'object' || error === null) return {};
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? { code } : {};
}

/** SQLSTATE class 22 (data exceptions) puts the offending value between quotes. */
function withoutQuotedValues(message: string, code: string | undefined): string {
  return code !== undefined && /^22...$/.test(code) ? message.replaceAll(/"[^"]*"/g, '"…"') : message;
}

function textOf(error: Error, key: string): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
}
