import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { getReceiptOf } from '../ledger/find-receipt.ts';
import { verifierKey } from '../ledger/note.ts';
import { verifyReceipt } from '../ledger/proof.ts';
import type { Id } from '../platform/contract.ts';
import { newId } from '../platform/ids.ts';
import { daysAgo, digest, type OwnServer, startOwnServer } from './test-own.ts';

/**
 * Each promise of Kept's own policy: broken in Kept's own database behind its back, seen *broken*, mended, seen *kept*.
 * What is past its period is mended by the engine itself, under its own role.
 */
let own: OwnServer;
const person = randomUUID();
const argon = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$5vjQpUoXJAgjkJ0m9X0vFDYX4dLDL5xhZ4gkMuJMPr0';

before(async () => {
  own = await startOwnServer();
  await own.change(
    `insert into access.person (id, name, email, email_key, email_verified_at, password_hash, language, created_at)
     values ($1, 'Ana Sintética', 'ana@example.org', 'ana@example.org', $2, $3, 'pt-BR', $2)`,
    [person, daysAgo(30), argon],
  );
  await own.change(
    `insert into access.totp (person_id, sealed_secret, confirmed_at, created_at) values ($1, $2, $3, $3)`,
    [person, digest(), daysAgo(30)],
  );
  await own.change(
    `insert into access.membership (organisation_id, person_id, role, created_at) values ($1, $2, 'owner', $3)`,
    [own.organisationId, person, daysAgo(30)],
  );
});
after(() => own.close());

async function expect(promise: string, status: string, code?: string): Promise<void> {
  const row = await own.prove(promise);
  assert.equal(
    row.status,
    status,
    `${promise}: ${JSON.stringify(row.reason)} ${JSON.stringify(row.measurement?.places)}`,
  );
  if (code !== undefined) assert.equal(row.reason?.code, code);
}

/** Changed by hand, seen, and changed back. */
async function breakAndMend(promise: string, code: string, breaking: Statement, mending: Statement): Promise<void> {
  await expect(promise, 'kept');
  await own.change(...breaking);
  await expect(promise, 'broken', code);
  await own.change(...mending);
  await expect(promise, 'kept');
}
type Statement = [text: string, values?: readonly unknown[]];

/** What is past its period goes with the next run, and what is not stays. */
async function overdueGoes(promise: string, table: string, insert: (age: number) => Promise<unknown>): Promise<void> {
  const there = await own.count(table);
  await own.whileStopped(async () => {
    await insert(1);
    await expect(promise, 'kept');
    await insert(400);
    await expect(promise, 'broken');
  });
  await own.dispose();
  await expect(promise, 'kept');
  assert.equal(await own.count(table), there + 1);
}

test('a fresh server keeps every promise of its own, measured', async () => {
  const fresh = await own.board();
  assert.deepEqual(
    fresh.promises
      .filter(({ status }) => status !== 'kept')
      .map(({ promise, status, reason }) => ({ promise, status, reason })),
    [],
  );
  assert.ok(fresh.promises.length >= 20);
  const refs = new Set(fresh.promises.flatMap((row) => row.refs));
  for (const ref of ['PT-34', 'PT-35', 'PT-46', 'CF-03', 'CF-05', 'CF-21', 'CF-23', 'CF-25', 'PR-01', 'RV-09'])
    assert.ok(refs.has(ref), `${ref} is promised`);
});

test('PR-01, CF-03: an account without its facts, or with a secret in clear, is a broken promise', async () => {
  const back: Statement = [`update access.person set name = 'Ana Sintética' where id = $1`, [person]];
  await breakAndMend(
    'account-facts',
    'fact-missing',
    [`update access.person set name = ' ' where id = $1`, [person]],
    back,
  );
  await breakAndMend(
    'account-facts',
    'forbidden-found',
    [`update access.person set name = 'Ana, password: hunter2hunter2' where id = $1`, [person]],
    back,
  );
});

test('PR-01: a membership without a role is a broken promise', async () => {
  await own.change('alter table access.membership alter column role drop not null');
  await breakAndMend(
    'membership-facts',
    'fact-missing',
    ['update access.membership set role = null where person_id = $1', [person]],
    [`update access.membership set role = 'owner' where person_id = $1`, [person]],
  );
  await own.change('alter table access.membership alter column role set not null');
});

test('PT-46: a card number anywhere in an account is a broken promise', async () => {
  await breakAndMend(
    'no-card-numbers',
    'forbidden-found',
    [`update access.person set name = 'Ana 4111 1111 1111 1111' where id = $1`, [person]],
    [`update access.person set name = 'Ana Sintética' where id = $1`, [person]],
  );
});

test('PT-46, CF-03, CF-23: a password in clear, or hashed in a way that is guessed fast, is a broken promise', async () => {
  const back: Statement = ['update access.person set password_hash = $2 where id = $1', [person, argon]];
  for (const bad of ['hunter2hunter2', 'ab'.repeat(32), `$2b$04$${'a'.repeat(53)}`])
    await breakAndMend(
      'passwords-hashed',
      'plain-secret-found',
      ['update access.person set password_hash = $2 where id = $1', [person, bad]],
      back,
    );
  await own.change('update access.person set password_hash = $2 where id = $1', [person, `$2b$12$${'a'.repeat(53)}`]);
  await expect('passwords-hashed', 'kept');
  await own.change(...back);
});

test('CF-23: a token in clear in the place of its hash is a broken promise', async () => {
  await breakAndMend(
    'tokens-hashed',
    'plain-secret-found',
    [
      `insert into access.one_time_token (token_hash, kind, methods, created_at, expires_at) values ($1, 'link', '{}', $2, $3)`,
      [Buffer.from('q2cVd8r0yB9nG5mW1xL7tZ4pK6sJ3hFa'), daysAgo(0), daysAgo(-1)],
    ],
    ['delete from access.one_time_token'],
  );
});

test('PT-34: an owner without a second factor is due, and a week after joining a broken promise', async () => {
  const factor: Statement = [
    `insert into access.totp (person_id, sealed_secret, confirmed_at, created_at) values ($1, $2, $3, $3)`,
    [person, digest(), daysAgo(30)],
  ];
  await breakAndMend(
    'privileged-second-factor',
    'factor-missing',
    ['delete from access.totp where person_id = $1', [person]],
    factor,
  );
  await own.change('update access.membership set created_at = $2 where person_id = $1', [person, daysAgo(2)]);
  await own.change(
    'update access.totp set confirmed_at = null, sealed_secret = null, sealed_pending = $2 where person_id = $1',
    [person, digest()],
  );
  await expect('privileged-second-factor', 'due', 'factor-missing');
  await own.change(`update access.membership set role = 'agent' where person_id = $1`, [person]);
  await expect('privileged-second-factor', 'kept');
  await own.change(`update access.membership set role = 'owner', created_at = $2 where person_id = $1`, [
    person,
    daysAgo(30),
  ]);
  await own.change('delete from access.totp where person_id = $1', [person]);
  await own.change(...factor);
});

test('CF-25: limits that forget are a broken promise', async () => {
  await own.change(`create function access.forget() returns trigger language plpgsql as
    $$ begin new.arrival_at := timestamptz '2000-01-01'; return new; end $$`);
  await breakAndMend(
    'sign-in-limits',
    'limit-absent',
    [
      'create trigger forget before insert or update on access.rate_limit for each row execute function access.forget()',
    ],
    ['drop trigger forget on access.rate_limit'],
  );
  await own.change('drop function access.forget()');
});

test('PT-34, PT-35: a right the application must not have is a broken promise, and so is a wall that is down', async () => {
  const pairs = [
    ['grant delete on ledger.entry to kept_app', 'revoke delete on ledger.entry from kept_app'],
    ['grant truncate on access.person to kept_app', 'revoke truncate on access.person from kept_app'],
    [
      'alter table access.audit_detail no force row level security',
      'alter table access.audit_detail force row level security',
    ],
    [
      'alter table messages.message disable row level security',
      'alter table messages.message enable row level security',
    ],
  ] as const;
  for (const [down, up] of pairs) await breakAndMend('least-privilege', 'privilege-found', [down], [up]);
});

test('PT-35: an act whose record is gone, or lacks a fact, is a broken promise', async () => {
  const elsewhere = await own.test.newOrganisation();
  const entry = await own.act('access.signed-out', { session: randomUUID() }, elsewhere);
  await expect('acts-recorded', 'kept');
  const { rows } = await own.store.query('delete from access.audit_detail where entry_id = $1 returning *', [entry]);
  await expect('acts-recorded', 'broken', 'record-missing');
  const [row] = rows;
  const columns = Object.keys(row);
  await own.change(
    `insert into access.audit_detail (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  );
  await breakAndMend(
    'acts-recorded',
    'fact-missing',
    ['update access.audit_detail set address = null where entry_id = $1', [entry]],
    [`update access.audit_detail set address = '198.51.100.7' where entry_id = $1`, [entry]],
  );
});

test('PT-35: details older than twelve months go, and the entry beside which they stood is still proven', async () => {
  const entry = await own.act('access.viewed', { what: 'members' });
  await own.platform.tasks.settled();
  await own.change('update access.audit_detail set at = $2 where entry_id = $1', [entry, daysAgo(400)]);
  await own.whileStopped(() => expect('audit-details-twelve-months', 'broken'));
  await own.dispose();
  await expect('audit-details-twelve-months', 'kept');
  assert.equal(await own.count('access.audit_detail where entry_id = $1', [entry]), 0);
  await assertProven(entry);
});

/** A receipt made now holds, and the entry still says to what it was committed. */
async function assertProven(entry: Id<'Entry'>): Promise<void> {
  const { rows } = await own.store.query<{ origin: string; public_key: Buffer }>(
    'select origin, public_key from ledger.log where organisation_id = $1',
    [own.organisationId],
  );
  const [log] = rows;
  assert.ok(log !== undefined);
  const key = await verifierKey(log.origin, log.public_key);
  const receipt = await own.platform.db.transaction(own.organisationId, (tx) => getReceiptOf(tx, entry));
  const verdict = await verifyReceipt(receipt, key);
  assert.ok(verdict.valid, JSON.stringify(verdict));
  assert.equal(verdict.entry.id, entry);
  assert.match(receipt.leaf, /"commitment":"[0-9a-f]{64}"/);
}

test('CF-21: of a deleted account nothing may be left', async () => {
  const gone = randomUUID();
  await own.act('access.account-deleted', { person: gone, organisations: [] });
  await expect('account-deletion', 'kept');
  const { rows } = await own.store.query<{ entry_id: string }>(
    `select entry_id from ledger.entry where kind = 'access.account-deleted'
     union all select entry_id from ledger.pending where kind = 'access.account-deleted'`,
  );
  assert.equal(rows.length, 1);
  const leftOver: Statement = [
    `insert into access.person (id, name, email, email_key, language, created_at) values ($1, 'Resto', 'resto@example.org', 'resto@example.org', 'en', $2)`,
    [gone, daysAgo(1)],
  ];
  await own.change(...leftOver);
  await expect('account-deletion', 'due', 'account-still-there');
  // A minute passes, as far as the record of the deletion goes.
  for (const table of ['ledger.entry', 'ledger.pending'])
    await own.change(
      `update ${table} set leaf = regexp_replace(leaf, '"at":"[^"]+"', '"at":"' || $1 || '"') where kind = 'access.account-deleted'`,
      [daysAgo(1).toISOString()],
    );
  await expect('account-deletion', 'broken', 'account-still-there');
  await own.change('delete from access.person where id = $1', [gone]);
  await expect('account-deletion', 'kept');
});

test('CF-23: sessions that ended go', async () => {
  await overdueGoes('sessions-end', 'access.session', (age) =>
    own.change(
      `insert into access.session (token_hash, id, person_id, methods, created_at, seen_at, idle_at, expires_at, device)
       values ($1, $2, $3, '{password}', $4, $4, $5, $5, 'Firefox on Linux')`,
      [digest(), randomUUID(), person, daysAgo(age + 1), age === 1 ? daysAgo(-1) : daysAgo(age)],
    ),
  );
});

test('CF-05: links that expired go, used or not', async () => {
  await overdueGoes('one-time-links-end', 'access.one_time_token', (age) =>
    own.change(
      `insert into access.one_time_token (token_hash, kind, person_id, methods, created_at, expires_at, used_at)
       values ($1, 'password-reset', $2, '{}', $3, $4, $5)`,
      [digest(), person, daysAgo(age + 1), age === 1 ? daysAgo(-1) : daysAgo(age), age === 1 ? null : daysAgo(age + 1)],
    ),
  );
});

test('sign-in dialogues, counters and invitations that are over go', async () => {
  const end = (age: number) => (age === 1 ? daysAgo(-1) : daysAgo(age));
  await overdueGoes('dialogues-end', 'access.handshake', (age) =>
    own.change(`insert into access.handshake (id_hash, kind, state, expires_at) values ($1, 'oidc', '{}', $2)`, [
      digest(),
      end(age),
    ]),
  );
  await overdueGoes('dialogues-end', 'access.used_assertion', (age) =>
    own.change('insert into access.used_assertion (provider_id, assertion_id, expires_at) values ($1, $2, $3)', [
      randomUUID(),
      randomUUID(),
      end(age),
    ]),
  );
  // The measurement of the limits counts its own attempts, for some minutes.
  // The measurements after each run are counted themselves, and over within seconds.
  await own.change('delete from access.rate_limit');
  await overdueGoes('counters-end', `access.rate_limit where arrival_at > now() + interval '1 hour'`, (age) =>
    own.change('insert into access.rate_limit (bucket, arrival_at) values ($1, $2)', [digest(), end(age)]),
  );
  await overdueGoes('invitations-end', 'access.invitation', (age) =>
    own.change(
      `insert into access.invitation (organisation_id, id, email, role, invited_by, created_at, expires_at)
       values ($1, $2, 'rui@example.org', 'agent', $3, $4, $4)`,
      [own.organisationId, randomUUID(), person, daysAgo(age)],
    ),
  );
});

test('CF-05: a message is recorded, and after ninety days only that it was sent is left of it', async () => {
  const elsewhere = await own.test.newOrganisation();
  const insert = (age: number) =>
    own.change(
      `insert into messages.message (organisation_id, id, idempotency_key, template, category, language, recipient, subject, body_text,
         body_html, salt, commitment, state, attempts, queued_at, sent_at)
       values ($1, $2, $3, 'password-reset', 'transactional', 'en', 'ana@example.org', 'Reset', 'text', '<p>', 'salt', 'c', 'sent', 1, $4, $4)`,
      [elsewhere, newId<'Message'>(daysAgo(age)), randomUUID(), daysAgo(age)],
    );
  await own.whileStopped(async () => {
    await insert(10);
    await expect('message-contents-ninety-days', 'kept');
    await insert(100);
    await expect('message-contents-ninety-days', 'broken');
  });
  await own.dispose();
  await expect('message-contents-ninety-days', 'kept');
  assert.equal(await own.count('messages.message where recipient is not null'), 1);
  const empty =
    'messages.message where recipient is null and subject is null and body_text is null and body_html is null and salt is null and purged_at is not null and sent_at is not null';
  assert.equal(await own.count(empty), 1);
  await breakAndMend(
    'messages-recorded',
    'fact-missing',
    [`update messages.message set template = ''`],
    [`update messages.message set template = 'password-reset'`],
  );
});

test('RV-09: events and webhooks go after thirty days, in every organisation', async () => {
  const elsewhere = await own.test.newOrganisation();
  await overdueGoes('events-thirty-days', 'webhooks.event', (age) =>
    own.change(
      `insert into webhooks.event (organisation_id, id, sender_id, type, payload, content_hash, received_at)
       values ($1, $2, $3, 'grant.revoked', '{}', $4, $5)`,
      [elsewhere, randomUUID(), randomUUID(), digest(), daysAgo(age)],
    ),
  );
  const endpoint = randomUUID();
  await own.change(
    `insert into webhooks.endpoint (organisation_id, id, name, enabled, scheme, identified_by, rules, rules_version, created_at, changed_at)
     values ($1, $2, 'E', true, '{"kind":"meta"}', '{"by":"body"}', '[]', 1, $3, $3)`,
    [elsewhere, endpoint, daysAgo(400)],
  );
  await overdueGoes('events-thirty-days', 'webhooks.received', (age) =>
    own.change(
      `insert into webhooks.received (organisation_id, id, endpoint_id, sender_key, bytes, sealed_headers, sealed_body, state, trouble, events, received_at)
       values ($1, $2, $3, $4, 2, $5, $5, 'unmapped', '[]', '[]', $6)`,
      [
        elsewhere,
        randomUUID(),
        endpoint,
        digest(),
        own.platform.seal.close('{}', 'webhook-body', endpoint),
        daysAgo(age),
      ],
    ),
  );
  await overdueGoes('events-thirty-days', 'webhooks.endpoint_refusal', (age) =>
    own.change(
      `insert into webhooks.endpoint_refusal (organisation_id, endpoint_id, refused_on, reason, count, last_at)
       values ($1, $2, $3, 'signature-wrong', 3, $4)`,
      [elsewhere, endpoint, daysAgo(age).toISOString().slice(0, 10), daysAgo(age)],
    ),
  );
});

test('CF-23: an address without Kept’s cookie proves nothing, one without its flags breaks the promise', async () => {
  await expect('session-cookies', 'kept', 'this-machine-only');
  const at = own.access.listening.at;
  let line = 'kept_session=; Path=/; SameSite=Lax';
  const other = createServer((_asked, answer) => answer.writeHead(401, { 'set-cookie': line }).end());
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  own.access.listening.at = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  await expect('session-cookies', 'broken', 'cookie-unprotected');
  line = 'somebody=else';
  await expect('session-cookies', 'unproven', 'cookie-not-seen');
  other.closeAllConnections();
  other.close();
  await once(other, 'close');
  await expect('session-cookies', 'unproven', 'measurement-failed');
  own.access.listening.at = at;
  await expect('session-cookies', 'kept');
});

test('the role that disposes may do nothing else', async () => {
  const { rows } = await own.store.query<{ what: string }>(
    `select n.nspname || '.' || c.relname || ' ' || lower(a.privilege_type) as what
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       cross join lateral aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
      where r.rolname = 'kept_disposer' and a.privilege_type not in ('SELECT', 'MAINTAIN') order by 1`,
  );
  assert.deepEqual(
    rows.map((row) => row.what),
    [
      'access.audit_detail delete',
      'access.handshake delete',
      'access.invitation delete',
      'access.one_time_token delete',
      'access.rate_limit delete',
      'access.session delete',
      'access.used_assertion delete',
      'exports.export update',
      'exports.file delete',
      'exports.file update',
      'messages.attachment update',
      'messages.attachment_file delete',
      'messages.attachment_file update',
      'messages.mail update',
      'messages.message update',
      'messages.notice_listed delete',
      'messages.notice_recipient update',
      'messages.thread update',
      'messages.withdrawn_opt_out delete',
      'webhooks.attempt delete',
      'webhooks.delivery delete',
      'webhooks.endpoint_refusal delete',
      'webhooks.event delete',
      'webhooks.received delete',
    ],
  );
  await own.change('set role kept_disposer');
  await assert.rejects(own.change('delete from access.person'), /permission denied/);
  await assert.rejects(own.change('select leaf from ledger.entry'), /permission denied/);
  await own.change('reset role');
});
