import { createCipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { askForExport } from '../server/exports/ask-for-export.ts';
import { registerExportKinds } from '../server/exports/register-kinds.ts';
import { runExport } from '../server/exports/run-export.ts';
import { getExport } from '../server/exports/show-export.ts';
import { registerExportsTasks } from '../server/exports/tasks.ts';
import { readConfig } from '../server/platform/config.ts';
import type { Id, OrganisationId } from '../server/platform/contract.ts';
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts';
import { newId } from '../server/platform/ids.ts';
import { migrate } from '../server/platform/migrate.ts';
import { openPlatform, type Platform } from '../server/platform/platform.ts';
import { ownCpuSeconds } from './cpu.ts';

/** What an export of so many ledger entries took. */
export interface ExportFigures {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly rowsPerCpuSecond: number;
  /** Resident memory in MiB after the first tenth, and at most from then on. */
  readonly memoryEarly: number;
  readonly memoryMost: number;
}

/** A database with ledger entries of one organisation, and what can be done with it. */
export interface ExportBench {
  /** Makes an export of all of them, as the task does. */
  export(format: 'ndjson' | 'csv'): Promise<ExportFigures>;
  /** The barest loop that reads, formats, hashes and encrypts the same rows into a file; rows per CPU-second of this process. */
  bareWithReading(): Promise<number>;
  /** The same without a database: rows that lie in memory. */
  bare(): Promise<number>;
  close(): Promise<void>;
}

const PAGE = 1_000;

export async function openExportBench(rows: number, note: (line: string) => void): Promise<ExportBench> {
  const directory = mkdtempSync(join(tmpdir(), 'kept-bench-'));
  chmodSync(directory, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  const admin = new pg.Client(postgres.url('postgres'));
  await admin.connect();
  await admin.query('create database kept');
  await admin.end();
  const databaseUrl = postgres.url('kept');
  await migrate(databaseUrl);
  const config = readConfig({ KEPT_DATA_DIR: join(directory, 'kept'), KEPT_LOG_LEVEL: 'silent' });
  const platform = await openPlatform({ config, databaseUrl });
  registerExportKinds(platform);
  await registerExportsTasks(platform);
  const organisationId: OrganisationId = newId(platform.clock.now());
  const store = new pg.Client(databaseUrl);
  await store.connect();
  note(`filling the ledger with ${rows} entries`);
  await fill(store, organisationId, rows);
  return {
    export: (format) => measure(platform, organisationId, rows, format),
    bareWithReading: () => bareLoop(join(directory, 'bare'), rows, () => pagesOf(store, organisationId)),
    async bare() {
      const [page = []] = await Array.fromAsync(firstOf(pagesOf(store, organisationId)));
      return bareLoop(join(directory, 'bare'), rows, async function* () {
        for (let done = 0; done < rows; done += page.length) yield page;
      });
    },
    async close() {
      await store.end();
      await platform.close();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Entries as the ledger has them, but for the tree: nothing of it is exported. */
async function fill(store: pg.Client, organisationId: OrganisationId, rows: number): Promise<void> {
  await store.query('drop index ledger.entry_by_kind');
  await store.query(
    `insert into ledger.log (organisation_id, number, origin, public_key, size, minimum_index, opened_at)
     values ($1, 1, 'kept.example/bench', decode(repeat('00', 32), 'hex'), 0, 0, now())`,
    [organisationId],
  );
  for (let from = 0; from < rows; from += 1_000_000)
    await store.query(
      `insert into ledger.entry (organisation_id, log_number, position, entry_id, kind, recorded_at, leaf)
       select $1::uuid, 1, n, id, 'disposal.batch', timestamptz '2026-01-01' + n * interval '1 second',
         '{"actor":{"id":"retention","kind":"system"},"at":"2026-01-01T00:00:00.000Z","body":{"batch":' || n ||
         ',"dataset":"messages","disposed":500,"refused":0,"run":"' || id || '"},"format":"kept-entry-1","id":"' || id ||
         '","kind":"disposal.batch","organisation":"' || $1::uuid || '","salt":"MDEyMzQ1Njc4OWFiY2RlZg"}'
       from (select n, ('01932b5e-' || lpad(to_hex(n >> 16), 4, '0') || '-7' || lpad(to_hex((n >> 4) & 4095), 3, '0')
         || '-8' || lpad(to_hex(n & 15), 3, '0') || '-000000000000')::uuid as id
         from generate_series($2::int, $3::int - 1) as n) as made`,
      [organisationId, from, Math.min(rows, from + 1_000_000)],
    );
  await store.query('vacuum analyze ledger.entry');
}

async function measure(
  platform: Platform,
  organisationId: OrganisationId,
  rows: number,
  format: 'ndjson' | 'csv',
): Promise<ExportFigures> {
  const id: Id<'Export'> = await platform.db.transaction(organisationId, (tx) =>
    askForExport(platform, tx, {
      kind: 'ledger-entries',
      format,
      parameters: {},
      by: { kind: 'system', id: 'bench' },
    }),
  );
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(process.memoryUsage().rss / 2 ** 20), 100);
  const started = performance.now();
  const cpu = ownCpuSeconds();
  await runExport(platform, { organisation: organisationId, export: id }, { signal: new AbortController().signal });
  const cpuSeconds = ownCpuSeconds() - cpu;
  const seconds = (performance.now() - started) / 1_000;
  clearInterval(watch);
  const made = await platform.db.transaction(organisationId, (tx) => getExport(tx, id, ['ledger-entries']));
  if (made.state !== 'ready' || made.rows < rows) throw new Error(`the export is ${made.state} with ${made.rows} rows`);
  const tenth = Math.floor(memory.length / 10);
  return {
    rows,
    bytes: made.bytes ?? 0,
    seconds,
    rowsPerCpuSecond: rows / cpuSeconds,
    memoryEarly: Math.max(0, ...memory.slice(0, tenth + 1)),
    memoryMost: Math.max(0, ...memory.slice(tenth + 1)),
  };
}

type BareRow = { readonly entry_id: string; readonly leaf: string; readonly position: string };

async function* pagesOf(store: pg.Client, organisationId: OrganisationId): AsyncGenerator<readonly BareRow[]> {
  let before = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  for (;;) {
    const { rows } = await store.query<BareRow>({
      name: 'bare',
      text: `select entry_id, leaf, position from ledger.entry where organisation_id = $1 and entry_id < $2
        order by entry_id desc limit ${PAGE}`,
      values: [organisationId, before],
    });
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    before = rows.at(-1)?.entry_id ?? '';
  }
}

async function* firstOf<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const page of pages) {
    yield page;
    return;
  }
}

/** Parsed, written as the same JSON lines, hashed, encrypted in pieces of 64 KiB, written to disk. */
async function bareLoop(path: string, rows: number, pages: () => AsyncIterable<readonly BareRow[]>): Promise<number> {
  const key = createSecretKey(randomBytes(32));
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  const cpu = ownCpuSeconds();
  let counter = 0;
  let held = Buffer.alloc(0);
  const encrypt = (piece: Buffer) => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(counter);
    counter += 1;
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    return Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  };
  for await (const page of pages()) {
    let text = '';
    for (const { entry_id: id, leaf, position } of page) {
      const { kind, at, actor, body } = JSON.parse(leaf);
      const line = { id, kind, at, actor, body, commitment: null, state: 'sequenced', log: 'kept.example/bench' };
      text += `${JSON.stringify({ ...line, index: Number(position), leaf })}\n`;
    }
    const octets = Buffer.from(text);
    hash.update(octets);
    held = Buffer.concat([held, octets]);
    for (; held.length >= 65_536; held = held.subarray(65_536)) await file.write(encrypt(held.subarray(0, 65_536)));
  }
  await file.write(encrypt(held));
  await file.sync();
  hash.digest();
  const cpuSeconds = ownCpuSeconds() - cpu;
  await file.close();
  rmSync(path);
  return rows / cpuSeconds;
}

/** `node bench/exports-run.ts 10000000`: one export of so many rows, for its memory. */
if (import.meta.main) {
  const rows = Number(process.argv[2] ?? 10_000_000);
  const bench = await openExportBench(rows, (line) => console.error(line));
  try {
    console.log(JSON.stringify(await bench.export('ndjson')));
  } finally {
    await bench.close();
  }
}
