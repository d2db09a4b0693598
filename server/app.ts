import { join } from 'node:path';
import { authoriserOf } from './access/authorise.ts';
import { linkAddress } from './access/link-address.ts';
import { listOrganisations } from './access/list-organisations.ts';
import { type Access, openAccess } from './access/open-access.ts';
import { registerAccessRoutes } from './access/routes.ts';
import { offerSetup } from './access/set-up.ts';
import { registerAccessTasks } from './access/tasks.ts';
import { watchViews } from './access/watch-views.ts';
import { accountOwners } from './accounts/account-owners.ts';
import { registerAccountsRoutes } from './accounts/routes.ts';
import { registerAccountsTasks } from './accounts/tasks.ts';
import { protectionProver } from './datamap/prove-protection.ts';
import { recordProver } from './datamap/prove-record.ts';
import { registerDatamapRoutes } from './datamap/routes.ts';
import { registerExportKinds } from './exports/register-kinds.ts';
import { registerExportsRoutes } from './exports/routes.ts';
import { registerExportsTasks } from './exports/tasks.ts';
import { registerLedgerRoutes } from './ledger/routes.ts';
import { registerLedgerTasks } from './ledger/tasks.ts';
import { registerAccessMail } from './messages/access-mail.ts';
import { findMessage } from './messages/find-message.ts';
import { registerMailboxRoutes } from './messages/mailbox-routes.ts';
import { registerMailboxTasks } from './messages/mailbox-tasks.ts';
import { registerAudience } from './messages/notice-audiences.ts';
import { registerNoticeRoutes } from './messages/notice-routes.ts';
import { registerNoticeTasks } from './messages/notice-tasks.ts';
import { registerTimeZone } from './messages/organisation-calendar.ts';
import { queueMail } from './messages/queue-mail.ts';
import { registerMessagesRoutes } from './messages/routes.ts';
import { registerSendableTemplates } from './messages/sendable-templates.ts';
import { registerMessagesTasks } from './messages/tasks.ts';
import { grantRights } from './own/grant-rights.ts';
import { registerKeysRoutes } from './own/keys-routes.ts';
import { withOwnCredential } from './own/own-credential.ts';
import { registerOwnProvers } from './own/provers.ts';
import { registerOwnDataRoutes } from './own/routes.ts';
import { askForOwnPolicy, registerOwnTasks } from './own/tasks.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { prepareDataDirectory, writeServerNote } from './platform/data-directory.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './platform/embedded-postgres.ts';
import { type HttpServer, openHttp } from './platform/http.ts';
import { type Logger, openLog } from './platform/log.ts';
import { createDatabase, migrate } from './platform/migrate.ts';
import { servePages } from './platform/pages.ts';
import { type OpenPlatform, openPlatform, type Platform } from './platform/platform.ts';
import { findPolicyInForce } from './policy/find-policy.ts';
import { createProvers } from './policy/prover.ts';
import { registerPolicyRoutes } from './policy/routes.ts';
import { registerPolicyTasks } from './policy/tasks.ts';
import { registerRetentionProvers } from './retention/prove-retention.ts';
import { registerRetentionRoutes } from './retention/routes.ts';
import { registerRetentionTasks } from './retention/tasks.ts';
import { openDispatcher } from './webhooks/dispatch.ts';
import { registerEndpointRoutes } from './webhooks/endpoint-routes.ts';
import { registerInboundRoutes } from './webhooks/inbound-routes.ts';
import { registerInboundTasks } from './webhooks/inbound-tasks.ts';
import { registerWebhookExports } from './webhooks/register-exports.ts';
import { registerWebhooksRoutes } from './webhooks/routes.ts';
import { registerSubscriptionRoutes } from './webhooks/subscription-routes.ts';
import { registerSubscriptionTasks } from './webhooks/subscription-tasks.ts';

/** A Kept that is put together; `start` makes it answer and work. */
export interface App {
  readonly platform: Platform;
  readonly http: HttpServer;
  /** @returns the address it listens on; `setup`: where an empty server is set up, once, else null */
  start(): Promise<{ readonly address: string; readonly setup: string | null }>;
  /** Answers what was asked, ends the tasks under way, then stops the database it started. Safe to call twice. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly clock?: Clock;
  readonly log?: Logger;
}

const VERSION = '0.1.0';
const consoleBuild = join(import.meta.dirname, '..', 'console', 'dist');

/**
 * Builds the whole server: the database (embedded unless DATABASE_URL is set), its migrations, then every folder in
 * the order of the layers.
 * @throws Failure with the remedy when the data directory, the database or a migration is not usable
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { config } = options;
  const log = options.log ?? openLog(config);
  prepareDataDirectory(config.dataDirectory);
  const embedded = config.databaseUrl === undefined ? await startDatabase(config, log) : null;
  let platform: OpenPlatform | null = null;
  try {
    const databaseUrl = config.databaseUrl ?? embedded?.url(DATABASE) ?? '';
    await migrate(databaseUrl);
    const missing = await grantRights(databaseUrl);
    if (missing !== null)
      log.warn({ run: missing }, 'Kept cannot dispose of its own data until an administrator runs this');
    platform = await openPlatform({
      config: withOwnCredential(config, databaseUrl),
      databaseUrl,
      log,
      ...(options.clock !== undefined && { clock: options.clock }),
    });
    const access = await openAccess(platform, { queueMail, findMail: findMessage });
    const http = openHttp(platform, authoriserOf(access), watchViews(platform));
    await registerFolders(http, platform, access);
    return assemble(platform, http, embedded, access);
  } catch (error) {
    await platform?.close();
    await embedded?.stop();
    throw error;
  }
}

/** Every folder in the order of the layers: tasks first, since routes enqueue them. */
async function registerFolders(http: HttpServer, platform: Platform, access: Access): Promise<void> {
  await registerLedgerTasks(platform, () => listOrganisations(platform));
  registerLedgerRoutes(http, platform);

  await registerAccessTasks(access);
  registerAccessRoutes(http, access);

  registerAccessMail();
  registerSendableTemplates();
  await registerMessagesTasks(platform);
  registerMessagesRoutes(http, platform);
  registerTimeZone(async (tx) => (await findPolicyInForce(tx))?.timeZone);
  await registerNoticeTasks(platform);
  registerNoticeRoutes(http, platform);
  await registerMailboxTasks(platform);
  registerMailboxRoutes(http, platform);

  registerExportKinds(platform);
  await registerExportsTasks(platform);
  registerExportsRoutes(http, platform);

  registerWebhookExports(platform);
  registerInboundTasks(platform);
  registerWebhooksRoutes(http, platform);
  await registerSubscriptionTasks(platform);
  registerSubscriptionRoutes(http, platform);
  registerEndpointRoutes(http, platform);
  registerInboundRoutes(http, platform, access.limits);

  registerAccountsTasks(platform);
  registerAudience(accountOwners);
  registerAccountsRoutes(http, platform);

  const provers = createProvers();
  await registerPolicyTasks(platform, provers);
  registerPolicyRoutes(http, platform, provers);

  provers.registerProver(protectionProver);
  provers.registerProver(recordProver);
  registerDatamapRoutes(http, platform);

  registerRetentionProvers(provers);
  await registerRetentionTasks(platform);
  registerRetentionRoutes(http, platform);

  const organisationId = access.ownOrganisationId;
  registerOwnProvers(provers, access);
  await registerOwnTasks(platform, organisationId);
  registerOwnDataRoutes(http, access);
  registerKeysRoutes(http, access);

  servePages(http, consoleBuild);
}

function assemble(platform: OpenPlatform, http: HttpServer, embedded: EmbeddedPostgres | null, access: Access): App {
  const deliveries = openDispatcher(platform);
  let removeNote = () => {};
  let stopped: Promise<void> | null = null;
  async function stop(): Promise<void> {
    removeNote();
    try {
      await http.close();
      await deliveries.stop();
      await platform.close();
    } finally {
      await embedded?.stop();
    }
  }
  return {
    platform,
    http,
    async start() {
      const address = await http.listen();
      await platform.tasks.start();
      deliveries.start();
      await askForOwnPolicy(platform, access.ownOrganisationId);
      removeNote = writeServerNote(platform.config.dataDirectory, {
        address,
        keyFile: access.localKey.file,
        pid: process.pid,
        version: VERSION,
        ...(embedded !== null && { databaseAdminUrl: embedded.url('postgres') }),
      });
      const token = await offerSetup(access);
      return { address, setup: token === undefined ? null : linkAddress(access, 'setup', token) };
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

const DATABASE = 'kept';

async function startDatabase(config: Config, log: Logger): Promise<EmbeddedPostgres> {
  const embedded = await startEmbeddedPostgres({
    dataDirectory: join(config.dataDirectory, 'postgres'),
    onTrouble: (sentence) => log.error(sentence),
  });
  await createDatabase(embedded.url('postgres'), DATABASE);
  return embedded;
}
