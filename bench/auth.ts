/**
 * What it costs to know who asks: requests per second of `GET /v1/policy/promises` (the board of Maré, as the console
 * asks for it) with a session's cookie, against the very same route of a server that lets everybody in.
 *
 * Both servers stand in one process over one database; another process asks one and then the other, in short turns, so
 * that what the machine does besides falls on both.
 * The session check is the whole of it: cookie, session, membership and limits in the database, the table of rights,
 * the networks that are allowed, the count of calls. Goal 0.7.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authoriserOf } from '../server/access/authorise.ts';
import { createOrganisation } from '../server/access/create-organisation.ts';
import { createOwner } from '../server/access/create-owner.ts';
import { type Access, openAccess } from '../server/access/open-access.ts';
import { openSession } from '../server/access/open-session.ts';
import { cookieName } from '../server/access/session-cookie.ts';
import { watchViews } from '../server/access/watch-views.ts';
import { readConfig } from '../server/platform/config.ts';
import type { OrganisationId } from '../server/platform/contract.ts';
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts';
import { openHttp } from '../server/platform/http.ts';
import { newId } from '../server/platform/ids.ts';
import { createDatabase, migrate } from '../server/platform/migrate.ts';
import { openPlatform } from '../server/platform/platform.ts';
import { createProvers } from '../server/policy/prover.ts';
import { registerPolicyRoutes } from '../server/policy/routes.ts';
import type { LoadOrder, LoadOutcome } from './auth-load.ts';
import { type Bench, partOf, resultOf } from './result.ts';

const CONNECTIONS = 8;
const TURN_MS = 200;
/** So many that none of them comes near the limit of calls. */
const SESSIONS = 200;
const ROUTE = '/v1/policy/promises';

export const run: Bench = async ({ quick, note }) => {
  const directory = mkdtempSync(join(tmpdir(), 'kept-bench-'));
  chmodSync(directory, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  await createDatabase(postgres.url('postgres'), 'kept');
  await migrate(postgres.url('kept'));
  // One for each server: connections and figures of their own, alike.
  const platform = await openBenchPlatform(postgres.url('kept'), directory);
  const another = await openBenchPlatform(postgres.url('kept'), directory);
  const load = openLoad();
  try {
    const access = await openAccess(platform, {
      queueMail: async () => newId<'Message'>(platform.clock.now()),
      findMail: () => Promise.resolve(undefined),
    });
    const organisation = await createOrganisation(platform, { slug: 'bench', name: 'Bench' });
    const cookies = await signInOften(access);
    const checked = openHttp(platform, authoriserOf(access), watchViews(platform));
    const open = openHttp(another, async () => anybody(organisation.id));
    registerPolicyRoutes(checked, platform, createProvers());
    registerPolicyRoutes(open, another, createProvers());
    const [checkedUrl, openUrl] = [await checked.listen(), await open.listen()];
    await publishExample(openUrl);
    const ask = (turns: number) => {
      const urls = [checkedUrl + ROUTE, openUrl + ROUTE];
      return load.ask({ urls, cookies, connections: CONNECTIONS, turns, turnMs: TURN_MS });
    };
    // Compiled and warm before anything is measured.
    await ask(quick ? 4 : 16);
    const [ours = 0, limit = 0] = await ask(quick ? 10 : 100);
    note(`with the check ${Math.round(ours)} requests per second, without it ${Math.round(limit)}`);
    await checked.close();
    await open.close();
    return resultOf('auth', [partOf('session', 0.7, ours, limit, 'requests per second')]);
  } finally {
    load.close();
    await platform.close();
    await another.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};

function openBenchPlatform(databaseUrl: string, directory: string) {
  const config = readConfig({
    KEPT_DATA_DIR: directory,
    KEPT_LOG_LEVEL: 'silent',
    KEPT_PORT: '0',
    DATABASE_URL: databaseUrl,
  });
  return openPlatform({ config, databaseUrl });
}

function anybody(organisationId: OrganisationId) {
  return {
    organisationId,
    actor: { kind: 'person', id: '00000000-0000-7000-8000-000000000000' },
    language: 'en',
  } as const;
}

/** An owner with an authenticator, signed in with many browsers. */
async function signInOften(access: Access): Promise<string[]> {
  const owner = { organisation: 'bench', name: 'Ana', email: 'ana@example.com', language: 'en' } as const;
  const { person } = await createOwner(access, owner, { kind: 'key', id: 'local' });
  const cookies: string[] = [];
  for (let index = 0; index < SESSIONS; index += 1) {
    const { token } = await openSession(access, { personId: person, methods: ['password', 'totp'] });
    cookies.push(`${cookieName(access.platform.config)}=${token}`);
  }
  return cookies;
}

async function publishExample(url: string): Promise<void> {
  const file = join(import.meta.dirname, '..', 'examples', 'messaging-crm', 'policy.yaml');
  const answer = await fetch(`${url}/v1/policy/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: readFileSync(file, 'utf8'), parent: null }),
  });
  if (answer.status !== 201) throw new Error(await answer.text());
}

function openLoad() {
  const child = fork(join(import.meta.dirname, 'auth-load.ts'));
  return {
    /** @returns requests per second that each address answered */
    ask(order: LoadOrder): Promise<readonly number[]> {
      return new Promise((resolve, reject) => {
        child.once('message', (outcome: LoadOutcome) => {
          if ('failed' in outcome) reject(new Error(outcome.failed));
          else resolve(outcome.answered);
        });
        child.send(order);
      });
    },
    close: () => child.disconnect(),
  };
}
