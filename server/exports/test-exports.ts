import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openTestAccess, type TestAccess, type TestAccessOptions } from '../access/test-access.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { Export } from './contract.ts';
import { registerExport } from './register-export.ts';
import { registerExportKinds } from './register-kinds.ts';
import { registerExportsRoutes } from './routes.ts';
import { registerExportsTasks } from './tasks.ts';

/** A kind that is there for tests: as many rows as are asked for, and something to wait for. */
export interface TestKind {
  /** Called for every page, in its transaction; throw to break it. */
  onPage: (tx: Tx, first: number) => Promise<void>;
}

export interface TestExports extends TestAccess {
  readonly kind: TestKind;
  /** Asks for an export over HTTP and waits until it is no longer under way. */
  make(body: Record<string, unknown>, who?: Record<string, string> | string): Promise<Export>;
  /** The whole file behind a new link. */
  download(id: string, headers?: Record<string, string>): Promise<Response>;
}

/** Registers the kind `numbers`; its parameter `rows` says how many there are. */
export function registerNumbers(platform: Platform, kind: TestKind): void {
  registerExport(platform, {
    kind: 'numbers',
    title: { en: 'Numbers', 'pt-BR': 'Números', es: 'Números' },
    permission: 'policy:read',
    formats: ['csv', 'ndjson', 'json'],
    parameters: z.strictObject({ rows: z.number().int().default(10) }),
    columns: ['number', 'text', 'list'],
    count: async (_tx, { rows }) => rows,
    async page(tx, { rows }, { after, limit }) {
      const first = after === null ? 0 : Number(after);
      await kind.onPage(tx, first);
      const end = Math.min(rows, first + limit);
      const page = [];
      for (let number = first; number < end; number += 1)
        page.push({ number, text: number === 0 ? '=1+1' : `text ${number}`, list: [number] });
      return { rows: page, next: end < rows ? String(end) : null };
    },
  });
}

export async function openTestExports(options: TestAccessOptions = {}): Promise<TestExports> {
  const kind: TestKind = { onPage: async () => {} };
  const kept = await openTestAccess({
    ...options,
    async register(http, platform, access) {
      registerExportKinds(platform);
      registerNumbers(platform, { onPage: (tx, first) => kind.onPage(tx, first) });
      await registerExportsTasks(platform);
      registerExportsRoutes(http, platform);
      await options.register?.(http, platform, access);
    },
  });
  await kept.platform.tasks.start();
  const exports: TestExports = {
    ...kept,
    kind,
    async make(body, who = 'owner') {
      const asked = await kept.call('POST', '/v1/exports', who, body);
      if (asked.status !== 202) throw new Error(`asked for an export and was answered ${asked.status} ${asked.text}`);
      // What the queue waits between an error and the next attempt counts as settled.
      for (let waited = 0; waited < 300; waited += 1) {
        await kept.platform.tasks.settled();
        const found: Export = (await kept.call('GET', `/v1/exports/${asked.json().id}`, kept.keyOf())).json();
        if (found.state !== 'queued' && found.state !== 'making') return found;
        await sleep(100);
      }
      throw new Error('the export did not come to its end');
    },
    async download(id, headers = {}) {
      const { path } = (await kept.call('POST', `/v1/exports/${id}/links`, kept.keyOf())).json();
      return fetch(kept.address + path, { headers });
    },
  };
  return exports;
}
