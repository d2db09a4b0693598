import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** The folders of `server/` in the order of ARCHITECTURE.md: each may import those before it. */
const layers = [
  'platform',
  'ledger',
  'access',
  'messages',
  'exports',
  'connectors',
  'webhooks',
  'accounts',
  'policy',
  'datamap',
  'recipients',
  'consent',
  'retention',
  'requests',
  'incidents',
  'ai',
  'publishing',
  'centre',
  'own',
];

/** Modules without effects that the sdk, the command line and the console may use, beside every `contract.ts`. */
const pureModules = [
  'server/access/permissions.ts',
  'server/ledger/proof.ts',
  'server/policy/canonical.ts',
  'server/policy/check-policy.ts',
  'server/policy/format-policy.ts',
  'server/policy/language.ts',
  'server/policy/nearest.ts',
  'server/policy/parse-policy.ts',
];

/** The few places where the type system forces a cast, each with its reason beside it. */
const casts = [
  'server/platform/contract.ts',
  'server/platform/ids.ts',
  'server/platform/http.ts',
  'server/messages/compose-mail.ts',
  'sdk/sdk.ts',
  'console/api.ts',
];

const forbiddenNames =
  /(^|\/)(utils?|helpers?|common|shared|lib|misc|types|constants|services?|managers?|index)(\.[a-z]+)*(\/|$)/;
const MOST_LINES = 500;

/** Path from the root of the checkout → source. */
type Tree = ReadonlyMap<string, Source>;
interface Source {
  readonly path: string;
  /** As written. */
  readonly text: string;
  /** Without comments, and with what stands in strings and templates blanked out. */
  readonly code: string;
  /** Specifiers of its imports and re-exports, files as paths from the root. */
  readonly imports: readonly string[];
}
interface Rule {
  readonly name: string;
  /** What is wrong with a file, one sentence each. */
  check(source: Source, tree: Tree): string[];
  /** A file that breaks the rule. */
  readonly planted: { readonly path: string; readonly text: string };
}

const rules: readonly Rule[] = [
  {
    name: '1: a folder imports only folders before it',
    check: ({ path, imports }) => {
      const own = layerOf(path);
      if (own === null) return [];
      const higher = imports.filter((target) => {
        const other = layerOf(target);
        const root = target.startsWith('server/') && other === null && target !== 'server/rows.ts';
        return root || (other !== null && layers.indexOf(other) > layers.indexOf(own));
      });
      const unknown = layers.includes(own) ? [] : [`the folder ${own} has no place in the layers`];
      return [...higher.map((target) => `imports ${target}, which is above it`), ...unknown];
    },
    planted: { path: 'server/ledger/planted.ts', text: "import { hold } from '../retention/place-hold.ts';" },
  },
  {
    name: '2: store, routes and tasks are private to their folder',
    check: ({ path, imports }) =>
      imports
        .filter((target) => /^server\/\w+\/([a-z-]+-)?(store|routes|tasks)\.ts$/.test(target))
        .filter((target) => target !== 'server/platform/tasks.ts' && dirname(target) !== folderOf(path))
        // What stands beside tests for their sake puts servers together, as app.ts does; tables stay private to both.
        .filter((target) => !(path === 'server/app.ts' || isTestFixture(path)) || target.endsWith('store.ts'))
        // A benchmark measures the very part it is about.
        .filter(() => !path.startsWith('bench/'))
        .map((target) => `imports ${target}, which is private`),
    planted: { path: 'server/retention/planted.ts', text: "import { selectAccount } from '../accounts/store.ts';" },
  },
  {
    name: '3: SQL stands in store.ts only, on the schema of its folder',
    check: (source) => {
      const folder = layerOf(source.path);
      if (!isServerCode(source.path) || folder === 'platform' || folder === 'connectors') return [];
      if (isStore(source.path)) return foreignTables(source, folder ?? '');
      const driver = source.imports.filter((target) => target === 'kysely' || target === 'pg' || target === 'pg-boss');
      const built = /\.(selectFrom|insertInto|updateTable|deleteFrom|mergeInto|executeQuery)\(|\bsql(<[^`]*>)?`/.test(
        source.code,
      );
      return [
        ...driver.map((target) => `imports ${target} outside a store`),
        ...(built ? ['builds a statement outside a store'] : []),
      ];
    },
    planted: {
      path: 'server/retention/planted.ts',
      text: "export const read = (tx: Tx) => tx.db.selectFrom('retention.hold').execute();",
    },
  },
  {
    name: '4: routes stand in routes.ts, sockets are opened by platform, mail and connectors',
    check: ({ path, code, imports }) => {
      const folder = layerOf(path);
      if (!isServerCode(path)) return [];
      const client = /^server\/platform\/outbound[a-z-]*\.ts$/.test(path)
        ? []
        : imports.filter((target) => /^undici(\/|$)/.test(target));
      const fetches = /(?<![.\w])fetch\(|\bglobalThis\.fetch\b|\bnew (WebSocket|EventSource)\(/.test(code);
      const around = [
        ...client.map((target) => `calls out with ${target} instead of platform/outbound`),
        ...(fetches && !path.startsWith('server/platform/outbound')
          ? ['calls fetch itself instead of platform/outbound']
          : []),
      ];
      if (folder === 'platform' || folder === 'connectors') return around;
      const mayRoute = /\/([a-z-]+-)?routes\.ts$/.test(path) || folder === 'centre';
      const routes = /\bhttp\.route\(|\.fastify\b/.test(code) && !mayRoute ? ['registers a route'] : [];
      const sockets = /^(node:)?(net|http|https|http2|tls|dgram|dns)$|^(undici|nodemailer)(\/|$)/;
      const opened = folder === 'messages' ? [] : imports.filter((target) => sockets.test(target));
      return [...routes, ...opened.map((target) => `opens sockets with ${target}`), ...around];
    },
    planted: { path: 'server/policy/planted.ts', text: "export const page = () => fetch('https://example.com');" },
  },
  {
    name: '5: outside server only contracts and pure modules are imported, and these are pure',
    check: ({ path, imports }, tree) => {
      const allowed = (target: string) => isContract(target) || pureModules.includes(target);
      if (pureModules.includes(path) || isContract(path)) return impurities(path, tree);
      // Scripts and benchmarks are the server's own tools.
      if (/^(server|scripts|bench)\//.test(path)) return [];
      // A test may put counterparts beside the server that the server's own tests have: name servers, providers.
      const isFixture = (target: string) => path.endsWith('.test.ts') && /\/test-[^/]+$/.test(target);
      return imports
        .filter((target) => target.startsWith('server/') && !allowed(target) && !isFixture(target))
        .map((target) => `imports ${target}, which is no contract and no pure module`);
    },
    planted: { path: 'cli/planted.ts', text: "import { openDatabase } from '../server/platform/database.ts';" },
  },
  {
    name: '6: the environment is read in platform/config, the clock in platform/clock',
    check: ({ path, code }) => {
      if (!isServerCode(path)) return [];
      const environment = path !== 'server/platform/config.ts' && /\bprocess\s*\.\s*env\b|\bprocess\[/.test(code);
      const clock =
        path !== 'server/platform/clock.ts' &&
        /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )(?<![.\w])Date\(|\bTemporal\.Now\b/.test(code);
      return [...(environment ? ['reads the environment'] : []), ...(clock ? ['reads the clock'] : [])];
    },
    planted: { path: 'server/policy/planted.ts', text: 'export const today = () => new Date();' },
  },
  {
    name: 'tests: what runs in production imports nothing that stands beside tests for their sake',
    check: ({ path, imports }) =>
      isServerCode(path) ? imports.filter(isTestFixture).map((target) => `imports ${target}, which is for tests`) : [],
    planted: { path: 'server/retention/planted.ts', text: "import { fill } from './test-organisation.ts';" },
  },
  {
    name: 'names: nothing is called after what it is not',
    check: ({ path }) => (forbiddenNames.test(path) ? ['its name says nothing'] : []),
    planted: { path: 'server/policy/helpers.ts', text: '' },
  },
  {
    name: 'casts: none, but where the type system forces one',
    check: ({ path, code }) =>
      !casts.includes(path) &&
      /(?<!\bimport \*|\bexport \*)\s\bas\s+(?!const\b)[A-Za-z{([]/.test(withoutModuleLines(code))
        ? ['casts with `as`']
        : [],
    planted: { path: 'server/policy/planted.ts', text: 'export const x = JSON.parse("1") as number;' },
  },
  {
    name: `size: no file has more than ${MOST_LINES} lines`,
    check: ({ path, text }) =>
      path !== 'server/rows.ts' && text.split('\n').length > MOST_LINES + 1
        ? [`has ${text.split('\n').length} lines`]
        : [],
    planted: { path: 'server/policy/planted.ts', text: '\n'.repeat(MOST_LINES + 5) },
  },
  {
    name: 'exports: none is a default',
    check: ({ path, code }) =>
      path !== 'console/vite.config.ts' && /\bexport\s+default\b/.test(code) ? ['has a default export'] : [],
    planted: { path: 'sdk/planted.ts', text: 'export default 1;' },
  },
];

const tree = readTree();

for (const rule of rules) {
  test(rule.name, () => {
    const found = [...tree.values()].flatMap((source) =>
      rule.check(source, tree).map((what) => `${source.path} ${what}`),
    );
    assert.deepEqual(found, []);
  });

  test(`a planted violation is seen – ${rule.name}`, () => {
    const planted = readSource(rule.planted.path, rule.planted.text);
    assert.notDeepEqual(rule.check(planted, new Map(tree).set(planted.path, planted)), []);
  });
}

test('further plantings are seen: a foreign table in a store, an impure pure module, a route outside routes.ts', () => {
  const see = (number: number, path: string, text: string) => {
    const planted = readSource(path, text);
    return rules[number - 1]?.check(planted, new Map(tree).set(path, planted)).length;
  };
  assert.equal(see(2, 'server/retention/test-planted.ts', "import { insert } from '../accounts/store.ts';"), 1);
  assert.equal(see(2, 'server/retention/test-planted.ts', "import { register } from '../accounts/tasks.ts';"), 0);
  assert.equal(see(3, 'server/policy/store.ts', "tx.db.selectFrom('retention.hold as h').execute();"), 1);
  assert.equal(see(3, 'server/policy/store.ts', 'sql`select 1 from accounts.account a`.execute(tx.db);'), 1);
  assert.equal(see(3, 'server/policy/store.ts', "tx.db.selectFrom('policy.version').execute();"), 0);
  assert.equal(see(4, 'server/policy/planted.ts', 'http.route(spec, handle);'), 1);
  assert.equal(see(4, 'server/policy/planted.ts', "import { connect } from 'node:net';"), 1);
  assert.equal(see(4, 'server/platform/planted.ts', 'export const page = () => fetch(url);'), 1);
  assert.equal(see(4, 'server/connectors/planted.ts', "import { request } from 'undici';"), 1);
  assert.equal(see(5, 'server/policy/nearest.ts', "import { readFileSync } from 'node:fs';"), 1);
  assert.equal(see(6, 'server/policy/planted.ts', 'const { HOME } = process.env;'), 1);
  assert.equal(see(6, 'server/policy/planted.ts', '// new Date() stands in a comment\nconst text = "Date.now()";'), 0);
});

function readTree(): Tree {
  const root = join(import.meta.dirname, '..');
  const folders = ['server', 'console', 'banner', 'sdk', 'cli', 'examples', 'bench', 'scripts'];
  const files = globSync(`{${folders.join(',')}}/**/*.{ts,tsx}`, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  });
  return new Map(files.sort().map((path) => [path, readSource(path, readFileSync(join(root, path), 'utf8'))]));
}

function readSource(path: string, text: string): Source {
  const code = blank(text);
  const imports: string[] = [];
  // Where code says import, the text beside it says what.
  for (const match of code.matchAll(/\b(?:from|import)\s*\(?\s*(['"])/g)) {
    const start = match.index + match[0].length;
    const specifier = text.slice(start, text.indexOf(match[1] ?? "'", start));
    imports.push(specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : specifier);
  }
  return { path, text, code, imports };
}

/** Blanks out comments and the insides of strings, templates and regular expressions, so that only code is judged. */
function blank(text: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:[!&|?;{}]\s*|\breturn\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
  return text.replaceAll(token, (found) => {
    const quote = found[0] ?? '';
    if (found.startsWith('//') || found.startsWith('/*')) return ' '.repeat(found.length);
    return quote + ' '.repeat(found.length - 2) + quote;
  });
}

function withoutModuleLines(code: string): string {
  return code.replaceAll(/\b(import|export)\s*(type\s*)?(\{[^}]*\}|\*\s*as\s+\w+)/g, '');
}

/** The folder below `server/` a file belongs to; null for what stands beside the folders. */
function layerOf(path: string): string | null {
  return /^server\/([\w-]+)\//.exec(path)?.[1] ?? null;
}

function folderOf(path: string): string {
  const layer = layerOf(path);
  return layer === null ? dirname(path) : `server/${layer}`;
}

/** Stands beside tests for their sake: `test-organisation.ts`. */
function isTestFixture(path: string): boolean {
  return /^server\/\w+\/test-[a-z-]+(\.d)?\.ts$/.test(path);
}

/** What runs in production: tests and what stands beside them for their sake may look into tables and servers. */
function isServerCode(path: string): boolean {
  return path.startsWith('server/') && !/(\.test|\.soak)\.ts$|\/test-[a-z-]+(\.d)?\.ts$|^server\/rows\.ts$/.test(path);
}

/** A folder's contract, or a part of one that is too long for a file: `providers-contract.ts`. */
function isContract(path: string): boolean {
  return /^server\/\w+\/([a-z-]+-)?contract\.ts$/.test(path);
}

function isStore(path: string): boolean {
  return /\/([a-z-]+-)?store\.ts$/.test(path);
}

/** Tables of other folders that a store names, in the builder or in SQL. */
function foreignTables({ text }: Source, folder: string): string[] {
  const builder = text.matchAll(
    /\.(?:selectFrom|insertInto|updateTable|deleteFrom|using|(?:inner|left|right|full|cross)Join)\(\s*\[?'([a-z_]+)\.[a-z_]+/g,
  );
  const written = text.matchAll(/\b(?:from|join|into|update|using)\s+(?:only\s+)?([a-z_]+)\.[a-z_]+/g);
  const schemas = [...builder, ...written].map((match) => match[1] ?? '');
  const foreign = schemas.filter((schema) => layers.includes(schema) && schema !== folder);
  return [...new Set(foreign)].map((schema) => `names a table of ${schema}`);
}

/** What a pure module reaches that is not pure, through whatever it imports. */
function impurities(start: string, tree: Tree): string[] {
  const harmless = ['node:crypto', 'node:util', 'node:assert'];
  const builtin = (target: string) => target.startsWith('node:') || builtinModules.includes(target);
  const effects = ['kysely', 'pg', 'pg-boss', 'fastify', 'undici', 'nodemailer', 'pino'];
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const target of tree.get(path)?.imports ?? []) {
      if ((builtin(target) && !harmless.includes(target)) || effects.includes(target))
        found.push(`reaches ${target} through ${path}`);
      else if (target.startsWith('server/')) visit(target);
    }
  };
  visit(start);
  return found;
}
