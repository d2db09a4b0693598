import { accessSync, constants, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problems } from './contract.ts';
import { failuresOf } from './failure.ts';

export const dataDirectoryProblems = problems({
  'data-directory-unusable': { status: 500, title: 'The data directory cannot be used' },
});
const fail = failuresOf(dataDirectoryProblems);

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'This user may not write there: change its owner, or set KEPT_DATA_DIR to another directory.',
  EPERM: 'This user may not write there: change its owner, or set KEPT_DATA_DIR to another directory.',
  EROFS: 'That file system is read-only: set KEPT_DATA_DIR to a directory on another one.',
  ENOSPC: 'The disk is full: make room, or set KEPT_DATA_DIR to a directory on another disk.',
  EDQUOT: 'The quota is used up: make room, or set KEPT_DATA_DIR to a directory on another disk.',
  ENOTDIR: 'A part of that path is a file: set KEPT_DATA_DIR to a directory.',
  EEXIST: 'That is a file: set KEPT_DATA_DIR to a directory.',
};

/**
 * Makes the data directory, or finds out that it cannot be used before anything depends on it.
 * @throws Failure `data-directory-unusable` with the remedy
 */
export function prepareDataDirectory(path: string): void {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    // Others may pass through (the embedded database runs as another user when Kept is root) but not look.
    mkdirSync(path, { recursive: true, mode: 0o711 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    writeFileSync(probe, 'x'.repeat(4096), { mode: 0o600, flush: true });
    rmSync(probe);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw fail('data-directory-unusable', `${path}: ${REMEDIES[code] ?? `it cannot be written (${code}).`}`, { cause });
  }
}

/** What other processes on this machine need to find a running server. */
export interface ServerNote {
  /** `http://127.0.0.1:7040` */
  readonly address: string;
  /** Superuser's URL of the embedded PostgreSQL; absent where DATABASE_URL is used. */
  readonly databaseAdminUrl?: string;
  /** File with the local key. */
  readonly keyFile: string;
  readonly pid: number;
  readonly version: string;
}

/** Writes `server.json` (mode 0600) whole or not at all; returns how to take it away. */
export function writeServerNote(dataDirectory: string, note: ServerNote): () => void {
  const file = join(dataDirectory, 'server.json');
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return () => rmSync(file, { force: true });
}
