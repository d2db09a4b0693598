/**
 * `npm run -s bench -- NAME [--json] [--quick]` runs `bench/NAME.ts` and ends with one line of JSON.
 * Without a name it lists what there is. It answers 1 when a part misses its goal (but not with `--quick`).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchResult } from './result.ts';

const folder = import.meta.dirname;

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  });
  const [name, ...rest] = positionals;
  const names = benches();
  if (name === undefined || rest.length > 0 || !names.includes(name)) {
    const wrong = name === undefined ? 'Which bench?' : `There is no bench “${positionals.join(' ')}”.`;
    console.error(`${wrong} Usage: npm run -s bench -- NAME [--json] [--quick], where NAME is ${names.join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const module: unknown = await import(join(folder, `${name}.ts`));
  if (!isBench(module)) throw new Error(`bench/${name}.ts does not export run()`);
  const note = values.json ? () => {} : (line: string) => console.error(line);
  const result = await module.run({ json: values.json, quick: values.quick, note });
  if (!values.json) printTable(result);
  console.log(JSON.stringify(result));
  if (!values.quick && result.parts.some((part) => part.ratio < part.goal)) process.exitCode = 1;
}

/** Every file that is not the runner and not a helper of one (`NAME-….ts`). */
function benches(): string[] {
  const own = ['bench.ts', 'result.ts', 'cpu.ts'];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !own.includes(file) && !file.includes('-'))
    .map((file) => file.slice(0, -3));
}

function isBench(module: unknown): module is { run: Bench } {
  return typeof module === 'object' && module !== null && 'run' in module && typeof module.run === 'function';
}

function printTable(result: BenchResult): void {
  for (const part of result.parts) {
    const verdict = part.ratio >= part.goal ? 'reached' : 'MISSED';
    const figures = `${figure(part.ours)} of ${figure(part.limit)} ${part.unit}`;
    console.error(`${part.name}: ${part.ratio.toFixed(3)} (goal ${part.goal}, ${verdict}) ${figures}`);
  }
  for (const peer of result.peers) console.error(`peer ${peer.name}: ${figure(peer.value)} ${peer.unit}`);
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}
