import { startEmbeddedPostgres } from './embedded-postgres.ts';

/** A process that holds an embedded database, for tests that kill it: `node test-postgres-process.ts DIRECTORY`. */
const postgres = await startEmbeddedPostgres({ dataDirectory: process.argv[2] ?? '' });
process.send?.({ url: postgres.url('postgres') });
setInterval(() => {}, 60_000);
