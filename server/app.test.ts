import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { may } from './access/permissions.ts';
import { findPostmaster } from './platform/postmaster.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-app-'));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
const main = join(import.meta.dirname, 'main.ts');
const noteSchema = z.object({
  address: z.string(),
  keyFile: z.string(),
  pid: z.number(),
  databaseAdminUrl: z.string(),
});

interface Running {
  readonly child: ChildProcess;
  readonly address: string;
  readonly ended: Promise<number | null>;
}

async function start(dataDirectory: string): Promise<Running> {
  const env = { ...environment(dataDirectory), KEPT_LOG_LEVEL: 'warn' };
  const child = fork(main, [], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const message = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { child, ended, address: z.object({ address: z.string() }).parse(message).address };
}

const environment = (dataDirectory: string) => ({
  PATH: '/usr/bin:/bin',
  KEPT_DATA_DIR: dataDirectory,
  KEPT_PORT: '0',
});
const note = (dataDirectory: string) =>
  noteSchema.parse(JSON.parse(readFileSync(join(dataDirectory, 'server.json'), 'utf8')));
const database = (dataDirectory: string) => findPostmaster(join(dataDirectory, 'postgres', 'cluster'));

test('a server starts from nothing, can be found, works, stops on SIGINT with its database, and keeps its data', async () => {
  const data = join(folder, 'one');
  const first = await start(data);
  const { address, keyFile, pid } = note(data);
  assert.equal(address, first.address);
  assert.equal(pid, first.child.pid);
  for (const file of ['server.json', 'local.key']) assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, file);
  const call = callWith(address, keyFile);
  assert.equal((await call('POST', '/v1/access/organisations', { slug: 'one', name: 'One' })).status, 201);
  first.child.kill('SIGINT');
  assert.equal(await first.ended, 0);
  assert.equal(database(data), null);
  assert.ok(!existsSync(join(data, 'server.json')));

  const second = await start(data);
  const listed = await callWith(second.address, keyFile)('GET', '/v1/access/organisations');
  assert.match(await listed.text(), /"slug":"one"/);
  second.child.disconnect();
  assert.equal(await second.ended, 0, 'it also stops when its parent goes');
});

test('a killed server leaves no database, and the next one starts', async () => {
  const data = join(folder, 'killed');
  const first = await start(data);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await start(data);
  assert.equal((await fetch(`${second.address}/health`)).status, 200);
  second.child.kill('SIGTERM');
  assert.equal(await second.ended, 0);
  assert.equal(database(data), null);
});

test('a database that is killed under the server comes back, and the server with it', async () => {
  const data = join(folder, 'database');
  const { child, address, ended } = await start(data);
  const pid = database(data)?.pid;
  assert.ok(typeof pid === 'number');
  process.kill(pid, 'SIGKILL');
  const started = performance.now();
  let seen = 0;
  while (performance.now() - started < 20_000) {
    seen = (await fetch(`${address}/health`)).status;
    const now = database(data)?.pid;
    if (seen === 200 && typeof now === 'number' && now !== pid) break;
    await sleep(50);
  }
  assert.equal(seen, 200);
  child.kill('SIGINT');
  assert.equal(await ended, 0);
});

test('a server whose database was just killed still stops in order, and leaves none behind', async () => {
  const data = join(folder, 'both');
  const { child, ended } = await start(data);
  const pid = database(data)?.pid;
  assert.ok(typeof pid === 'number');
  process.kill(pid, 'SIGKILL');
  child.kill('SIGINT');
  assert.equal(await ended, 0);
  assert.equal(database(data), null);
});

test('every route of the server needs a right that the table of rights knows', async () => {
  const data = join(folder, 'routes');
  const { child, address, ended } = await start(data);
  const operation = z.object({ 'x-permission': z.string() });
  const api = z
    .object({ paths: z.record(z.string(), z.record(z.string(), operation)) })
    .parse(await (await fetch(`${address}/v1/openapi.json`)).json());
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-permission': permission }]) => ({ method, path, permission })),
  );
  assert.ok(operations.length > 4);
  for (const { method, path, permission } of operations.filter((one) => one.permission !== 'public')) {
    assert.ok(may('local-key', permission), `${permission} is not in the table`);
    const filled = path.replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000');
    const answer = await fetch(address + filled, { method: method.toUpperCase() });
    assert.equal(answer.status, 401, `${method} ${path} answers strangers with ${answer.status}`);
  }
  child.kill('SIGINT');
  await ended;
});

test('what cannot work says so in one message with the remedy, before it starts', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const run = (env: Record<string, string>) =>
    spawnSync(process.execPath, [main], { env: { ...environment(join(folder, 'bad')), ...env }, encoding: 'utf8' });
  const mistaken = run({ KEPT_PORT: 'x', KEPT_LOG_LEVEL: 'y' });
  assert.equal(mistaken.status, 1);
  assert.match(mistaken.stderr, /KEPT_PORT[\s\S]*KEPT_LOG_LEVEL/);
  const notADirectory = run({ KEPT_DATA_DIR: join(file, 'data') });
  assert.match(notADirectory.stderr, /set KEPT_DATA_DIR to a directory/);
  const unreachable = run({ DATABASE_URL: 'postgresql://kept@127.0.0.1:1/kept' });
  assert.match(unreachable.stderr, /database.*refused or lost/is);
  for (const { stderr } of [mistaken, notADirectory, unreachable]) assert.doesNotMatch(stderr, /^ {4}at /m);
});

test('a full disk is said, with the remedy', { skip: process.getuid?.() !== 0 }, () => {
  const mounted = join(folder, 'small');
  mkdirSync(mounted);
  // A namespace of its own, so that the mount goes with the process.
  const script = `mount -t tmpfs -o size=8m tmpfs "$1" && chmod 755 "$1" && exec "$2" "$3"`;
  const env = environment(join(mounted, 'data'));
  const flags = ['--mount', 'sh', '-c', script, 'sh', mounted, process.execPath, main];
  const { status, stderr } = spawnSync('unshare', flags, { env, encoding: 'utf8' });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /disk .*is full/i);
});

function callWith(address: string, keyFile: string) {
  return (method: string, path: string, body?: unknown) =>
    fetch(address + path, {
      method,
      headers: { authorization: `Bearer ${readFileSync(keyFile, 'utf8').trim()}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}
