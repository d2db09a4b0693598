import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseDocument } from 'yaml';
import type { Finding } from '../policy/contract.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { checkDataMap } from './check-data-map.ts';
import { datasetsCovering, targetOf } from './target-of.ts';

const folder = join(import.meta.dirname, '../../examples/messaging-crm');
const example = readFileSync(join(folder, 'data-map.yaml'), 'utf8');
const { document: policy } = parsePolicy(readFileSync(join(folder, 'policy.yaml'), 'utf8'));
assert.ok(policy !== undefined);

type Change = readonly [path: string, value: unknown];

/** The example as written with parts of it set (or taken out, where the value is undefined). Paths are dotted. */
function changed(changes: readonly Change[]): string {
  const document = parseDocument(example);
  for (const [path, value] of changes) {
    const keys = path.split('.');
    assert.ok(value !== undefined || document.hasIn(keys), path);
    if (value === undefined) document.deleteIn(keys);
    else document.setIn(keys, document.createNode(value));
  }
  return document.toString();
}

function findingsOf(...changes: Change[]): Finding[] {
  const { findings } = checkDataMap(changed(changes), policy ?? null);
  for (const finding of findings) {
    for (const text of [finding.message, finding.why, finding.remedy]) {
      for (const language of ['pt-BR', 'en', 'es'] as const) assert.ok((text[language] ?? '').length > 0, finding.code);
    }
  }
  return findings;
}

const codes = (...changes: Change[]) =>
  findingsOf(...changes)
    .filter(({ severity }) => severity !== 'note')
    .map(({ code }) => code);

describe('checking a data map', () => {
  it('finds nothing wrong with the example', () => {
    assert.deepEqual(
      findingsOf().map(({ code, path }) => `${code} ${path}`),
      [],
    );
  });

  it('refuses unknown keys with line, column and the nearest known name', () => {
    const misspelt = example.replace('disposed-by: elsewhere', 'disposed-bi: elsewhere');
    const [finding] = checkDataMap(misspelt, policy).findings;
    assert.deepEqual([finding?.code, finding?.path], ['unknown-key', 'datasets.database-backups.disposed-bi']);
    const line = misspelt.split('\n').findIndex((text) => text.includes('disposed-bi')) + 1;
    assert.deepEqual([finding?.line, finding?.column], [line, 5]);
    assert.match(finding?.remedy.en ?? '', /disposed-by/);
    assert.deepEqual(codes(['datasets.leads.anonymise.email', { fake: 'mail' }]), ['wrong-value']);
    assert.ok(codes(['datasets.leads.anonymise.email', { generalize: 'month' }]).includes('unknown-key'));
  });

  it('finds a category, a system, a subject that is not there, with the nearest name', () => {
    const [covers] = findingsOf(['datasets.webhook-deliveries.covers', ['webhook-logs']]).filter(
      ({ severity }) => severity === 'error',
    );
    assert.equal(covers?.code, 'map-unknown-reference');
    assert.match(covers?.remedy.en ?? '', /webhook-log\?/);
    assert.deepEqual(codes(['datasets.attachments.attachments.0.system', 'medias']), ['map-unknown-reference']);
    assert.deepEqual(codes(['datasets.attachments.attachments.0.system', 'crm']), ['attachments-not-in-folder']);
    assert.deepEqual(codes(['datasets.leads.subjects', { leed: 'id' }]), ['map-unknown-reference']);
    assert.deepEqual(codes(['accounts.dataset', 'account']), ['map-unknown-reference']);
  });

  it('finds what a promise needs and the map does not say', () => {
    const needs: [code: string, path: string, value?: unknown][] = [
      ['clock-missing', 'datasets.webhook-deliveries.clocks', { arrived: 'received_at' }],
      ['account-missing', 'datasets.operators.account'],
      ['key-missing', 'datasets.leads.key'],
      ['event-missing', 'datasets.tokens.events'],
      ['field-missing', 'datasets.page-views.fields'],
      ['field-missing', 'datasets.metrics.fields'],
      ['field-missing', 'datasets.tokens.fields.secret'],
      ['field-missing', 'datasets.tokens.fields.key-reference'],
      ['owner-email-missing', 'accounts.owner-email'],
      ['anonymised-at-missing', 'datasets.leads.anonymised-at'],
      ['anonymise-key', 'datasets.leads.anonymise.id', 'null'],
      ['table-missing', 'datasets.leads.table'],
      ['folder-missing', 'datasets.database-backups.folder'],
    ];
    for (const [code, path, value] of needs) assert.deepEqual(codes([path, value]), [code], code);
    assert.deepEqual([...new Set(codes(['accounts', undefined]))], ['accounts-missing']);
    const [clock] = findingsOf(['datasets.webhook-deliveries.clocks', { recieved: 'received_at' }]);
    assert.match(clock?.remedy.en ?? '', /recieved/);
    const archive = { covers: ['oauth-token'], system: 'crm', table: 'public.oauth_token_old', key: ['id'] };
    const forgotten = findingsOf(['datasets.token-archive', archive]).filter(({ code }) => code === 'event-missing');
    assert.deepEqual(
      forgotten.map(({ path }) => path),
      ['datasets.token-archive'],
      'an event that finds its rows in one dataset only',
    );
    const unfit = codes(['datasets.leads.anonymise', undefined]);
    assert.ok(unfit.includes('anonymise-missing'), unfit.join());
  });

  it('says which promise has no dataset, without refusing the map', () => {
    const [finding] = findingsOf(['datasets.leads', undefined]);
    assert.deepEqual([finding?.code, finding?.severity], ['category-without-dataset', 'warning']);
    assert.match(finding?.message.en ?? '', /inactive-leads-anonymised.*lead/);
  });

  it('refuses a credential in the file', () => {
    assert.deepEqual(codes(['systems.crm.credential', 'postgresql://u:p@db/x']), ['credential-in-file']);
  });

  it('knows which fate fits which store', () => {
    const inTable = {
      covers: ['application-log'],
      system: 'crm',
      table: 'public.app_log',
      key: ['id'],
      clocks: { written: 'at' },
    };
    assert.deepEqual(codes(['datasets.application-logs', inTable]), ['fate-does-not-fit']);
  });

  it('can be checked by itself, before there is a policy', () => {
    assert.deepEqual(checkDataMap(example, null).findings, []);
  });
});

describe('a dataset as the connectors see it', () => {
  const { map } = checkDataMap(example, null);

  it('has its key, its ways to account and subject, its files', () => {
    assert.ok(map !== undefined);
    assert.deepEqual(targetOf(map, 'attachments'), {
      name: 'public.attachment',
      key: ['id'],
      account: { column: 'account_id', through: [{ table: 'public.message', from: 'message_id', to: 'id' }] },
      subjects: {
        contact: {
          column: 'contact_id',
          through: [
            { table: 'public.message', from: 'message_id', to: 'id' },
            { table: 'public.conversation', from: 'conversation_id', to: 'id' },
          ],
        },
      },
      attachments: [{ column: 'path', system: 'media' }],
      bulkOnly: false,
      breakCycleAt: [],
    });
    assert.deepEqual(targetOf(map, 'application-logs').files, { match: 'app-*.log', clock: 'name' });
    assert.equal(targetOf(map, 'leads').anonymisedAt, 'anonymised_at');
    assert.deepEqual(datasetsCovering(map, 'message'), ['conversations', 'messages']);
    assert.throws(() => targetOf(map, 'nothing'), /no dataset nothing/);
  });
});
