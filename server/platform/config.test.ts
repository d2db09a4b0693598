import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { configurationGuide, readConfig } from './config.ts';
import { Failure } from './failure.ts';

const first = { slug: 'foz', first: true };
const second = { slug: 'mare', first: false };

const folder = mkdtempSync(join(tmpdir(), 'kept-config-'));
after(() => rmSync(folder, { recursive: true }));

test('an empty environment is a working configuration', () => {
  const config = readConfig({ KEPT_SMTP_URL: '' });
  assert.equal(config.port, 7040);
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.databaseUrl, undefined);
  assert.equal(config.smtpUrl, undefined);
  assert.equal(config.ledgerMonths, undefined);
  assert.equal(readConfig({ KEPT_LEDGER_MONTHS: '24' }).ledgerMonths, 24);
});

test('all mistakes are reported at once, each with its variable and remedy', () => {
  const environment = {
    DATABASE_URL: 'mysql://x',
    KEPT_PORT: 'many',
    KEPT_LOG_LEVEL: 'loud',
    KEPT_SMTP_URL: 'mail.example',
    KEPT_LEDGER_MONTHS: '0',
    KEPT_DATADIR: '/data',
    KEPT_SECRETS_FILE: join(folder, 'missing'),
  };
  const error = caught(() => readConfig(environment));
  assert.ok(error instanceof Failure);
  assert.deepEqual(error.issues.map((issue) => issue.path).sort(), [
    'DATABASE_URL',
    'KEPT_DATADIR',
    'KEPT_LEDGER_MONTHS',
    'KEPT_LOG_LEVEL',
    'KEPT_PORT',
    'KEPT_SECRETS_FILE',
    'KEPT_SMTP_URL',
  ]);
  for (const name of Object.keys(environment)) assert.match(error.message, new RegExp(name));
  assert.match(error.message, /KEPT_DATA_DIR is meant/);
  assert.match(error.message, /write it like postgresql:/);
});

test('credentials come from a file of either kind, and the environment wins', () => {
  const json = join(folder, 'secrets.json');
  writeFileSync(json, JSON.stringify({ 'crm-database': 'from-file', volume: 'v' }));
  const config = readConfig({ KEPT_SECRETS_FILE: json, KEPT_SECRET_CRM_DATABASE: 'from-environment' });
  assert.equal(config.secret('crm-database', first), 'from-environment');
  assert.equal(config.secret('volume', first), 'v');
  assert.equal(config.secret('other', first), undefined);
  const lines = join(folder, 'secrets.env');
  writeFileSync(lines, 'KEPT_SECRET_CRM_DATABASE="quoted value"\n# comment\nVOLUME=v\n');
  const other = readConfig({ KEPT_SECRETS_FILE: lines });
  assert.equal(other.secret('crm-database', first), 'quoted value');
  assert.equal(other.secret('volume', first), 'v');
});

test('an organisation has the credentials under its own slug; only the first has those under none', () => {
  const file = join(folder, 'scoped.json');
  const content = {
    'crm-database': 'unscoped',
    volume: 'unscoped',
    foz: { 'crm-database': 'of foz' },
    mare: { 'crm-database': 'of mare', own: 'of mare' },
  };
  writeFileSync(file, JSON.stringify(content));
  const environment = { KEPT_SECRET_CRM_DATABASE: 'environment', KEPT_SECRET_TOKEN: 'environment' };
  const config = readConfig({ KEPT_SECRETS_FILE: file, ...environment });
  const seen = (organisation: typeof first) =>
    ['crm-database', 'volume', 'token', 'own'].map((name) => config.secret(name, organisation));
  assert.deepEqual(seen(first), ['of foz', 'unscoped', 'environment', undefined]);
  assert.deepEqual(seen(second), ['of mare', undefined, undefined, 'of mare']);
  assert.deepEqual(seen({ slug: 'nova', first: false }), [undefined, undefined, undefined, undefined]);
});

test('no slug and no name reaches the credentials of another organisation', () => {
  const file = join(folder, 'collisions.json');
  const content = {
    plain: 'unscoped',
    'mare-crm': 'unscoped',
    mare: { crm: 'of mare' },
    'mare-2': { crm: 'of mare-2' },
  };
  writeFileSync(file, JSON.stringify(content));
  const config = readConfig({ KEPT_SECRETS_FILE: file, KEPT_SECRET_MARE_CRM: 'environment' });
  for (const slug of ['plain', 'mare-crm', 'Mare', 'mare_2', 'constructor', '__proto__', 'toString', '']) {
    for (const name of [
      'crm',
      'plain',
      'mare-crm',
      'mare.crm',
      'mare',
      'MARE_CRM',
      'KEPT_SECRET_MARE_CRM',
      'constructor',
    ])
      assert.equal(config.secret(name, { slug, first: false }), undefined, `${slug} ${name}`);
  }
  for (const name of ['mare', 'mare.crm', '../mare-2/crm', 'CRM', 'length', '__proto__', 'constructor'])
    assert.equal(config.secret(name, second), undefined, name);
  for (const name of ['mare', 'crm', 'constructor', '__proto__'])
    assert.equal(config.secret(name, first), undefined, name);
});

test('lines name the credentials of the first organisation only', () => {
  const file = join(folder, 'first.env');
  writeFileSync(file, 'CRM=of-first\nMARE={"crm":"of-mare"}\n');
  const config = readConfig({ KEPT_SECRETS_FILE: file });
  assert.deepEqual([config.secret('crm', first), config.secret('crm', second)], ['of-first', undefined]);
});

test('a file that is nested any deeper, or holds something else than text, is refused', () => {
  const file = join(folder, 'deep.json');
  for (const content of [{ mare: { crm: { url: 'x' } } }, { mare: ['x'] }, { crm: 5 }, { crm: null }]) {
    writeFileSync(file, JSON.stringify(content));
    assert.throws(() => readConfig({ KEPT_SECRETS_FILE: file }), { code: 'configuration-invalid' });
  }
});

test('a credential that is added or rotated needs no restart', () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const config = readConfig({ KEPT_DATA_DIR: data });
  assert.equal(config.secret('volume', first), undefined);
  writeFileSync(join(data, 'secrets.json'), '{"volume": "first"}');
  assert.equal(config.secret('volume', first), 'first');
  writeFileSync(join(data, 'secrets.json'), '{"volume": "second"}');
  assert.equal(config.secret('volume', first), 'second');
  writeFileSync(join(data, 'secrets.json'), '{"volume"');
  assert.throws(() => config.secret('volume', first), { code: 'configuration-invalid' });
});

test('a broken file of credentials is reported without quoting it', () => {
  const file = join(folder, 'broken.json');
  writeFileSync(file, '{"crm": "s3cr3t"');
  const error = caught(() => readConfig({ KEPT_SECRETS_FILE: file }));
  assert.ok(error instanceof Failure);
  assert.doesNotMatch(error.message, /s3cr3t/);
});

test('the guide in docs is the one the schema tells', () => {
  const written = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');
  assert.equal(written, configurationGuide());
});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
