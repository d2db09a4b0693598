import { OWN_SLUG } from '../access/ensure-own-organisation.ts';
import type { Config } from '../platform/config.ts';
import { clientConfig } from '../platform/database.ts';
import { filesFolder } from '../platform/storage.ts';

/** The role under which Kept disposes of its own data. */
export const DISPOSER = 'kept_disposer';

/** How the data map of Kept itself calls the credential of its own database. */
export const OWN_CREDENTIAL = 'own-database';

/** And that of its stored files. */
export const FILES_CREDENTIAL = 'own-files';

/**
 * Lets the server's own organisation, and no other, reach Kept's own database, as the role that disposes of its data,
 * and its stored files.
 * What an operator puts into the secrets file under `kept` wins: there it may name a login of its own.
 * @param databaseUrl login that owns the database
 */
export function withOwnCredential(config: Config, databaseUrl: string): Config {
  return {
    ...config,
    secret(name, organisation) {
      const found = config.secret(name, organisation);
      if (found !== undefined || organisation.slug !== OWN_SLUG) return found;
      if (name === FILES_CREDENTIAL) return filesFolder(config) ?? config.filesUrl;
      return name === OWN_CREDENTIAL ? clientConfig(databaseUrl, DISPOSER).connectionString : undefined;
    },
  };
}
