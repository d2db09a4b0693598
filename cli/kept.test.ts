import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';

const program = join(import.meta.dirname, 'kept.ts');
const examplePolicy = join(import.meta.dirname, '..', 'examples', 'messaging-crm', 'policy.yaml');
const folder = mkdtempSync(join(tmpdir(), 'kept-cli-'));
after(() => rmSync(folder, { recursive: true }));

function kept(args: readonly string[], environment: Record<string, string> = {}) {
  const { PATH = '' } = process.env;
  const run = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH, LANG: 'en_GB.UTF-8', ...environment },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

/** Writes a changed copy of the example's policy. */
function changedPolicy(name: string, change: (source: string) => string): string {
  const source = readFileSync(examplePolicy, 'utf8');
  const changed = change(source);
  assert.notEqual(changed, source, 'the change found its place');
  writeFileSync(join(folder, name), changed);
  return name;
}

const checkAnswer = z.strictObject({
  file: z.string(),
  hash: z.string().nullable(),
  findings: z.array(
    z.strictObject({
      code: z.string(),
      severity: z.enum(['error', 'warning', 'note']),
      line: z.number().nullable(),
      column: z.number().nullable(),
      path: z.string(),
      message: z.record(z.string(), z.string()),
      why: z.record(z.string(), z.string()),
      article: z.string().nullable(),
      remedy: z.record(z.string(), z.string()),
    }),
  ),
});

test('check --json has the documented shape, and a policy without errors ends with 0', () => {
  const { code, out } = kept(['check', examplePolicy, '--json']);
  assert.equal(code, 0);
  const answer = checkAnswer.parse(JSON.parse(out));
  assert.match(answer.hash ?? '', /^[0-9a-f]{64}$/);
  assert.ok(answer.findings.length > 0);
});

test('an unknown key is refused with its line, its column and the nearest known key, and ends with 1', () => {
  const file = changedPolicy('unknown-key.yaml', (source) =>
    source.replace('    role: controller', '    rolle: controller'),
  );
  const line =
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('rolle:')) + 1;
  const { code, out } = kept(['check', file]);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`^unknown-key\\.yaml:${line}:5: error: .*rolle`, 'm'));
  assert.match(out, /\brole\b/);
});

test('a period below a statutory floor is a finding with its article', () => {
  const file = changedPolicy('short.yaml', (source) => source.replace('for: P2Y', 'for: P180D'));
  const { out } = kept(['check', file, '--json']);
  const { findings } = checkAnswer.parse(JSON.parse(out));
  const found = findings.find((finding) => finding.code === 'below-floor' && finding.path.includes('audit-log'));
  assert.match(found?.article ?? '', /12\.965/);
});

test('format mends the layout, keeps the version, and --check writes nothing', () => {
  const file = changedPolicy('untidy.yaml', (source) => source.replace('  name: Maré\n', '  name:   "Maré"\n'));
  const before = readFileSync(join(folder, file), 'utf8');
  assert.equal(kept(['format', file, '--check']).code, 1);
  assert.equal(readFileSync(join(folder, file), 'utf8'), before);
  const hash = () => checkAnswer.parse(JSON.parse(kept(['check', file, '--json']).out)).hash;
  const hashBefore = hash();
  assert.equal(kept(['format', file]).code, 0);
  assert.equal(readFileSync(join(folder, file), 'utf8'), readFileSync(examplePolicy, 'utf8'));
  assert.equal(hash(), hashBefore);
  assert.equal(kept(['format', file, '--check']).code, 0);
});

test('an unknown command names the nearest one and ends with 2', () => {
  const { code, err } = kept(['bord']);
  assert.equal(code, 2);
  assert.match(err, /kept board/);
  assert.match(kept(['hold', 'plac']).err, /kept hold place/);
  assert.match(kept(['key']).err, /kept key make.*kept key revoke/);
  assert.equal(kept(['plan', '--whenever']).code, 2);
  assert.equal(kept(['check', 'nowhere.yaml']).code, 2);
});

test('without a server it says what to do and ends with 3, in the language of the machine', () => {
  const english = kept(['board']);
  assert.equal(english.code, 3);
  assert.match(english.err, /kept serve/);
  assert.match(kept(['board'], { LANG: 'pt_BR.UTF-8' }).err, /Inicie-o/);
  assert.match(kept(['board'], { LC_ALL: 'es_AR.UTF-8' }).err, /Inícielo/);
  const elsewhere = kept(['board', '--json'], { KEPT_ADDRESS: 'http://127.0.0.1:1' });
  assert.equal(elsewhere.code, 3);
  assert.deepEqual(JSON.parse(elsewhere.out), {
    error: { code: 'unreachable', detail: 'No answer from http://127.0.0.1:1', issues: [] },
  });
});

test('help names every command and each command explains its options', () => {
  const { code, out } = kept(['--help']);
  assert.equal(code, 0);
  for (const name of [
    'serve',
    'init',
    'check',
    'plan',
    'approve',
    'hold place',
    'verify',
    'ledger status',
    'owner',
    'key make',
  ])
    assert.match(out, new RegExp(`^${name}\\b`, 'm'));
  assert.match(kept(['hold', 'place', '--help']).out, /--review-on DATE/);
  assert.equal(out.includes('\u001b'), false, 'no colour in a pipe');
});

test('a receipt that is no receipt proves nothing, and a file that is no JSON is refused', () => {
  writeFileSync(join(folder, 'receipt.json'), '{"format":"kept-receipt-1"}');
  const { code, out } = kept(['verify', 'receipt.json', '--key', 'log.example+00000000+AQ', '--json']);
  assert.equal(code, 1);
  const verdict = z.object({ valid: z.literal(false), reason: z.string() }).parse(JSON.parse(out));
  assert.match(verdict.reason, /^malformed/);
  writeFileSync(join(folder, 'broken.json'), '{');
  assert.equal(kept(['verify', 'broken.json', '--key', 'k']).code, 2);
});
