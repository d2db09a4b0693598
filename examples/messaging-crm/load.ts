import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { generate, type Table } from './generate.ts';
import type { GenerateOptions } from './people.ts';

const ROWS_A_STATEMENT = 5_000;

/**
 * Fills an empty database with the product's tables and rows, in one transaction: it is there whole or not at all.
 * @param owner the role that will own the tables
 * @param grant gives the other roles their rights, in the same transaction as the client's own role
 * @param progress called with rows loaded so far and rows expected
 */
export async function loadProductDatabase(
  client: Client,
  options: GenerateOptions,
  owner: string,
  grant: (client: Client) => Promise<void>,
  progress: (done: number, expected: number) => void,
): Promise<number> {
  const { auditPartitions, tables } = generate(options);
  const expected = tables.reduce((sum, table) => sum + table.expected, 0);
  let done = 0;
  await client.query('begin');
  await client.query(`set local role ${client.escapeIdentifier(owner)}`);
  await client.query(await statementsOf('schema.sql'));
  for (const { name, from, to } of auditPartitions)
    await client.query(
      `create table ${name} partition of audit_log for values from (${client.escapeLiteral(from.toISOString())}) to (${client.escapeLiteral(to.toISOString())})`,
    );
  for (const table of tables)
    for await (const count of insert(client, table)) {
      done += count;
      progress(done, Math.max(done, expected));
    }
  await client.query(await statementsOf('schema-keys.sql'));
  await client.query('reset role');
  await grant(client);
  await client.query('analyze');
  await client.query('commit');
  return done;
}

/** Inserts in chunks; the next chunk is made while the database works on the last. */
async function* insert(client: Client, table: Table): AsyncGenerator<number> {
  const statement = `insert into ${table.name} select * from json_populate_recordset(null::${table.name}, $1::json)`;
  let underWay: Promise<number> = Promise.resolve(0);
  const send = async (rows: readonly object[]) => {
    await client.query(statement, [JSON.stringify(rows)]);
    return rows.length;
  };
  let rows: object[] = [];
  for (const row of table.rows) {
    rows.push(row);
    if (rows.length < ROWS_A_STATEMENT) continue;
    yield await underWay;
    underWay = send(rows);
    rows = [];
  }
  yield await underWay;
  yield await send(rows);
}

const statementsOf = (file: string) => readFile(new URL(file, import.meta.url), 'utf8');
