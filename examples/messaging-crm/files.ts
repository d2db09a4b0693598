import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dayMs, daysBefore } from './ages.ts';
import { generate } from './generate.ts';
import type { GenerateOptions } from './people.ts';
import { randomFrom } from './random.ts';
import { ipAddress } from './texts.ts';

/** The product's folders: media that came with messages, the logger's files, the database's backups. */
export interface Volumes {
  readonly media: string;
  readonly logs: string;
  readonly backups: string;
}

export const volumesIn = (folder: string): Volumes => ({
  media: join(folder, 'media'),
  logs: join(folder, 'logs'),
  backups: join(folder, 'backups'),
});

/** The logger wrote daily for so many days and nobody took anything away. */
const LOG_DAYS = 104;
const BACKUP_DAYS = 29;

/**
 * Writes all files, unless they are there. They are made in a draft folder that is renamed at the end: there as a
 * whole or not at all.
 * @returns the number of files written now
 */
export async function writeVolumes(folder: string, options: GenerateOptions): Promise<number> {
  if (existsSync(folder)) return 0;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const volumes = volumesIn(draft);
  for (const path of Object.values(volumes)) await mkdir(path, { recursive: true });
  const media = await writeMedia(volumes.media, options);
  for (let days = 0; days < LOG_DAYS; days++) await writeLog(volumes.logs, daysBefore(options.at, days), options.seed);
  for (let days = BACKUP_DAYS; days >= 0; days--)
    await writeBackup(volumes.backups, daysBefore(options.at, days + 0.1));
  await rename(draft, folder);
  return media + LOG_DAYS + BACKUP_DAYS + 1;
}

async function writeMedia(root: string, options: GenerateOptions): Promise<number> {
  const folders = new Set<string>();
  let count = 0;
  let underWay: Promise<void>[] = [];
  for (const { path, bytes } of generate(options).attachments()) {
    const target = join(root, path);
    if (!folders.has(dirname(target))) {
      folders.add(dirname(target));
      await mkdir(dirname(target), { recursive: true });
    }
    underWay.push(writeFile(target, Buffer.alloc(bytes, `${path}\n`)));
    count += 1;
    if (underWay.length < 64) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
  return count;
}

/** A day of the application's log: what it did, never for whom. */
async function writeLog(root: string, day: Date, seed: number): Promise<void> {
  const date = day.toISOString().slice(0, 10);
  const random = randomFrom(seed, `log-${date}`);
  const lines = Array.from({ length: 40 }, (_, place) => {
    const time = new Date(Date.parse(date) + (place + random.next()) * (dayMs / 40)).toISOString();
    const ip = ipAddress(random);
    const route = random.pick(['/conversations', '/messages', '/contacts', '/webhooks/whatsapp']);
    return JSON.stringify({
      level: 30,
      time,
      ip,
      route,
      status: random.pick([200, 200, 200, 404]),
      ms: random.between(2, 240),
    });
  });
  await writeFile(join(root, `app-${date}.log`), `${lines.join('\n')}\n`);
}

async function writeBackup(root: string, takenAt: Date): Promise<void> {
  const path = join(root, `messaging_crm-${takenAt.toISOString().slice(0, 10)}.dump`);
  await writeFile(path, `backup of ${takenAt.toISOString()}\n`);
  await utimes(path, takenAt, takenAt);
}

/**
 * What the product's own backup job does: today's is added, what is 30 days old goes. Kept only looks at the result.
 * @returns the number of files removed
 */
export async function rotateBackups(root: string, at: Date): Promise<number> {
  const today = `messaging_crm-${at.toISOString().slice(0, 10)}.dump`;
  if (!existsSync(join(root, today))) await writeBackup(root, at);
  let removed = 0;
  for (const name of await readdir(root)) {
    const { mtimeMs } = await stat(join(root, name));
    if (at.getTime() - mtimeMs < 30 * dayMs) continue;
    await rm(join(root, name));
    removed += 1;
  }
  return removed;
}
