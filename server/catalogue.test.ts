import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { newId } from './platform/ids.ts';
import { openTestPlatform } from './platform/test-database.ts';

/** Tables of global things: few, written rarely, copied to every node when sharded. */
const globalTables = [
  'access.external_identity',
  'access.first_organisation',
  'access.handshake',
  'access.one_time_token',
  'access.organisation',
  'access.own_organisation',
  'access.passkey',
  'access.person',
  'access.rate_limit',
  'access.recovery_code',
  'access.session',
  'access.totp',
  'access.used_assertion',
  'ledger.signing_key',
  'platform.migration',
  'platform.data_key',
];
/**
 * Tables of an organisation in which something is looked up before the organisation is known: a transaction of one
 * organisation sees only its rows there, a global one all. They are copied to every node, too.
 */
const lookedUpTables = ['access.domain', 'access.key', 'access.membership', 'access.provider', 'webhooks.due'];
/** What belongs to PostgreSQL, or to the queue, whose tables stay on the coordinator. */
const foreignSchemas = ['information_schema', 'queue'];

const { platform, organisationId, newOrganisation, adminUrl, close } = await openTestPlatform();
const client = new pg.Client(adminUrl);
await client.connect();
after(async () => {
  await client.end();
  await close();
});

interface Rule {
  readonly name: string;
  /** Finds what breaks the rule: one row each, with the column `found`. */
  readonly query: string;
  /** Tables that it is not about, beside the global ones. */
  readonly exempt?: readonly string[];
  /** Makes a table `planted.bad` that breaks it. */
  readonly plant: string;
}

const tenant = `
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> all($1)
    and n.nspname || '.' || c.relname <> all($2)`;
const name = `n.nspname || '.' || c.relname`;
const good = `create table planted.bad (organisation_id uuid not null, id uuid not null, primary key (organisation_id, id))`;
const walled = `; alter table planted.bad enable row level security; alter table planted.bad force row level security;
  create policy tenant on planted.bad using (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)
    with check (organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)`;

const rules: readonly Rule[] = [
  {
    name: 'every table of an organisation begins its primary key with organisation_id uuid',
    query: `select ${name} as found ${tenant} and not exists (
      select from pg_constraint k join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
      where k.conrelid = c.oid and k.contype = 'p' and a.attname = 'organisation_id' and a.atttypid = 'uuid'::regtype)`,
    plant: `create table planted.bad (id uuid primary key, organisation_id uuid not null)`,
  },
  {
    name: 'every unique index and foreign key begins with organisation_id',
    query: `select ${name} || ' ' || i.indexrelid::regclass as found
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_index i on i.indrelid = c.oid and i.indisunique
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where n.nspname not like 'pg\\_%' and n.nspname <> all($1) and n.nspname || '.' || c.relname <> all($2)
        and a.attname is distinct from 'organisation_id'
      union all
      select ${name} || ' ' || k.conname
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
      where k.contype = 'f' and n.nspname <> all($1) and n.nspname || '.' || c.relname <> all($2) and a.attname <> 'organisation_id'`,
    exempt: lookedUpTables,
    plant: `${good}; create unique index on planted.bad (id)`,
  },
  {
    name: 'row-level security is forced, with a policy on the organisation for reading and writing',
    query: `select ${name} as found ${tenant} and not c.relispartition and (not c.relrowsecurity or not c.relforcerowsecurity
      or not exists (select from pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname)
      or exists (select from pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname and p.permissive = 'PERMISSIVE'
        and (coalesce(p.qual, p.with_check) not like '%app.organisation_id%'
          or (p.cmd in ('ALL', 'INSERT', 'UPDATE') and coalesce(p.with_check, p.qual) not like '%app.organisation_id%'))))`,
    plant: `${good}; alter table planted.bad enable row level security`,
  },
  {
    name: 'without an organisation nothing of one is seen, but where it is looked up',
    query: `select ${name} as found ${tenant} and exists (
      select from pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname and p.permissive = 'PERMISSIVE'
        and (coalesce(p.qual, '') like '% OR %' or coalesce(p.with_check, '') like '% OR %' or p.qual = 'true'))`,
    exempt: lookedUpTables,
    plant: `${good}; alter table planted.bad enable row level security; alter table planted.bad force row level security;
      create policy within on planted.bad using (coalesce(current_setting('app.organisation_id', true), '') = ''
        or organisation_id = nullif(current_setting('app.organisation_id', true), '')::uuid)`,
  },
  {
    name: 'there are no triggers, sequences, unlogged tables or deeper partitions',
    query: `select ${name} || ' has a trigger' as found ${tenant} and exists (select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)
      union all select ${name} || ' is a sequence' from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'S' and n.nspname not like 'pg\\_%' and n.nspname <> all($1)
      union all select ${name} || ' is unlogged' ${tenant} and c.relpersistence <> 'p'
      union all select ${name} || ' is a partition of a partition' ${tenant} and c.relispartition and c.relkind = 'p'`,
    plant: `create table planted.bad (organisation_id uuid not null, id bigserial, primary key (organisation_id, id))${walled}`,
  },
  {
    name: 'no foreign key sets columns to null',
    query: `select ${name} || ' ' || k.conname as found
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'f' and n.nspname <> all($1) and ($2::text[] is not null)
        and (k.confdeltype in ('n', 'd') or k.confupdtype in ('n', 'd'))`,
    plant: `${good}; alter table planted.bad add column parent uuid, add constraint set_null foreign key (organisation_id, parent)
      references planted.bad (organisation_id, id) on delete set null`,
  },
  {
    name: 'no table can be truncated, altered or owned by the roles of the application',
    query: `select ${name} || ' ' || a.privilege_type || ' to ' || r.rolname as found
      from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
      where r.rolname like 'kept\\_%' and n.nspname <> all($1) and ($2::text[] is not null)
        and a.privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
      union all select ${name} || ' is owned by ' || r.rolname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
      where r.rolname in ('kept_app', 'kept_sequencer', 'kept_pruner') and n.nspname <> all($1)`,
    plant: `${good}; grant truncate on planted.bad to kept_app`,
  },
  {
    name: 'what is appended to the ledger is neither changed nor removed by the application',
    query: `select ${name} || ' ' || a.privilege_type as found
      from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
      where n.nspname in ('ledger', 'planted') and r.rolname = 'kept_app' and a.privilege_type in ('UPDATE', 'DELETE')
        and ($1::text[] is not null) and ($2::text[] is not null)`,
    plant: `${good}; grant delete on planted.bad to kept_app`,
  },
];

async function find(rule: Rule): Promise<string[]> {
  const exempt = [...globalTables, ...(rule.exempt ?? [])];
  const { rows } = await client.query<{ found: string }>(rule.query, [foreignSchemas, exempt]);
  return rows.map((row) => row.found);
}

for (const rule of rules) {
  test(rule.name, async () => assert.deepEqual(await find(rule), []));

  test(`a planted violation is seen – ${rule.name}`, async () => {
    await client.query('begin');
    try {
      await client.query('create schema planted');
      await client.query(rule.plant);
      assert.match((await find(rule)).join(), /planted\.bad/);
    } finally {
      await client.query('rollback');
    }
  });
}

test('the application sees nothing of the queue’s and PostgreSQL’s that it could use to leave its role', async () => {
  const { rows } = await client.query<{ rolname: string }>(
    "select rolname from pg_roles where rolname in ('kept_app', 'kept_sequencer', 'kept_pruner') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication)",
  );
  assert.deepEqual(rows, []);
});

test('where an organisation is looked up, a transaction of one sees and writes its own rows only', async () => {
  const ours = organisationId;
  const theirs = await newOrganisation();
  const person = newId<'Person'>(platform.clock.now());
  await client.query(
    `insert into access.person (id, name, email, email_key, language, created_at) values ($1, 'P', 'p@x.example', 'p@x.example', 'en', now())`,
    [person],
  );
  const fill: Record<string, (organisation: string) => [string, unknown[]]> = {
    'access.membership': (organisation) => [
      `insert into access.membership (organisation_id, person_id, role, created_at) values ($1, $2, 'auditor', now())`,
      [organisation, person],
    ],
    'access.key': (organisation) => [
      `insert into access.key (organisation_id, id, kind, name, key_hash, last_four, scopes, origins, created_by, created_at)
       values ($1, gen_random_uuid(), 'api', 'K', uuid_send(gen_random_uuid()), 'abcd', '{}', '{}', $2, now())`,
      [organisation, person],
    ],
    'access.provider': (organisation) => [
      `insert into access.provider (organisation_id, id, kind, name, settings, default_role, created_at)
       values ($1, gen_random_uuid(), 'oidc', 'O', '{}', 'auditor', now())`,
      [organisation],
    ],
    'access.domain': (organisation) => [
      `insert into access.domain (organisation_id, domain, challenge, created_at) values ($1, 'x.example', 'c', now())`,
      [organisation],
    ],
    'webhooks.due': (organisation) => [
      'insert into webhooks.due (organisation_id, subscription_id, due_at) values ($1, gen_random_uuid(), now())',
      [organisation],
    ],
  };
  assert.deepEqual(Object.keys(fill).sort(), lookedUpTables);
  // As the application does it: the role first, then the organisation.
  const seen = async (organisation: string | null, [text, values]: [string, unknown[]]) => {
    await client.query('begin');
    try {
      await client.query('set local role kept_app');
      if (organisation !== null) await client.query(`set local app.organisation_id = '${organisation}'`);
      return await client.query<{ organisation_id: string }>(text, values);
    } finally {
      await client.query('rollback');
    }
  };
  for (const [table, row] of Object.entries(fill)) {
    for (const organisation of [ours, theirs]) await client.query(...row(organisation));
    const own = await seen(ours, [`select distinct organisation_id from ${table}`, []]);
    assert.deepEqual(own.rows, [{ organisation_id: ours }], table);
    const all = await seen(null, [`select distinct organisation_id from ${table}`, []]);
    assert.equal(all.rows.length, 2, table);
    await assert.rejects(seen(ours, row(theirs)), /row-level security/, table);
    const column = table === 'webhooks.due' ? 'due_at' : 'created_at';
    const touched = await seen(ours, [`update ${table} set ${column} = now() where organisation_id = $1`, [theirs]]);
    assert.equal(touched.rowCount, 0, table);
  }
});

test('the role of the application owns nothing: no database, schema, table, function or type', async () => {
  const { rows } = await client.query<{ owned: string }>(
    `select pg_describe_object(classid, objid, objsubid) as owned
     from pg_shdepend where refclassid = 'pg_authid'::regclass and deptype = 'o'
       and refobjid in (select oid from pg_roles where rolname in ('kept_app', 'kept_sequencer', 'kept_pruner'))
       and dbid in (0, (select oid from pg_database where datname = current_database()))`,
  );
  assert.deepEqual(rows, []);
  const members = await client.query<{ role: string }>(
    `select m.roleid::regrole::text as role from pg_auth_members m
     where m.member in (select oid from pg_roles where rolname in ('kept_app', 'kept_sequencer', 'kept_pruner'))`,
  );
  assert.deepEqual(members.rows, [], 'it is a member of no role it could switch to');
});
