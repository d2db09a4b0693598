import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { configurationGuide, readConfig } from './config.ts';
import { Failure } from './failure.ts';

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
  assert.equal(config.secret('crm-database'), 'from-environment');
  assert.equal(config.secret('volume'), 'v');
  assert.equal(config.secret('other'), undefined);
  const lines = join(folder, 'secrets.env');
  writeFileSync(lines, 'KEPT_SECRET_CRM_DATABASE="quoted value"\n# comment\nVOLUME=v\n');
  const other = readConfig({ KEPT_SECRETS_FILE: lines });
  assert.equal(other.secret('crm-database'), 'quoted value');
  assert.equal(other.secret('volume'), 'v');
});

test('a credential that is added or rotated needs no restart', () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const config = readConfig({ KEPT_DATA_DIR: data });
  assert.equal(config.secret('volume'), undefined);
  writeFileSync(join(data, 'secrets.json'), '{"volume": "first"}');
  assert.equal(config.secret('volume'), 'first');
  writeFileSync(join(data, 'secrets.json'), '{"volume": "second"}');
  assert.equal(config.secret('volume'), 'second');
  writeFileSync(join(data, 'secrets.json'), '{"volume"');
  assert.throws(() => config.secret('volume'), { code: 'configuration-invalid' });
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
