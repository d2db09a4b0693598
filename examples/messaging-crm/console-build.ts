import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const built = join(root, 'console', 'dist', 'index.html');

/** Whether the console was never built, or something it is made of is newer than the build. */
export function consoleIsStale(): boolean {
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  const contracts = readdirSync(join(root, 'server')).map((folder) => join(root, 'server', folder, 'contract.ts'));
  const sources = [...sourcesBelow(join(root, 'console')), ...sourcesBelow(join(root, 'sdk')), ...contracts];
  return sources.some((file) => existsSync(file) && statSync(file).mtimeMs > builtAt);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](node_modules|dist)[\\/]/.test(file) && !/\.test\.tsx?$/.test(file));
}

/** Builds it. @returns null when it went well, else the last lines of what the build said */
export function buildConsole(): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build'], {
      cwd: join(root, 'console'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += String(chunk);
      });
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? null : said.trim().split('\n').slice(-12).join('\n')));
  });
}
