import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, endpoints } from '@kept/sdk';
import { findLocalServer } from './connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-serve-'));
const started = new Set<ChildProcess>();
after(() => {
  // Of a test that failed; otherwise they have ended.
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** `kept serve` as a person starts it, in the language of the machine. */
async function serve(language: string) {
  const { PATH = '' } = process.env;
  const dataDirectory = join(folder, '.kept');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kept.ts'), 'serve'], {
    cwd: folder,
    env: { PATH, LANG: language, KEPT_DATA_DIR: dataDirectory, KEPT_PORT: '0', KEPT_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.once('exit', () => started.delete(child));
  return {
    address: await untilServing(dataDirectory, () => said),
    said: () => said,
    async stop() {
      child.kill('SIGTERM');
      assert.equal(await ended, 0, said);
    },
  };
}

async function untilServing(dataDirectory: string, said: () => string): Promise<string> {
  for (const end = performance.now() + 120_000; performance.now() < end; await sleep(50)) {
    const server = findLocalServer(dataDirectory);
    if (server !== undefined) return server.address;
  }
  assert.fail(`it did not start: ${said()}`);
}

/** Where the server is set up, if it says so: what it tells its parent comes right after it answers. */
async function linkIn(said: () => string, patienceMs: number): Promise<{ page: string; token: string } | undefined> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(50)) {
    const [, page, token] = /(http:\S+\/setup)#(\S+)\s/.exec(said()) ?? [];
    if (page !== undefined && token !== undefined) return { page, token };
  }
  return undefined;
}

test('an empty server prints where it is set up; the link makes one owner, and the next start prints none', async () => {
  const empty = await serve('pt_BR.UTF-8');
  const link = await linkIn(empty.said, 30_000);
  assert.ok(link !== undefined, empty.said());
  const { page, token } = link;
  assert.match(empty.said(), /Este servidor ainda está vazio/);
  assert.equal(page, `${empty.address}/setup`);
  const client = createClient({ address: empty.address });
  const body = {
    token,
    organisation: { slug: 'acme', name: 'Acme' },
    name: 'Ana Lima',
    email: 'ana@acme.example',
    password: 'four words that do well',
    language: 'pt-BR',
  } as const;
  assert.equal((await client.call(endpoints.access.lookAtToken, { body: { token } })).kind, 'setup');
  const session = await client.call(endpoints.access.setUp, { body });
  assert.deepEqual([session.person?.email, session.owes], ['ana@acme.example', 'second-factor-enrolment']);
  const again = { ...body, organisation: { slug: 'other', name: 'Other' }, email: 'other@acme.example' };
  await assert.rejects(client.call(endpoints.access.setUp, { body: again }), { code: 'link-invalid' });
  await empty.stop();

  const second = await serve('en_GB.UTF-8');
  assert.equal(await linkIn(second.said, 1_500), undefined, second.said());
  await second.stop();
});
