import assert from 'node:assert/strict';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endpoints } from '@kept/sdk';
import PostalMime from 'postal-mime';
import { dayMs, daysBefore, monthsBefore } from './ages.ts';
import { listEnds } from './conduct.ts';
import { rotateBackups } from './files.ts';
import { accounts, cast } from './people.ts';
import { masterKey } from './records.ts';
import { type Example, eventually, startExample } from './test-example.ts';
import { unseal, unwrapKey } from './token-envelope.ts';

/**
 * Each promise of the source document: broken in the store behind Kept's back, seen *broken*, repaired, seen *kept*.
 * One server for all; the first disposal, of what the example comes with, is the first test.
 */
let example: Example;
const now = new Date();

before(async () => {
  example = await startExample(0.02);
  // A month that is only partly past two years waits for its end, and its promise is due meanwhile. Here it shall not.
  await change('delete from audit_log where recorded_at < $1 and recorded_at >= $2', [
    monthsBefore(now, 24),
    monthsBefore(now, 25),
  ]);
});
after(() => example.close());

/** Rows of the product database, as it itself sees them. */
async function count(query: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await example.product.query<{ n: number }>(`select count(*)::int as n from ${query}`, [...values]);
  return rows[0]?.n ?? 0;
}

async function change(statement: string, values: readonly unknown[] = []): Promise<void> {
  await example.product.query(statement, [...values]);
}

async function expectStatus(promise: string, status: string): Promise<void> {
  const row = await example.measure(promise);
  assert.equal(
    row.status,
    status,
    `${promise}: ${JSON.stringify(row.reason)} ${JSON.stringify(row.measurement?.places)}`,
  );
}

/** Kept disposes by itself of what it sees past its period; while it is stopped, a broken promise stays to be seen. */
async function whileStopped(act: () => Promise<void>): Promise<void> {
  await example.client.call(endpoints.retention.stopDisposal, { body: { reason: 'test' } });
  try {
    await act();
  } finally {
    await example.client.call(endpoints.retention.restartDisposal, { body: {} });
  }
}

const cancel = (account: string) =>
  change(`update account set state = 'canceled', canceled_at = $2 where id = $1`, [account, daysBefore(now, 45)]);

/** The promise is broken, and kept again once it is mended. */
async function breakAndMend(
  promise: string,
  breakIt: () => Promise<void>,
  mend: () => Promise<unknown>,
): Promise<void> {
  await whileStopped(async () => {
    await breakIt();
    await expectStatus(promise, 'broken');
  });
  await mend();
  await expectStatus(promise, 'kept');
}

test('the first disposal takes what is past its period and leaves what is held, due by law or safe', async () => {
  const held = await count('message where account_id = $1', [cast.inDispute]);
  const inGrace = await count('message where account_id = any($1)', [cast.inGrace]);
  await example.client.call(endpoints.retention.placeHold, {
    body: { target: { kind: 'account', account: cast.inDispute }, reason: 'Court', reviewOn: '2099-01-01' },
  });
  await expectStatus('discard-after-period', 'broken');
  const run = await example.dispose();
  assert.ok(run.disposed > 100);
  assert.equal(await count('message where account_id = $1', [cast.pastGrace]), 0);
  assert.equal(await count('account where id = $1', [cast.pastGrace]), 0);
  assert.ok((await count('invoice where account_id = $1', [cast.pastGrace])) > 0, 'the law keeps the invoices');
  assert.equal(await count('message where account_id = $1', [cast.inDispute]), held);
  assert.equal(await count('message where account_id = any($1)', [cast.inGrace]), inGrace);
  assert.equal(await count('lead where anonymised_at is not null'), await count('lead where name is null'));
});

test('RV-18: an owner who is not told for longer than promised is a broken promise', async () => {
  await example.mailServer.stop();
  await cancel('AC-0007');
  await example.dispose();
  await eventually(async () => {
    const ends = await listEnds(example.client);
    return ends.find((end) => end.account === 'AC-0007')?.state === 'erased' ? true : undefined;
  }, 'the account is erased');
  await expectStatus('contract-end-confirmed', 'due');
  // Three days pass, as far as Kept's own record goes.
  await example.keptDatabase.query(
    `update retention.contract_end set erased_at = erased_at - interval '3 days' where account = 'AC-0007'`,
  );
  await expectStatus('contract-end-confirmed', 'broken');
  await example.mailServer.start();
});

test('RV-01: data past its period goes or is anonymised', async () => {
  const silent = monthsBefore(now, 9);
  await change(
    `insert into lead values (900001, 'Fulana de Tal', 'fulana@example.org', '+55 00 91234-5678', 'Loja', 'site', 'novo', $1, $1, null)`,
    [silent],
  );
  await expectStatus('discard-after-period', 'broken');
  await breakAndMend(
    'inactive-leads-anonymised',
    async () => {},
    () => example.dispose(),
  );
  await expectStatus('discard-after-period', 'kept');
  const { rows } = await example.product.query('select name, email, phone, anonymised_at from lead where id = 900001');
  assert.equal(rows[0]?.name, null);
  assert.equal(rows[0]?.phone, null);
  assert.notEqual(rows[0]?.email, 'fulana@example.org');
  assert.ok(rows[0]?.anonymised_at instanceof Date);
});

test('RV-02: operators stay while the account is active', async () => {
  // Somebody marks the wrong account and notices in time.
  await whileStopped(async () => {
    await cancel('AC-0002');
    await expectStatus('operators-while-active', 'broken');
    await change(`update account set state = 'active', canceled_at = null where id = 'AC-0002'`);
    await expectStatus('operators-while-active', 'kept');
  });
  assert.ok((await count(`operator where account_id = 'AC-0002'`)) > 0);
});

test('RV-03: contacts and messages stay while the account is active', async () => {
  await breakAndMend(
    'contacts-while-active',
    () => cancel('AC-0003'),
    () => example.dispose(),
  );
  assert.equal(await count(`message where account_id = 'AC-0003'`), 0);
  assert.equal(await count(`contact where account_id = 'AC-0003'`), 0);
});

test('RV-04: a token that expired goes', async () => {
  await breakAndMend(
    'tokens-until-expiry',
    () =>
      change(`update oauth_token set expires_at = $1 where id = (select max(id) from oauth_token)`, [
        daysBefore(now, 4),
      ]),
    () => example.dispose(),
  );
});

test('RV-04, RV-13: a revoked token is gone within seconds, the others open with their keys', async () => {
  const { rows } = await example.product.query<{ grant_id: string; access_token: string; key_id: string }>(
    `select grant_id, access_token, key_id from oauth_token where account_id = 'AC-0005' order by id`,
  );
  const [revoked] = rows;
  assert.ok(revoked !== undefined);
  const body = { id: 'revocation-1', event: { type: 'grant.revoked' as const, grant: revoked.grant_id } };
  const first = await example.client.call(endpoints.webhooks.receiveEvent, { body });
  const again = await example.client.call(endpoints.webhooks.receiveEvent, { body });
  assert.deepEqual([first.repeated, again.repeated, again.event], [false, true, first.event]);
  const gone = async () =>
    (await count('oauth_token where grant_id = $1', [revoked.grant_id])) === 0 ? true : undefined;
  await eventually(gone, 'the token is gone');
  await expectStatus('tokens-erased-on-revocation', 'kept');

  const others = await example.product.query<{ access_token: string; wrapped_key: string }>(
    'select access_token, wrapped_key from oauth_token join token_key on token_key.id = key_id',
  );
  assert.ok(others.rows.length > 50);
  const master = masterKey(example.generated.seed);
  for (const { access_token, wrapped_key } of others.rows)
    assert.match(unseal(access_token, unwrapKey(wrapped_key, master)).toString('utf8'), /^mkt-/);

  // Five minutes later, as far as Kept's own record goes, somebody restores the row from a backup.
  await example.keptDatabase.query(
    `update retention.erasure set received_at = received_at - interval '5 minutes', done_at = done_at - interval '5 minutes'`,
  );
  const restore = `insert into oauth_token values (900001, 'AC-0005', 'bazar-norte', $1, $2, $3, $4, $5)`;
  const values = [revoked.grant_id, revoked.access_token, revoked.key_id, daysBefore(now, 9), daysBefore(now, -30)];
  await breakAndMend(
    'tokens-erased-on-revocation',
    () => change(restore, values),
    async () => {
      // The revocation is sent again: it erases what came back.
      await example.client.call(endpoints.webhooks.receiveEvent, { body: { ...body, id: 'revocation-1-again' } });
      await eventually(gone, 'the restored token is gone');
    },
  );
});

test('RV-05: invoices go five years after issue', async () => {
  const old = `insert into invoice values (900001, 'AC-0001', 'MR-OLD-1', 'Ateliê', '00.000.000/0001-00', 100, $1)`;
  await breakAndMend(
    'invoices-five-years',
    () => change(old, [monthsBefore(now, 66)]),
    () => example.dispose(),
  );
  assert.equal(await count('invoice where id = 900001'), 0);
});

test('RV-06: the audit log goes in bulk, and never row by row', async () => {
  const month = monthsBefore(now, 40);
  const from = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), 1));
  const to = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
  const rowsBefore = await count('audit_log');
  await breakAndMend(
    'audit-log-two-years',
    async () => {
      await change(
        `create table audit_log_old partition of audit_log for values from ('${from.toISOString()}') to ('${to.toISOString()}')`,
      );
      await change(`alter table audit_log_old owner to ${await ownerOf('audit_log')}`);
      await change(
        `insert into audit_log values (900001, $1, 'AC-0001', 1, 'contact.viewed', 'contact/1', '192.0.2.1')`,
        [new Date(from.getTime() + dayMs)],
      );
    },
    () => example.dispose(),
  );
  assert.equal(await count(`pg_class where relname = 'audit_log_old'`), 0, 'the month went as a whole');
  assert.equal(await count('audit_log'), rowsBefore, 'and nothing else of it');
});

async function ownerOf(table: string): Promise<string> {
  const { rows } = await example.product.query<{ owner: string }>(
    'select relowner::regrole::text as owner from pg_class where relname = $1',
    [table],
  );
  return rows[0]?.owner ?? '';
}

test('RV-07: application logs go after 90 days', async () => {
  const name = `app-${daysBefore(now, 120).toISOString().slice(0, 10)}.log`;
  const path = join(example.volumes.logs, name);
  await breakAndMend(
    'application-logs-90-days',
    async () => writeFileSync(path, '{}\n'),
    () => example.dispose(),
  );
  assert.equal(existsSync(path), false);
  assert.ok(readdirSync(example.volumes.logs).length >= 89);
});

test('RV-08: no backup is older than 30 days; Kept measures, the product rotates', async () => {
  const path = join(example.volumes.backups, 'messaging_crm-forgotten.dump');
  const forget = async () => {
    writeFileSync(path, 'backup\n');
    utimesSync(path, daysBefore(now, 40), daysBefore(now, 40));
  };
  await breakAndMend('backups-30-days', forget, async () => {
    await example.dispose();
    assert.equal(existsSync(path), true, 'Kept leaves it to the product');
    assert.equal(await rotateBackups(example.volumes.backups, now), 1);
  });
});

test('RV-09: webhook deliveries go after 30 days', async () => {
  const old = `insert into webhook_delivery values (900001, 'AC-0001', 'whatsapp', 'message.received', '{}', $1, null)`;
  await breakAndMend(
    'webhook-log-30-days',
    () => change(old, [daysBefore(now, 44)]),
    () => example.dispose(),
  );
});

test('RV-10: the period of another company is never shown as kept, and metrics carry no identifiers', async () => {
  const row = await example.measure('aggregate-metrics');
  assert.equal(row.status, 'unproven');
  assert.equal(row.reason?.code, 'no-rule-can-execute');
  const source = `update metric_daily set source = $1 where (day, page, source) = (select day, page, $2 from metric_daily limit 1)`;
  await breakAndMend(
    'metrics-carry-no-identifiers',
    () => change(source, ['maria.silva@example.com', 'busca']),
    () =>
      change(source.replace('source) =', 'source) in').replace('limit 1', ''), ['busca', 'maria.silva@example.com']),
  );
});

test('RV-11: space of deleted rows is made usable again', async () => {
  await change('alter table metric_hit set (autovacuum_enabled = off)');
  await change('alter table webhook_delivery set (autovacuum_enabled = off)');
  await breakAndMend(
    'space-released',
    async () => {
      await change('delete from webhook_delivery where id % 2 = 0');
      await change('select pg_stat_force_next_flush()');
    },
    () => change('vacuum webhook_delivery'),
  );
});

test('RV-12: an attachment leaves the volume with its message', async () => {
  const { rows } = await example.product.query<{ path: string; message_id: string }>(
    `select path, message_id from attachment join message on message.id = message_id where account_id = 'AC-0001' limit 1`,
  );
  const [attachment] = rows;
  assert.ok(attachment !== undefined);
  const file = join(example.volumes.media, attachment.path);
  assert.equal(existsSync(file), true);
  // The application deletes a message and forgets its file.
  await breakAndMend(
    'attachments-with-message',
    async () => {
      await change('delete from message where id = $1', [attachment.message_id]);
      utimesSync(file, daysBefore(now, 5), daysBefore(now, 5));
    },
    () => example.dispose(),
  );
  assert.equal(existsSync(file), false);
  for (const row of (await example.product.query<{ path: string }>('select path from attachment')).rows)
    assert.equal(existsSync(join(example.volumes.media, row.path)), true, 'files of living messages stay');
});

test('RV-13: the key of the remaining tokens stays', async () => {
  const { rows } = await example.product.query(`select * from token_key where id = 'k1'`);
  const [key] = rows;
  await breakAndMend(
    'token-keys-stay',
    () => change(`delete from token_key where id = 'k1'`),
    () => change('insert into token_key values ($1, $2, $3)', [key?.id, key?.wrapped_key, key?.created_at]),
  );
});

test('RV-16: what the law keeps of an ended contract stays for the rest of its time, and no longer', async () => {
  const old = `insert into invoice values (900002, $2, 'MR-OLD-2', 'Loja', '00.000.000/0001-00', 100, $1)`;
  await breakAndMend(
    'exceptions-for-their-time',
    () => change(old, [monthsBefore(now, 70), cast.pastGrace]),
    () => example.dispose(),
  );
  assert.equal(await count('invoice where id = 900002'), 0);
  // Too short is broken, too: somebody deletes what the law still keeps.
  const { rows } = await example.product.query('select * from invoice where account_id = $1', [cast.pastGrace]);
  assert.ok(rows.length > 0);
  await breakAndMend(
    'exceptions-for-their-time',
    () => change('delete from invoice where account_id = $1', [cast.pastGrace]),
    () =>
      change('insert into invoice select * from json_populate_recordset(null::invoice, $1)', [JSON.stringify(rows)]),
  );
});

test('RV-17: after grace everything of the account goes but what the law keeps', async () => {
  const account = 'AC-0006';
  const invoicesBefore = await count('invoice where account_id = $1', [account]);
  await breakAndMend(
    'contract-end',
    () => cancel(account),
    () => example.dispose(),
  );
  for (const table of ['operator', 'contact', 'conversation', 'message', 'oauth_token', 'webhook_delivery'])
    assert.equal(await count(`${table} where account_id = $1`, [account]), 0, table);
  assert.equal(await count('account where id = $1', [account]), 0);
  assert.equal(await count('invoice where account_id = $1', [account]), invoicesBefore);
  const media = join(example.volumes.media, account);
  assert.equal(existsSync(media) ? countFiles(media) : 0, 0);
});

const countFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test('RV-21: tokens are stored encrypted', async () => {
  const { rows } = await example.product.query<{ id: string; access_token: string }>(
    `select id, access_token from oauth_token where account_id = 'AC-0010' limit 1`,
  );
  const [token] = rows;
  assert.ok(token !== undefined);
  const set = 'update oauth_token set access_token = $2 where id = $1';
  await breakAndMend(
    'tokens-encrypted',
    () => change(set, [token.id, 'mkt-plain-text-token']),
    () => change(set, [token.id, token.access_token]),
  );
});

test('RV-22: addresses are anonymised before they are handed on', async () => {
  await breakAndMend(
    'metrics-anonymised-ip',
    () => change(`insert into metric_hit values (900001, '/', null, '192.0.2.55', $1)`, [now]),
    () => change('delete from metric_hit where id = 900001'),
  );
});

test('RV-23: accounting records go five years after their fiscal year', async () => {
  const old = `insert into accounting_record values (900001, 'AC-0001', $1, $2, '3.1.01', 'Receita', 100)`;
  const year = now.getUTCFullYear() - 7;
  await breakAndMend(
    'accounting-records',
    () => change(old, [year, `${year}-12-31`]),
    () => example.dispose(),
  );
  assert.equal(await count('accounting_record where id = 900001'), 0);
});

test('RV-18: the owner is told by mail what went, what stayed, why and until when', async () => {
  const owner = accounts(example.generated).find((account) => account.id === cast.pastGrace)?.owner_email;
  const mails = await Promise.all(example.mails().map((raw) => PostalMime.parse(raw)));
  const mine = mails.filter((mail) => mail.to?.some((to) => to.address === owner));
  assert.equal(mine.length, 1, 'told once');
  const text = mine[0]?.text ?? '';
  assert.match(text, /conversas e mensagens/);
  assert.match(text, /faturas e documentos fiscais/);
  assert.match(text, /Lei 5\.474\/1968/);
  assert.match(text, /20\d\d/);

  // An owner who could not be told for three days is told once the mail server is back.
  await eventually(
    async () => {
      const ends = await listEnds(example.client);
      return ends.find((end) => end.account === 'AC-0007')?.state === 'confirmed' ? true : undefined;
    },
    'the late confirmation leaves',
    120_000,
  );
  await expectStatus('contract-end-confirmed', 'kept');
});
