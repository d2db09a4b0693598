import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from './generate.ts';
import { root } from './run-tests.ts';

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** Everything that can be known without running the product: types, style, unused code, generated files, structure. */
const steps: readonly (readonly [string, () => Outcome | Promise<Outcome>])[] = [
  ['types (tsc)', () => tool('tsc', ['-p', '.', '--noEmit'])],
  ['style (biome)', () => tool('biome', ['check', '--diagnostic-level=error', '.'])],
  ['unused code (knip)', () => tool('knip', [])],
  ['generated files (npm run generate)', compareGenerated],
  ['structure (architecture test)', () => command(process.execPath, ['--test', 'server/architecture.test.ts'])],
];

function tool(name: string, flags: readonly string[]): Outcome {
  return command(join(root, 'node_modules', '.bin', name), flags);
}

function command(path: string, flags: readonly string[]): Outcome {
  const result = spawnSync(path, flags, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { ok: result.status === 0, output: `${result.stdout}${result.stderr}${result.error?.message ?? ''}` };
}

async function compareGenerated(): Promise<Outcome> {
  const into = mkdtempSync(join(tmpdir(), 'kept-generated-'));
  try {
    const stale = (await generate(into)).filter((file) => read(join(root, file)) !== read(join(into, file)));
    return { ok: stale.length === 0, output: `out of date: ${stale.join(', ')}. Run npm run generate.` };
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
}

function read(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

let failed = 0;
for (const [name, step] of steps) {
  const { ok, output } = await step();
  console.log(`${ok ? '✓' : '✗'} ${name}`);
  if (ok) continue;
  failed += 1;
  console.log(output.trimEnd().replaceAll(/^/gm, '    '));
}
if (failed > 0) console.log(`\n${failed} of ${steps.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
