import pg from 'pg';
import { z } from 'zod';
import { entryBodies } from './bodies-contract.ts';
import { entryKindSchema } from './kinds-contract.ts';

const leafSchema = z.object({ kind: entryKindSchema, body: z.json() });

/**
 * What is said of the bodies of entries is true of every entry that any test recorded: `openTestPlatform` calls this
 * as it closes.
 * @param databaseUrl of whoever sees every organisation
 * @throws Error that lists what does not fit
 */
export async function closingCheck(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    // Who would not see every row is told so instead of being shown none.
    await client.query('set row_security = off');
    const { rows } = await client.query<{ leaf: string }>(
      'select leaf from ledger.pending union all select leaf from ledger.entry',
    );
    const misfits = new Set(rows.flatMap(({ leaf }) => misfitsOf(leaf)));
    if (misfits.size > 0)
      throw new Error(
        `Entries of this test do not fit what server/ledger/*bodies-contract.ts says of them:\n${[...misfits].slice(0, 20).join('\n')}`,
      );
  } finally {
    await client.end();
  }
}

/** What is wrong with an entry, one sentence each. */
export function misfitsOf(leaf: string): string[] {
  const { kind, body } = leafSchema.parse(JSON.parse(leaf));
  const parsed = entryBodies[kind].schema.safeParse(body);
  if (parsed.success) return [];
  return parsed.error.issues.map(
    ({ path, message }) =>
      `${kind}: ${path.join('.') || 'the body'}: ${message} (in ${JSON.stringify(body).slice(0, 300)})`,
  );
}
