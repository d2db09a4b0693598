import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { authoriserOf } from '../access/authorise.ts';
import { listOrganisations } from '../access/list-organisations.ts';
import { type Access, openAccess } from '../access/open-access.ts';
import { registerAccessRoutes } from '../access/routes.ts';
import { protectionProver } from '../datamap/prove-protection.ts';
import { recordProver } from '../datamap/prove-record.ts';
import type { EntryKind } from '../ledger/kinds-contract.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { registerLedgerTasks } from '../ledger/tasks.ts';
import { registerAccessMail } from '../messages/access-mail.ts';
import { findMessage } from '../messages/find-message.ts';
import { queueMail } from '../messages/queue-mail.ts';
import { registerSendableTemplates } from '../messages/sendable-templates.ts';
import { registerMessagesTasks } from '../messages/tasks.ts';
import type { Actor, Id, Json, OrganisationId } from '../platform/contract.ts';
import { openHttp } from '../platform/http.ts';
import { newId } from '../platform/ids.ts';
import { newOrigin, runWithOrigin } from '../platform/origin.ts';
import type { Platform } from '../platform/platform.ts';
import { openTestPlatform, type TestPlatform } from '../platform/test-database.ts';
import type { Board, PromiseRow } from '../policy/contract.ts';
import { measurePromises } from '../policy/measure-promises.ts';
import { createProvers } from '../policy/prover.ts';
import { readBoard } from '../policy/read-board.ts';
import { registerPolicyTasks } from '../policy/tasks.ts';
import type { Run } from '../retention/contract.ts';
import { startRun } from '../retention/direct-run.ts';
import { registerRetentionProvers } from '../retention/prove-retention.ts';
import { getRun } from '../retention/show-run.ts';
import { restartDisposal, stopDisposal } from '../retention/stop-disposal.ts';
import { registerRetentionTasks } from '../retention/tasks.ts';
import { grantRights } from './grant-rights.ts';
import { withOwnCredential } from './own-credential.ts';
import { registerOwnProvers } from './provers.ts';
import { askForOwnPolicy, registerOwnTasks } from './tasks.ts';

/** A Kept that lives by its own policy. Of its door only what access answers is there: most stands in its database. */
export interface OwnServer {
  readonly test: TestPlatform;
  readonly platform: Platform;
  readonly access: Access;
  /** The server's own organisation. */
  readonly organisationId: OrganisationId;
  /** A superuser's connection to Kept's own database: what happens behind its back. */
  readonly store: pg.Client;
  readonly owner: Actor;
  board(): Promise<Board>;
  /** Measures one promise in the store and answers with its row of the board. */
  prove(promise: string, of?: OrganisationId): Promise<PromiseRow>;
  /** Runs what is approved, to its end. */
  dispose(): Promise<Run>;
  /** Nothing is disposed of meanwhile, so that what is broken stays to be seen. */
  whileStopped(work: () => Promise<void>): Promise<void>;
  /** Records an entry as a request of the owner from outside would cause it. */
  act(kind: EntryKind, body: Json, organisationId?: OrganisationId): Promise<Id<'Entry'>>;
  change(statement: string, values?: readonly unknown[]): Promise<number>;
  count(query: string, values?: readonly unknown[]): Promise<number>;
  close(): Promise<void>;
}

/** Starts one, published, approved and measured for the first time. */
export async function startOwnServer(
  options: {
    /** Superuser's URL of a cluster of the test's own. */
    readonly cluster?: string;
    /** Variables of the configuration. */
    readonly environment?: Readonly<Record<string, string>>;
    /** What happens to roles before the first disposal. */
    readonly prepare?: (adminUrl: string) => Promise<unknown>;
  } = {},
): Promise<OwnServer> {
  const { cluster, environment } = options;
  const test = await openTestPlatform({
    ...(cluster !== undefined && { cluster }),
    ...(environment !== undefined && { environment }),
  });
  await grantRights(test.adminUrl);
  await options.prepare?.(test.adminUrl);
  const platform = { ...test.platform, config: withOwnCredential(test.platform.config, test.adminUrl) };
  const access = await openAccess(platform, { queueMail, findMail: findMessage });
  const organisationId = access.ownOrganisationId;
  const provers = createProvers();
  await registerLedgerTasks(platform, () => listOrganisations(platform));
  registerAccessMail();
  registerSendableTemplates();
  await registerMessagesTasks(platform);
  await registerPolicyTasks(platform, provers);
  provers.registerProver(protectionProver);
  provers.registerProver(recordProver);
  registerRetentionProvers(provers);
  await registerRetentionTasks(platform);
  registerOwnProvers(provers, access);
  const http = openHttp(platform, authoriserOf(access));
  registerAccessRoutes(http, access);
  await registerOwnTasks(platform, organisationId);
  const store = new pg.Client(test.adminUrl);
  await store.connect();
  await http.listen();
  await platform.tasks.start();
  await askForOwnPolicy(platform, organisationId);
  await platform.tasks.settled({ timeoutMs: 60_000 });
  const owner: Actor = { kind: 'person', id: newId<'Person'>(platform.clock.now()) };
  const boardOf = (of: OrganisationId) => platform.db.transaction(of, (tx) => readBoard(tx, tx.at));
  return {
    test,
    platform,
    access,
    organisationId,
    store,
    owner,
    board: () => boardOf(organisationId),
    async prove(promise, of = organisationId) {
      await measurePromises(platform, provers, of, [promise]);
      const row = (await boardOf(of)).promises.find((entry) => entry.promise === promise);
      if (row === undefined) throw new Error(`the policy has no promise ${promise}`);
      return row;
    },
    dispose: () => dispose(platform, organisationId, owner),
    async whileStopped(work) {
      await platform.db.transaction(organisationId, (tx) => stopDisposal(tx, 'test', owner));
      try {
        await work();
      } finally {
        await platform.db.transaction(organisationId, (tx) => restartDisposal(platform, tx, owner));
      }
    },
    act(kind, body, where = organisationId) {
      const route = 'POST /v1/access/sessions';
      const origin = newOrigin({ address: '198.51.100.7', userAgent: 'Mozilla/5.0 Firefox/140.0', route });
      return runWithOrigin(origin, () =>
        platform.db.transaction(where, (tx) => recordEntry(tx, { kind, actor: owner, body })),
      );
    },
    async change(statement, values = []) {
      return (await store.query(statement, [...values])).rowCount ?? 0;
    },
    async count(query, values = []) {
      const { rows } = await store.query<{ n: number }>(`select count(*)::int as n from ${query}`, [...values]);
      return rows[0]?.n ?? 0;
    },
    async close() {
      await http.close();
      await store.end();
      await test.close();
    },
  };
}

async function dispose(platform: Platform, organisationId: OrganisationId, by: Actor): Promise<Run> {
  await platform.tasks.settled({ timeoutMs: 60_000 });
  const id = await platform.db.transaction(organisationId, (tx) => startRun(platform, tx, by));
  for (let waited = 0; waited < 60_000; waited += 50) {
    const run = await platform.db.transaction(organisationId, (tx) => getRun(tx, id));
    if (run.finishedAt !== null) return run;
    await sleep(50);
  }
  throw new Error('the run did not finish');
}

/** 32 random octets, as the digest of a token. */
export function digest(): Buffer {
  return randomBytes(32);
}

export const dayMs = 86_400_000;

export function daysAgo(days: number): Date {
  return new Date(Date.now() - days * dayMs);
}
