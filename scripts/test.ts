import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findTests, root, runTests } from './run-tests.ts';

/** Where Debian, Ubuntu and macOS put it. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Debian package that tests need and npm does not have. */
interface Wanted {
  readonly paths: readonly string[];
  readonly name: string;
  readonly what: string;
  readonly debian: string;
}

/** The console's tests drive a real browser; Debian's needs no download from elsewhere. */
const browser: Wanted = {
  paths: BROWSERS,
  name: 'Chromium',
  what: 'The tests of the console',
  debian: 'chromium',
};
/** Mail is read from a real IMAP server. */
const imapServer: Wanted = {
  paths: ['/usr/sbin/dovecot'],
  name: 'Dovecot',
  what: 'The tests of mail in',
  debian: 'dovecot-imapd',
};

/** Sees to it that it is there: installs it where this may be done, else says how. */
function provide({ paths, name, what, debian }: Wanted): void {
  if (paths.some((path) => existsSync(path))) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`${what} need ${name}: install it (Debian: sudo apt-get install ${debian}).`);
    process.exit(1);
  }
  console.log(`Installing ${name} for ${what.toLowerCase()} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [['update'], ['install', '-y', '--no-install-recommends', debian]];
  for (const step of steps) {
    const result = spawnSync('apt-get', step, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
    if (result.status === 0) continue;
    console.error(`apt-get ${step.join(' ')} failed. Install ${name} by hand, then run npm test again.`);
    process.exit(1);
  }
}

function buildConsole(): void {
  const result = spawnSync('npm', ['run', '-s', 'build'], { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  console.error(`The console could not be built:\n${result.stdout}${result.stderr}`);
  process.exit(1);
}

const wanted = process.argv.slice(2);
const files = findTests('.test.ts', wanted);
if (files.length === 0) {
  console.error(`No test file has ${wanted.join(' or ')} in its path.`);
  process.exit(1);
}
if (files.some((file) => /^server\/(messages|own)\//.test(file))) provide(imapServer);
if (files.some((file) => file.startsWith('console') || file.startsWith('examples'))) {
  provide(browser);
  buildConsole();
}
process.exitCode = await runTests(files, { timeoutMs: 600_000 });
