import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, endpoints } from '@kept/sdk';
import { randomFrom } from './random.ts';
import { eventually } from './test-example.ts';

/** `npm start` itself, on a database of its own, killed and started again. */
const folder = mkdtempSync(join(tmpdir(), 'kept-demonstration-'));
const dataDirectory = join(folder, '.kept');
const started = new Set<ChildProcess>();
after(() => {
  // Of a test that failed; otherwise they have ended.
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Demonstration {
  readonly process: ChildProcess;
  said(): string;
  readonly ended: Promise<number | null>;
}

function start(...args: string[]): Demonstration {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demonstration.ts'), '--scale', '0.01', ...args], {
    cwd: folder,
    env: { PATH, LANG: 'en_GB.UTF-8', KEPT_DATA_DIR: dataDirectory, KEPT_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  child.once('exit', () => started.delete(child));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { process: child, said: () => said, ended };
}

/** Waits for the link into the console, which comes last. */
async function untilReady(demonstration: Demonstration): Promise<string> {
  const ended = demonstration.ended.then((code) => assert.fail(`it ended with ${code}: ${demonstration.said()}`));
  const ready = eventually(
    () => (demonstration.said().includes('/sign-in?token=') ? true : undefined),
    'the link',
    240_000,
  );
  await Promise.race([ready, ended]);
  return demonstration.said();
}

async function stop(demonstration: Demonstration): Promise<void> {
  demonstration.process.kill('SIGINT');
  assert.equal(await demonstration.ended, 0, demonstration.said());
  assert.match(demonstration.said(), /Stopped\. Everything is kept/);
}

/** Processes that have this directory on their command line: the server's database would be one. */
function processesOn(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(directory) ? [`${pid} ${line}`] : [];
      } catch {
        // It ended between the listing and the look.
        return [];
      }
    });
}

/** The link that was printed opens a session that owes nothing, as whom the lines beside it name. */
async function expectSignedIn(said: string): Promise<void> {
  const printed = (title: string) => new RegExp(`^${title} +(\\S+)$`, 'm').exec(said)?.[1] ?? '';
  const url = printed('Console:');
  const opened = await fetch(url, { redirect: 'manual' });
  assert.equal(opened.status, 303, await opened.text());
  const { access } = endpoints;
  const cookie = opened.headers.getSetCookie().find((line) => line.startsWith('kept_session=')) ?? '';
  const answered = await fetch(new URL(access.getSession.path, url), {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  });
  const session = access.getSession.answer.parse(await answered.json());
  assert.deepEqual(
    [session.owes, session.role, session.organisation?.slug, session.person?.email],
    [null, 'owner', 'mare', printed('E-mail:')],
  );
  assert.notEqual(session.freshUntil, null, 'sensitive acts are open');

  const address = new URL(url).origin;
  const body = { email: printed('E-mail:'), password: printed('Password:') };
  const byPassword = await createClient({ address }).call(access.signIn, { body });
  assert.equal(byPassword.owes, 'second-factor', 'the password that was printed is hers');
  assert.match(printed('Authenticator secret \\(TOTP\\):'), /^[A-Z2-7]{16,}$/);
}

const boardOf = (said: string) =>
  new Map([...said.matchAll(/^(\S+) .*[●◐✕○] (\w+)$/gm)].map((line) => [line[1], line[2]]));

test('killed at five seeded moments and started again, it completes, does nothing twice and leaves no database behind', async () => {
  const random = randomFrom(20_261_121, 'kills');
  for (let kill = 0; kill < 5; kill++) {
    const demonstration = start();
    const moment = sleep(random.between(600, 9_000));
    await Promise.race([moment, demonstration.ended]);
    demonstration.process.kill('SIGKILL');
    await demonstration.ended;
    if (process.platform === 'linux')
      await eventually(
        () => (processesOn(dataDirectory).length === 0 ? true : undefined),
        'no process is left',
        30_000,
      );
  }
  const demonstration = start();
  const said = await untilReady(demonstration);
  const board = boardOf(said);
  assert.equal(board.size, 22);
  assert.deepEqual(
    [...board].filter(([, status]) => status === 'broken'),
    [],
  );
  assert.deepEqual(
    [...board].filter(([, status]) => status === 'unproven').map(([promise]) => promise),
    ['aggregate-metrics'],
  );
  await expectSignedIn(said);
  await stop(demonstration);
  const mails = readdirSync(join(dataDirectory, 'examples', 'messaging-crm', 'mail')).filter((name) =>
    name.endsWith('.eml'),
  );
  const owners = mails.map(
    (name) =>
      /^To: (.*)$/m.exec(readFileSync(join(dataDirectory, 'examples', 'messaging-crm', 'mail', name), 'utf8'))?.[1],
  );
  assert.equal(new Set(owners).size, 2, 'both owners were told');
});

test('the second start keeps everything and prints the board again; --fresh begins again', async () => {
  const second = start();
  const said = await untilReady(second);
  assert.doesNotMatch(said, /loaded/);
  assert.equal(boardOf(said).size, 22);
  await expectSignedIn(said);
  assert.equal(statSync(join(dataDirectory, 'examples', 'messaging-crm', 'owner.json')).mode & 0o777, 0o600);
  await stop(second);

  const fresh = start('--fresh');
  const anew = await untilReady(fresh);
  assert.match(anew, new RegExp(`Deleted ${dataDirectory}`));
  assert.match(anew, /loaded [\d,]+ rows and \d+ files/);
  await expectSignedIn(anew);
  await stop(fresh);
});

test('a second one beside it is refused, and one that is told to stop while it works stops', async () => {
  const first = start();
  await eventually(
    () => (existsSync(join(dataDirectory, 'server.json')) ? true : undefined),
    'the server runs',
    60_000,
  );
  const other = start();
  assert.equal(await other.ended, 1);
  assert.match(other.said(), /already runs/);
  await stop(first);
});
