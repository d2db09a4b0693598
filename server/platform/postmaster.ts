import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Processes of a PostgreSQL that runs, or is stopping, on a cluster. */
export interface Found {
  /** The main process; null when only its children are left. */
  readonly pid: number | null;
  readonly pids: readonly number[];
  /** True when it cannot tell whether its parent lives, so that the only thing to do is to use it. */
  readonly adoptable: boolean;
  readonly socketDirectory: string;
  /** The process that started it, when that one still lives. */
  readonly owner: number | null;
}

const OWNER_PREFIX = 'kept-';

/** The setting of PostgreSQL that tells later starts who started it; it shows in `ps`, too. */
export function ownerMark(): string {
  return `cluster_name=${OWNER_PREFIX}${process.pid}`;
}

/**
 * What works on a cluster right now. A `postmaster.pid` whose process is gone, or was given to somebody else after a
 * reboot, is removed when nothing of PostgreSQL is left in the directory (PostgreSQL itself would refuse to start).
 */
export function findPostmaster(cluster: string): Found | null {
  const file = join(cluster, 'postmaster.pid');
  const lines = readIfThere(file).split('\n');
  const noted = Number(lines[0] ?? 0);
  const socketDirectory = lines[4] ?? '';
  if (process.platform !== 'linux') {
    if (noted === 0 || !signal(noted, 0)) return null;
    const owner = markedOwner(join(cluster, 'postmaster.opts'));
    const lives = owner !== null && owner !== process.pid && signal(owner, 0);
    return { pid: noted, pids: [noted], adoptable: true, socketDirectory, owner: lives ? owner : null };
  }
  const pids = processesIn(realpathOf(cluster));
  if (pids.length === 0) {
    rmSync(file, { force: true });
    return null;
  }
  const pid = pids.includes(noted) ? noted : null;
  const marked = pid === null ? null : markedOwner(`/proc/${pid}/cmdline`);
  // A dead parent's children are given another one, so a number that was used again cannot deceive us.
  const owner = pid !== null && parentOf(pid) === marked ? marked : null;
  return { pid, pids, adoptable: false, socketDirectory, owner };
}

/** Sends a signal; false when there is no such process (0 only asks). */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true;
    return false;
  }
}

/** Every process of PostgreSQL works in its data directory. */
function processesIn(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid) === directory);
}

function worksIn(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Gone in the meantime, or another user's: neither is ours.
    return null;
  }
}

function markedOwner(file: string): number | null {
  const mark = new RegExp(`cluster_name=${OWNER_PREFIX}(\\d+)`).exec(readIfThere(file));
  return mark === null ? null : Number(mark[1]);
}

/** The text of a file, empty when it is not there. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // "pid (name) state ppid …"; the name may hold spaces and brackets.
  return stat === '' ? null : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
