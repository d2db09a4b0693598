import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { canonicalJson, versionHash } from './canonical.ts';
import { formatPolicy } from './format-policy.ts';
import { parsePolicy, promisesInOrder, rulesOf } from './parse-policy.ts';
import { maximumSourceLength } from './read-yaml.ts';

const example = readFileSync(join(import.meta.dirname, '../../examples/messaging-crm/policy.yaml'), 'utf8');

const frame = (promises: string, rest = ''): string => `kept: 1
organisation:
  name: Maré
  country: BR
  time-zone: America/Sao_Paulo
  regimes: [lgpd]
  languages: [en]
  contact: dpo@mare.example
subjects:
  person: { en: people }
data:
  log: { of: person, role: controller, holds: [events] }
purposes:
  service: { basis: { lgpd: 7-V }, data: [log] }
promises:
${promises}
${rest}`;

const good = '  log: { keep: { data: log, for: P30D, from: written, then: delete }, says: { en: "for {for}" } }';

/** The one finding of a text that does not read: code, place and remedy. */
function only(source: string) {
  const { document, findings } = parsePolicy(source);
  assert.equal(document, undefined);
  const [finding] = findings;
  assert.ok(finding !== undefined && findings.length === 1, JSON.stringify(findings.map((entry) => entry.code)));
  for (const text of [finding.message, finding.why, finding.remedy]) {
    for (const language of ['pt-BR', 'en', 'es'] as const) assert.ok((text[language] ?? '').length > 0, finding.code);
  }
  return {
    code: finding.code,
    at: `${finding.line}:${finding.column}`,
    path: finding.path,
    remedy: finding.remedy.en ?? '',
  };
}

describe('reading a policy', () => {
  it('normalises every promise of the example, in the order of its sections', () => {
    const { document, findings } = parsePolicy(example);
    assert.deepEqual(findings, []);
    assert.ok(document !== undefined);
    const rules = new Map(rulesOf(document).map((entry) => [entry.promise, entry]));
    assert.equal(rules.size, Object.keys(document.promises).length);
    assert.deepEqual(rules.get('webhook-log-30-days'), {
      promise: 'webhook-log-30-days',
      refs: ['RV-09'],
      rule: {
        verb: 'keep',
        form: 'for',
        within: 'P1D',
        because: [],
        data: ['webhook-log'],
        for: 'P30D',
        from: 'received',
        then: 'delete',
        inBulk: false,
      },
    });
    const expected: [string, string][] = [
      ['discard-after-period', 'every'],
      ['contacts-while-active', 'while'],
      ['attachments-with-message', 'with'],
      ['exceptions-for-their-time', 'rest-of'],
      ['aggregate-metrics', 'set-by'],
      ['contract-end', 'account'],
      ['contract-end-confirmed', 'confirmation'],
    ];
    for (const [promise, form] of expected) {
      const rule = rules.get(promise)?.rule;
      assert.equal(rule !== undefined && 'form' in rule ? rule.form : undefined, form, promise);
    }
    assert.deepEqual(rules.get('tokens-erased-on-revocation')?.refs, ['RV-04', 'RV-13']);
    assert.deepEqual(promisesInOrder(document).slice(0, 2), document.sections?.[0]?.promises);
  });

  it('refuses an unknown key with its line, its column and the nearest known one', () => {
    const misspelt = good.replace('from:', 'form:');
    const { findings } = parsePolicy(frame(misspelt));
    const unknown = findings.find((finding) => finding.code === 'unknown-key');
    assert.equal(`${unknown?.line}:${unknown?.column}`, '16:40');
    assert.equal(unknown?.path, 'promises.log.keep.form');
    assert.match(unknown?.remedy.en ?? '', /^Did you mean from/);
    assert.ok(findings.some((finding) => finding.code === 'missing-key' && finding.path === 'promises.log.keep.from'));
  });

  it('names place and remedy of every kind of mistake', () => {
    const cases: [string, string, string, RegExp][] = [
      ['promise: 30', 'wrong-kind', '16:12', /group of names/],
      [good.replace('P30D', '30 days').trim(), 'wrong-form', '16:34', /ISO 8601/],
      [good.replace('P30D', 'P1H').trim(), 'wrong-form', '16:34', /PT1H/],
      [good.replace('P30D', 'P999999Y').trim(), 'wrong-form', '16:34', /a thousand years/],
      [good.replace('P30D', 'PT999999999H').trim(), 'wrong-form', '16:34', /a thousand years/],
      [good.replace('P30D', '999999 business days').trim(), 'wrong-form', '16:34', /a thousand years/],
      [good.replace('then: delete', 'then: erase').trim(), 'wrong-value', '16:61', /delete/],
      ['log: { says: { en: x } }', 'promise-without-verb', '16:3', /keep/],
      [
        good.replace('says', 'protect: { measure: space-released }, says').trim(),
        'promise-with-several-verbs',
        '16:3',
        /Split/,
      ],
      ['Log: { keep: { every: data } }', 'wrong-form', '16:3', /lower case/],
      ['log: { keep: { data: [], while: account-active, then: delete } }', 'empty-list', '16:24', /at least one/],
      ['log: { erase: { data: log, on: grant-revoke, within: PT1M } }', 'wrong-value', '16:34', /grant-revoked/],
      ['log: { protect: { measure: encrypted, data: log } }', 'wrong-value', '16:30', /encrypted-field/],
    ];
    for (const [promise, code, at, remedy] of cases) {
      const found = only(frame(`  ${promise}`));
      assert.deepEqual([found.code, found.at], [code, at], promise);
      assert.match(found.remedy, remedy, promise);
    }
    assert.equal(only(frame(good).replace('America/Sao_Paulo', 'America/São Paulo')).code, 'wrong-form');
    assert.equal(only(frame(good).replace('  country: BR\n', '')).code, 'missing-key');
    assert.equal(only(frame(good).replace('kept: 1', 'kept: 2')).code, 'wrong-value');
  });

  it('takes `on:` as a key and `no` as a word, whatever older YAML made of them', () => {
    const { document } = parsePolicy(
      frame('  log: { erase: { data: log, on: grant-revoked, within: PT1M }, why: { en: no } }'),
    );
    assert.equal(document?.promises['log']?.erase?.on, 'grant-revoked');
    assert.equal(document?.promises['log']?.why?.en, 'no');
  });

  it('refuses whatever could make two readers see two documents', () => {
    const cases: [string, string][] = [
      [`%YAML 1.1\n---\n${frame(good)}`, 'yaml-other-version'],
      [frame(good).replace('name: Maré', 'name: Maré\n  name: Outra'), 'yaml-duplicate-key'],
      [frame(good).replace('[lgpd]', '&r [lgpd]'), 'yaml-alias'],
      [frame(good).replace('name: Maré', 'name: !!binary TWFyw6k='), 'yaml-tag'],
      [`${frame(good)}\n---\nkept: 1`, 'yaml-several-documents'],
      [frame(good).replace('  name: Maré', '\tname: Maré'), 'yaml-tab'],
      [frame(good).replace('Maré', 'Ma\u202eré'), 'yaml-invisible'],
      [frame(good).replace('Maré', '"Ma\\0ré"'), 'yaml-invisible'],
      [frame(good).replace('Maré', 'Mar\ufffd'), 'yaml-not-unicode'],
      [frame(`${good}\n  __proto__: { keep: { every: data }, says: { en: x } }`), 'yaml-reserved-name'],
      [frame(good).replace('kept: 1', 'kept: 12345678901234567890'), 'yaml-number'],
      ['', 'yaml-empty'],
      ['# only a comment\n', 'yaml-empty'],
      [`a: ${'['.repeat(20_000)}`, 'yaml-too-deep'],
      ['x'.repeat(maximumSourceLength + 1), 'yaml-too-long'],
      [frame(good).replace('[lgpd]', '[lgpd'), 'yaml-indent'],
      [frame(good).replace('Maré', '"Maré'), 'yaml-missing-character'],
    ];
    for (const [source, code] of cases) {
      const { document, findings } = parsePolicy(source);
      assert.equal(document, undefined, code);
      assert.ok(
        findings.some((finding) => finding.code === code && finding.line !== null && finding.line > 0),
        `${code}: ${findings.map((finding) => finding.code).join(', ')}`,
      );
    }
  });

  it('answers quickly to files made to be slow', () => {
    const many = `kept: 1\n${Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join('\n')}`;
    // Processor time, since the machine may be busy with something else.
    const started = process.cpuUsage();
    assert.equal(parsePolicy(many).findings.length, 105);
    const bomb = `a: &a [x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: [${'*a, '.repeat(9)}*a]`).join('\n')}`;
    assert.ok(parsePolicy(bomb).findings.some((finding) => finding.code === 'yaml-alias'));
    assert.ok(process.cpuUsage(started).user < 10_000_000);
  });

  it('carries a verb of a later version as it is written', () => {
    const { document } = parsePolicy(frame(`${good}\n  ask: { answer: { kinds: [access], within: P15D } }`));
    assert.ok(document !== undefined);
    assert.deepEqual(document.promises['ask']?.answer, { kinds: ['access'], within: 'P15D' });
    assert.deepEqual(
      rulesOf(document).map((entry) => entry.promise),
      ['log'],
    );
  });
});

describe('a version', () => {
  it('is named by what the document says, not by how it is written', async () => {
    const { written } = parsePolicy(frame(good));
    const quoted = parsePolicy(frame(good.replace('P30D', '"P30D"')).replace('# ', '')).written;
    const other = parsePolicy(frame(good.replace('P30D', 'P31D'))).written;
    assert.ok(written !== undefined && quoted !== undefined && other !== undefined);
    assert.equal(await versionHash(written), await versionHash(quoted));
    assert.notEqual(await versionHash(written), await versionHash(other));
    assert.match(await versionHash(written), /^[0-9a-f]{64}$/);
  });

  it('is hashed as RFC 8785 says', async () => {
    assert.equal(
      canonicalJson({ b: [1, 'é', null], a: { d: 1e21, c: -0 } }),
      '{"a":{"c":0,"d":1e+21},"b":[1,"é",null]}',
    );
    // SHA-256 of the two characters {}.
    assert.equal(await versionHash({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it('keeps its hash and its comments when it is formatted, and formatting twice changes nothing', async () => {
    const messy = `${frame(good)}`
      .replace('kept: 1\n', '# about this file\n')
      .replace('subjects:', '# whose data\nsubjects:')
      .concat('\nkept: 1 # the language\n');
    const { text } = formatPolicy(messy);
    assert.ok(text !== undefined);
    assert.ok(
      text.includes('# about this file') && text.includes('# whose data\nsubjects:') && text.includes('# the language'),
    );
    assert.match(text, /^# about this file\n+kept: 1/);
    assert.equal(formatPolicy(text).text, text);
    const before = parsePolicy(messy).written;
    const after = parsePolicy(text).written;
    assert.ok(before !== undefined && after !== undefined);
    assert.equal(await versionHash(after), await versionHash(before));
    const formatted = formatPolicy(example).text;
    assert.ok(formatted !== undefined);
    assert.equal(formatPolicy(formatted).text, formatted);
    const [one, two] = [parsePolicy(example).written, parsePolicy(formatted).written];
    assert.ok(one !== undefined && two !== undefined);
    assert.equal(canonicalJson(one), canonicalJson(two));
  });
});
