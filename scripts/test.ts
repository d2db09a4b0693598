import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findTests, root, runTests } from './run-tests.ts';

/** Where Debian, Ubuntu and macOS put it. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The console's tests drive a real browser; Debian's Chromium needs no download from elsewhere. */
function provideBrowser(): void {
  if (BROWSERS.some((path) => existsSync(path))) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error('The tests of the console need Chromium: install it (Debian: sudo apt-get install chromium).');
    process.exit(1);
  }
  console.log('Installing Chromium for the tests of the console …');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [['update'], ['install', '-y', '--no-install-recommends', 'chromium']];
  for (const step of steps) {
    const result = spawnSync('apt-get', step, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
    if (result.status === 0) continue;
    console.error(`apt-get ${step.join(' ')} failed. Install Chromium by hand, then run npm test again.`);
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
if (files.some((file) => file.startsWith('console') || file.startsWith('examples'))) {
  provideBrowser();
  buildConsole();
}
process.exitCode = await runTests(files, { timeoutMs: 600_000 });
