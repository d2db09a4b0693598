import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import { lookAfterExports } from './look-after.ts';
import { MAKE_EXPORT, makePayload, runExport } from './run-export.ts';

/** Background work of exports: making them, and once an hour what has to happen though nobody asks. */
export async function registerExportsTasks(platform: Platform): Promise<void> {
  platform.tasks.define({
    name: MAKE_EXPORT,
    payload: makePayload,
    concurrency: 2,
    expireSeconds: 86_400,
    handle: (payload, context) => runExport(platform, payload, context),
  });
  platform.tasks.define({
    name: 'exports.look-after',
    payload: z.object({}),
    handle: () => lookAfterExports(platform),
  });
  await platform.tasks.schedule('exports.look-after', '41 * * * *', {});
}
