import type { PoolClient, QueryResultRow } from 'pg';
import type { AccountRow, AccountSource, Attachment, Target } from '../connector.ts';
import { columnOf } from './catalogue.ts';
import { instantSql, pathValueSql } from './predicate.ts';
import { Parameters } from './quote.ts';
import { type Limits, scanLimits } from './session.ts';
import type { PostgresSystem } from './system.ts';

const rowsPerFetch = 1_000;

/**
 * Rows of one statement through a cursor, so that memory stays flat however many there are. The snapshot stays open
 * while the caller reads; the session is returned when the caller stops, early or at the end.
 */
export async function* streamRows<Row extends QueryResultRow>(
  system: PostgresSystem,
  prepare: (client: PoolClient) => Promise<{ text: string; values: unknown[] }>,
  limits: Limits = scanLimits,
): AsyncGenerator<Row> {
  const lent = await system.sessions.borrow(limits);
  try {
    const { client } = lent;
    const { text, values } = await lent.run(() => prepare(client));
    // The caller decides how long it takes between two fetches.
    await lent.run(() =>
      client.query(
        'begin isolation level repeatable read read only; set local idle_in_transaction_session_timeout = 0',
      ),
    );
    await lent.run(() => client.query(`declare kept_rows no scroll cursor for ${text}`, values));
    for (;;) {
      const found = await lent.run(() => client.query<Row>(`fetch ${rowsPerFetch} from kept_rows`));
      yield* found.rows;
      if (found.rows.length < rowsPerFetch) break;
    }
  } finally {
    await lent.giveBack(true);
  }
}

/** See `ConnectedSystem.readAccounts`. */
export async function* readAccounts(system: PostgresSystem, source: AccountSource): AsyncGenerator<AccountRow> {
  const rows = streamRows<{ account: string; state: string; cancelled_at: Date | null; owner_email: string | null }>(
    system,
    async (client) => {
      system.catalogue.forget();
      const relation = await system.catalogue.getRelation(client, source.table);
      const parameters = new Parameters();
      const target: Target = {
        name: source.table,
        key: [],
        subjects: {},
        attachments: [],
        bulkOnly: false,
        breakCycleAt: [],
      };
      const scope = {
        client,
        catalogue: system.catalogue,
        timeZone: system.timeZone,
        target,
        relation,
        alias: 't',
        parameters,
      };
      const cancelledAt = columnOf(relation, source.cancelledAt);
      const email = source.ownerEmail === null ? 'null' : await pathValueSql(scope, source.ownerEmail);
      return {
        text: `select t.${columnOf(relation, source.key).sql}::text as account,
                      coalesce(t.${columnOf(relation, source.state).sql}::text, '') as state,
                      ${instantSql(scope, cancelledAt, `t.${cancelledAt.sql}`)} as cancelled_at, ${email}::text as owner_email
                 from ${relation.sql} as t order by 1`,
        values: parameters.values,
      };
    },
  );
  for await (const row of rows) {
    yield { account: row.account, state: row.state, cancelledAt: row.cancelled_at, ownerEmail: row.owner_email };
  }
}

/** See `ConnectedSystem.readAttachmentPaths`. Byte order is what `collate "C"` sorts UTF-8 by. */
export async function* readAttachmentPaths(
  system: PostgresSystem,
  target: Target,
  attachment: Attachment,
): AsyncGenerator<string> {
  const rows = streamRows<{ path: string }>(system, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const column = `t.${columnOf(relation, attachment.column).sql}::text collate "C"`;
    return {
      text: `select distinct ${column} as path from ${relation.sql} as t where ${column} is not null order by path`,
      values: [],
    };
  });
  for await (const row of rows) yield row.path;
}
