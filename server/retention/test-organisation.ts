import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { registerAccountsTasks } from '../accounts/tasks.ts';
import { publishDataMap } from '../datamap/publish-data-map.ts';
import { registerMessagesTasks } from '../messages/tasks.ts';
import { fixedClock } from '../platform/clock.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { openTestPlatform, type TestPlatform } from '../platform/test-database.ts';
import type { PromiseRow } from '../policy/contract.ts';
import { measurePromises } from '../policy/measure-promises.ts';
import { createProvers } from '../policy/prover.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { readBoard } from '../policy/read-board.ts';
import type { Plan, Run } from './contract.ts';
import { approvePlan } from './decide-plan.ts';
import { startRun } from './direct-run.ts';
import { driveRun } from './drive-run.ts';
import { planDisposal } from './plan-disposal.ts';
import { registerRetentionProvers } from './prove-retention.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { getRun } from './show-run.ts';
import { registerRetentionTasks } from './tasks.ts';

/** A small fictional organisation for tests, with a product database and folders of its own. */
export interface TestOrganisation {
  readonly test: TestPlatform;
  readonly platform: Platform;
  readonly organisationId: OrganisationId;
  readonly clock: ReturnType<typeof fixedClock>;
  /** A superuser's connection to the product database: what happens behind Kept's back. */
  readonly product: pg.Client;
  readonly productUrl: string;
  readonly media: string;
  readonly logs: string;
  /** The file with the credentials, for a process of its own. */
  readonly secrets: string;
  /** Publishes the policy and the data map, or a later version of either. */
  publish(change?: { promises?: Promises; datasets?: Datasets }): Promise<void>;
  plan(promises?: readonly string[]): Promise<Plan>;
  /** Plans and approves, and drives what that causes to its rest. */
  approve(promises?: readonly string[]): Promise<Run>;
  /** Starts a run at a person's word and drives it and what it causes to their rest. */
  run(): Promise<Run>;
  /** Measures one promise in the stores and answers with its row of the board. */
  prove(promise: string): Promise<PromiseRow>;
  /** Drives every unfinished run on. */
  driveAll(): Promise<void>;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** First column of the first row, as a number. */
  count(sql: string, ...values: unknown[]): Promise<number>;
  writeFile(folder: string, path: string, modifiedAt: Date): void;
  close(): Promise<void>;
}

type Promises = Readonly<Record<string, object>>;
type Datasets = Readonly<Record<string, object>>;

export const owner: Actor = { kind: 'person', id: '019a0000-0000-7000-8000-000000000001' };
export const now = new Date('2026-11-20T12:00:00.000Z');
export const dayMs = 86_400_000;

export function daysAgo(days: number, from: Date = now): Date {
  return new Date(from.getTime() - days * dayMs);
}

export const promises: Promises = {
  everything: { keep: { every: 'data' } },
  'leads-anonymised': { keep: { data: 'lead', for: 'P6M', from: 'last-contact', then: 'anonymise' } },
  'operators-while-active': { keep: { data: 'operator-account', while: 'account-active', then: 'delete' } },
  'contacts-while-active': { keep: { data: ['contact', 'message'], while: 'account-active', then: 'delete' } },
  'files-with-message': { keep: { data: 'attachment', with: 'message', then: 'delete' } },
  'tokens-until-expiry': { keep: { data: 'oauth-token', for: 'PT0S', from: 'expires', then: 'delete' } },
  'tokens-on-revocation': { erase: { data: 'oauth-token', on: 'grant-revoked', within: 'PT1M' } },
  'invoices-five-years': {
    keep: { data: 'invoice', for: 'P5Y', from: 'issued', then: 'delete', because: ['ctn-174'] },
  },
  'audit-two-years': {
    keep: { data: 'audit-log', for: 'P2Y', from: 'recorded', then: 'delete', 'in-bulk': true, within: 'P32D' },
  },
  'logs-90-days': { keep: { data: 'application-log', for: 'P90D', from: 'written', then: 'expire' } },
  'webhooks-30-days': { keep: { data: 'webhook-log', for: 'P30D', from: 'received', then: 'delete' } },
  'contract-end': { end: { grace: 'P30D', except: ['invoices-five-years', 'audit-two-years'] } },
  'rest-for-its-time': { keep: { 'rest-of': 'contract-end' } },
  'end-confirmed': { end: { confirms: 'contract-end', to: 'account-owner', within: 'P2D' } },
};

const subjects = { operator: 'operators', contact: 'contacts', lead: 'leads' };
const data: Readonly<Record<string, [of: string, role: string]>> = {
  'operator-account': ['operator', 'controller'],
  contact: ['contact', 'processor'],
  message: ['contact', 'processor'],
  attachment: ['contact', 'processor'],
  'oauth-token': ['operator', 'controller'],
  invoice: ['operator', 'controller'],
  'audit-log': ['operator', 'controller'],
  'application-log': ['operator', 'controller'],
  'webhook-log': ['contact', 'processor'],
  lead: ['lead', 'controller'],
};

export function policySource(rules: Promises): string {
  const named = Object.entries(rules).map(([key, rule]) => [
    key,
    { ...rule, says: { en: 'We promise it.', 'pt-BR': 'Prometemos.' } },
  ]);
  return stringify(
    {
      kept: 1,
      title: { en: 'Retention', 'pt-BR': 'Retenção' },
      organisation: {
        name: 'Foz',
        country: 'BR',
        'time-zone': 'America/Sao_Paulo',
        regimes: ['lgpd'],
        languages: ['en', 'pt-BR'],
        contact: 'privacy@foz.example',
      },
      sections: [{ key: 'all', title: { en: 'All', 'pt-BR': 'Tudo' }, promises: Object.keys(rules) }],
      subjects: Object.fromEntries(
        Object.entries(subjects).map(([key, title]) => [key, { en: title, 'pt-BR': title }]),
      ),
      data: Object.fromEntries(
        Object.entries(data).map(([key, [of, role]]) => [
          key,
          { title: { en: `${key}s` }, of, role, holds: ['contents'] },
        ]),
      ),
      purposes: {
        service: {
          title: { en: 'Service' },
          basis: { lgpd: '7-V' },
          data: Object.keys(data).filter((key) => key !== 'invoice'),
        },
        tax: { title: { en: 'Tax' }, basis: { lgpd: '7-II' }, data: ['invoice'] },
      },
      promises: Object.fromEntries(named),
    },
    { aliasDuplicateObjects: false },
  );
}

const messageLink = { table: 'public.message', from: 'message_id', to: 'id' };
export const datasets: Datasets = {
  accounts: { covers: ['operator-account'], system: 'crm', table: 'public.account', key: ['id'], account: 'id' },
  operators: {
    covers: ['operator-account'],
    system: 'crm',
    table: 'public.operator',
    key: ['id'],
    account: 'account_id',
    subjects: { operator: 'id' },
  },
  contacts: {
    covers: ['contact'],
    system: 'crm',
    table: 'public.contact',
    key: ['id'],
    account: 'account_id',
    subjects: { contact: 'id' },
  },
  messages: {
    covers: ['message'],
    system: 'crm',
    table: 'public.message',
    key: ['id'],
    clocks: { sent: 'sent_at' },
    account: 'account_id',
    subjects: { contact: 'contact_id' },
  },
  attachments: {
    covers: ['attachment'],
    system: 'crm',
    table: 'public.attachment',
    key: ['id'],
    account: { column: 'account_id', through: [messageLink] },
    subjects: { contact: { column: 'contact_id', through: [messageLink] } },
    attachments: [{ column: 'path', system: 'media', dataset: 'media-files' }],
  },
  'media-files': { covers: ['attachment'], system: 'media', folder: '.', files: { match: '**/*', clock: 'modified' } },
  tokens: {
    covers: ['oauth-token'],
    system: 'crm',
    table: 'public.token',
    key: ['id'],
    clocks: { expires: 'expires_at' },
    account: 'account_id',
    events: { 'grant-revoked': 'grant_id' },
  },
  invoices: {
    covers: ['invoice'],
    system: 'crm',
    table: 'public.invoice',
    key: ['id'],
    clocks: { issued: 'issued_at' },
    account: 'account_id',
  },
  'audit-log': {
    covers: ['audit-log'],
    system: 'crm',
    table: 'public.audit_log',
    key: ['recorded_at', 'id'],
    clocks: { recorded: 'recorded_at' },
    account: 'account_id',
  },
  'webhook-log': {
    covers: ['webhook-log'],
    system: 'crm',
    table: 'public.webhook',
    key: ['id'],
    clocks: { received: 'received_at' },
    account: 'account_id',
  },
  leads: {
    covers: ['lead'],
    system: 'crm',
    table: 'public.lead',
    key: ['id'],
    clocks: { 'last-contact': 'last_contact_at' },
    subjects: { lead: 'id' },
    anonymise: { name: 'null', email: 'keyed-hash', phone: { fake: 'phone' } },
    'anonymised-at': 'anonymised_at',
  },
  'application-logs': {
    covers: ['application-log'],
    system: 'logs',
    folder: '.',
    files: { match: '*.log', clock: 'modified' },
  },
};

export function mapSource(places: Datasets): string {
  return stringify(
    {
      'kept-map': 1,
      systems: {
        crm: { kind: 'postgres', credential: 'crm' },
        media: { kind: 'folder', credential: 'media' },
        logs: { kind: 'folder', credential: 'logs' },
      },
      accounts: {
        system: 'crm',
        table: 'public.account',
        key: 'id',
        state: 'state',
        states: { active: 'active', cancelled: 'cancelled' },
        'cancelled-at': 'cancelled_at',
        'owner-email': 'owner_email',
        dataset: 'accounts',
      },
      datasets: places,
    },
    { aliasDuplicateObjects: false },
  );
}

const productSchema = `
  create table account (id text primary key, state text not null, cancelled_at timestamptz, owner_email text);
  create table operator (id bigint primary key, account_id text not null references account on delete restrict, name text);
  create index on operator (account_id);
  create table contact (id bigint primary key, account_id text not null references account on delete restrict, name text);
  create index on contact (account_id);
  create table message (id bigint primary key, contact_id bigint not null references contact on delete restrict,
    account_id text not null references account on delete restrict, body text not null, sent_at timestamptz);
  create index on message (contact_id);
  create index on message (account_id);
  create table attachment (id bigint primary key, message_id bigint not null references message on delete cascade, path text);
  create index on attachment (message_id);
  create table token (id bigint primary key, account_id text not null references account on delete cascade,
    grant_id text not null, expires_at timestamptz not null);
  create index on token (account_id);
  create index on token (grant_id);
  create table invoice (id bigint primary key, account_id text not null references account on delete restrict,
    issued_at timestamptz not null);
  create index on invoice (account_id);
  create table audit_log (id bigint not null, recorded_at timestamptz not null, account_id text not null,
    primary key (recorded_at, id)) partition by range (recorded_at);
  create table audit_2024_09 partition of audit_log for values from ('2024-09-01') to ('2024-10-01');
  create table audit_2024_10 partition of audit_log for values from ('2024-10-01') to ('2024-11-01');
  create table audit_2024_11 partition of audit_log for values from ('2024-11-01') to ('2024-12-01');
  create table audit_2026_11 partition of audit_log for values from ('2026-11-01') to ('2026-12-01');
  create table webhook (id bigint primary key, account_id text not null, payload text not null, received_at timestamptz not null);
  create table lead (id bigint primary key, name text, email text, phone text, last_contact_at timestamptz not null,
    anonymised_at timestamptz)`;

/** Opens one with an empty product database; `fill` puts a little of everything into it. `working`: tasks run. */
export async function openTestOrganisation(
  options: {
    readonly environment?: Record<string, string>;
    readonly working?: boolean;
    readonly cluster?: string;
  } = {},
): Promise<TestOrganisation> {
  const root = mkdtempSync(join(tmpdir(), 'kept-organisation-'));
  const secrets = join(root, 'secrets.json');
  const [media, logs] = [join(root, 'media'), join(root, 'logs')];
  for (const folder of [media, logs]) mkdirSync(folder);
  writeFileSync(secrets, '{}');
  const clock = fixedClock(now);
  const environment = { ...options.environment, KEPT_SECRETS_FILE: secrets };
  const { cluster } = options;
  const test = await openTestPlatform({ clock, environment, ...(cluster !== undefined && { cluster }) });
  const { platform, organisationId } = test;
  const { url: productUrl } = await test.createProductDatabase();
  writeFileSync(secrets, JSON.stringify({ crm: productUrl, media, logs }));
  const product = new pg.Client({ connectionString: productUrl });
  product.on('error', () => undefined);
  await product.connect();
  await product.query(productSchema);
  await registerMessagesTasks(platform);
  registerAccountsTasks(platform);
  await registerRetentionTasks(platform);
  const provers = createProvers();
  registerRetentionProvers(provers);

  if (options.working === true) await platform.tasks.start();

  const parents: { policy: string | null; map: string | null } = { policy: null, map: null };
  const transaction = <T>(work: (tx: Tx) => Promise<T>) => platform.db.transaction(organisationId, work);
  const organisation: TestOrganisation = {
    test,
    platform,
    organisationId,
    clock,
    product,
    productUrl,
    media,
    logs,
    secrets,
    transaction,
    async publish(change = {}) {
      const source = policySource(change.promises ?? promises);
      const policy = await transaction((tx) => publishPolicy(tx, { source, parent: parents.policy, actor: owner }));
      parents.policy = policy.version.hash;
      const map = await publishDataMap(platform, organisationId, {
        source: mapSource(change.datasets ?? datasets),
        parent: parents.map,
        actor: owner,
      });
      parents.map = map.version.hash;
    },
    plan: (chosen) =>
      planDisposal(platform, organisationId, { by: owner, ...(chosen !== undefined && { promises: chosen }) }),
    async approve(chosen) {
      const plan = await organisation.plan(chosen);
      await transaction((tx) => approvePlan(platform, tx, plan.id, plan.rows, owner));
      const [run] = await transaction(listUnfinishedRuns);
      if (run === undefined) throw new Error('an approval makes a run');
      await organisation.driveAll();
      return transaction((tx) => getRun(tx, run.id));
    },
    async run() {
      const run: Id<'Run'> = await transaction((tx) => startRun(platform, tx, owner));
      await organisation.driveAll();
      return transaction((tx) => getRun(tx, run));
    },
    async prove(promise) {
      await measurePromises(platform, provers, organisationId, [promise]);
      const { promises: rows } = await transaction((tx) => readBoard(tx, tx.at));
      const row = rows.find((each) => each.promise === promise);
      if (row === undefined) throw new Error(`the board has no promise ${promise}`);
      return row;
    },
    async driveAll() {
      const driven = new Set<string>();
      for (;;) {
        const next = (await transaction(listUnfinishedRuns)).find((run) => !driven.has(run.id));
        if (next === undefined) return;
        driven.add(next.id);
        await driveRun(platform, organisationId, next.id);
      }
    },
    async count(sql, ...values) {
      const found = await product.query({ text: sql, values, rowMode: 'array' });
      return Number(found.rows[0]?.[0]);
    },
    writeFile(folder, path, modifiedAt) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, path);
      utimesSync(file, modifiedAt, modifiedAt);
    },
    async close() {
      await product.end();
      await test.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return organisation;
}

/**
 * A little of everything: accounts `a` (active), `g` (cancelled ten days ago, in grace) and `e` (cancelled forty days
 * ago), each with an operator, two contacts, four messages, one file, a token and invoices; rows that are due and rows
 * that are not.
 */
export async function fill(organisation: TestOrganisation): Promise<void> {
  const { product, logs } = organisation;
  await addAccount(organisation, 'a', 100, null);
  await addAccount(organisation, 'g', 200, daysAgo(10));
  await addAccount(organisation, 'e', 300, daysAgo(40));
  await product.query(
    `insert into webhook select n, 'a', 'payload', $1::timestamptz - make_interval(days => (n % 60)::int) - interval '1 hour'
       from generate_series(1, 600) as n`,
    [now.toISOString()],
  );
  await product.query(
    `insert into lead select n, 'Lead ' || n, 'lead' || n || '@mail.example', '+55 11 9' || n, $1::timestamptz - make_interval(days => n * 20)
       from generate_series(1, 20) as n`,
    [now.toISOString()],
  );
  await product.query(`insert into audit_log select n, '2024-09-10', 'a' from generate_series(1, 3) as n`);
  for (const days of [1, 30, 100, 200]) organisation.writeFile(logs, `app-${days}.log`, daysAgo(days));
}

/**
 * An account with an operator (`id`), contacts `id`+1 and `id`+2, messages `id`+1 to `id`+4 (odd ones of the second
 * contact), a file of message `id`+1, a token, and an invoice of each of the last six years.
 */
export async function addAccount(
  organisation: TestOrganisation,
  account: string,
  id: number,
  cancelledAt: Date | null,
): Promise<void> {
  const { product, media } = organisation;
  const state = cancelledAt === null ? 'active' : 'cancelled';
  await product.query('insert into account values ($1, $2, $3, $4)', [
    account,
    state,
    cancelledAt,
    `${account}@owner.example`,
  ]);
  await product.query(`insert into operator values ($1, $2, 'Operator')`, [id, account]);
  await product.query(
    `insert into contact select $1::bigint + n, $2::text, 'Contact' from generate_series(1, 2) as n`,
    [id, account],
  );
  await product.query(
    `insert into message select $1::bigint + n, $1::bigint + 1 + n % 2, $2::text, 'Hello' from generate_series(1, 4) as n`,
    [id, account],
  );
  await product.query(`insert into attachment values ($1, $2, $3)`, [id, id + 1, `${account}/photo.jpg`]);
  organisation.writeFile(media, `${account}/photo.jpg`, daysAgo(50));
  await product.query(`insert into token values ($1, $2, $3, $4)`, [id, account, `grant-${account}`, daysAgo(-20)]);
  // One invoice of each year; that of six years ago is past five years.
  await product.query(
    `insert into invoice select $1::bigint + n, $2::text, $3::timestamptz - make_interval(years => n::int) from generate_series(1, 6) as n`,
    [id, account, now.toISOString()],
  );
  await product.query(`insert into audit_log values ($1, '2024-11-25', $2), ($1, '2026-11-05', $2)`, [id, account]);
}

/** Resolves when a batch waits in the store for somebody else's lock. */
export async function isBusy({ product }: TestOrganisation): Promise<void> {
  for (;;) {
    const { rowCount } = await product.query(
      `select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from%'`,
    );
    if ((rowCount ?? 0) > 0) return;
  }
}
