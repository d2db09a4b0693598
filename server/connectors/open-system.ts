import type { ConnectedSystem } from './connector.ts';
import { connectFolder } from './folder/connect.ts';
import { connectPostgres } from './postgres/connect.ts';
import { connectS3 } from './s3/connect.ts';

/** A system as the data map names it, with its credential already resolved. */
export interface SystemDescription {
  readonly kind: ConnectedSystem['kind'];
  /** The name in the data map, for messages. */
  readonly name: string;
  /** A connection URL, the path of a folder, or the address of a bucket. Never logged and never part of an error. */
  readonly credential: string;
  /** IANA zone in which the system's civil dates are meant: columns of type date, dates in names of files; UTC when absent. */
  readonly timeZone?: string;
  /** `pino` fits. */
  readonly log?: { warn(details: object, message: string): void } | undefined;
}

/** Connects at once. Throws `SystemUnreachable` where nobody answers or the credential is refused. */
export async function openSystem(description: SystemDescription): Promise<ConnectedSystem> {
  const { kind, name, credential, timeZone, log } = description;
  const zone = timeZone === undefined ? {} : { timeZone };
  if (kind === 's3') return connectS3({ name, url: credential, log, ...zone });
  if (kind === 'postgres') return connectPostgres({ name, url: credential, log, ...zone });
  return connectFolder({ name, path: credential, log, ...zone });
}
