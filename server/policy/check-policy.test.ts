import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkPolicy, hasErrors } from './check-policy.ts';
import type { Finding } from './contract.ts';
import { compareLengths, daysOf } from './law/compare-lengths.ts';
import { lawFacts, legalBases } from './law/law-packs.ts';
import { findPeriod } from './period.ts';
import { sentenceOf } from './sentence.ts';

const on = '2026-11-20';
const example = readFileSync(join(import.meta.dirname, '../../examples/messaging-crm/policy.yaml'), 'utf8');

const base = `kept: 1
organisation:
  name: Maré
  country: BR
  time-zone: America/Sao_Paulo
  regimes: [lgpd]
  languages: [pt-BR, en]
  contact: dpo@mare.example
sections:
  - { key: all, title: { pt-BR: Tudo, en: Everything }, promises: [logs, account, end] }
subjects:
  person: { pt-BR: pessoas, en: people }
data:
  log: { of: person, role: controller, holds: [events] }
  account: { of: person, role: controller, holds: [identification] }
purposes:
  service: { basis: { lgpd: 7-IX }, data: [log, account] }
promises:
  logs:
    keep: { data: log, for: P7M, from: written, then: delete }
    says: { pt-BR: 'Registros ficam {for}.', en: 'Logs stay for {for}.' }
  account:
    keep: { data: account, while: account-active, plus: P30D, then: delete }
    says: { pt-BR: 'A conta fica enquanto ativa, e mais {plus}.', en: 'The account stays while active, and {plus} more.' }
  end:
    end: { grace: P30D }
    says: { pt-BR: 'Depois de {grace} tudo sai.', en: 'After {grace} everything goes.' }
`;

/** Findings after replacing parts of a policy that has none. */
function findingsOf(...changes: [from: string, to: string][]): Finding[] {
  let source = base;
  for (const [from, to] of changes) {
    assert.ok(source.includes(from), from);
    source = source.replace(from, to);
  }
  const { findings } = checkPolicy(source, on);
  for (const finding of findings) {
    for (const language of ['pt-BR', 'en', 'es'] as const) {
      for (const text of [finding.message, finding.why, finding.remedy]) {
        assert.ok((text[language] ?? '').length > 0, `${finding.code} in ${language}`);
      }
    }
    assert.ok(finding.line !== null && finding.column !== null, finding.code);
  }
  return findings;
}

function codes(...changes: [from: string, to: string][]): string[] {
  return findingsOf(...changes).map((finding) => finding.code);
}

describe('checking a policy', () => {
  it('says nothing of one that is sound', () => {
    assert.deepEqual(codes(), []);
  });

  it('finds references that lead nowhere, with the nearest name and its place', () => {
    const finding = findingsOf(['data: log,', 'data: logg,']).find(({ severity }) => severity === 'error');
    assert.deepEqual([finding?.code, finding?.line, finding?.column], ['unknown-reference', 20, 19]);
    assert.match(finding?.remedy.en ?? '', /log/);
    assert.ok(
      codes([
        'of: person, role: controller, holds: [events]',
        'of: persons, role: controller, holds: [events]',
      ]).includes('unknown-reference'),
    );
    assert.ok(codes(['promises: [logs,', 'promises: [log,']).includes('unknown-reference'));
    assert.ok(codes(['then: delete }', 'then: delete, because: [marco-civil-16] }']).includes('unknown-reference'));
    assert.ok(codes(['grace: P30D }', 'grace: P30D, except: [logz] }']).includes('unknown-reference'));
    assert.deepEqual(codes(['grace: P30D }', 'grace: P30D, except: [account] }']), ['exception-without-period']);
    assert.deepEqual(codes(['{ lgpd: 7-IX }', '{ lgpd: 7-XI }']), ['unknown-basis']);
    assert.deepEqual(codes(['{ lgpd: 7-IX }', '{ gdpr: 6-1-f }']).toSorted(), ['basis-missing', 'regime-not-named']);
    for (const finding of findingsOf(['data: log,', 'data: logg,']))
      assert.equal(hasErrors([finding]), finding.severity === 'error');
  });

  it('finds data without a rule or a purpose, and promises in no section or in two', () => {
    const added = 'holds: [identification] }\n  lead: { of: person, role: controller, holds: [identification] }';
    assert.deepEqual(codes(['holds: [identification] }', added]).toSorted(), [
      'data-without-purpose',
      'data-without-rule',
    ]);
    assert.deepEqual(codes(['[logs, account, end]', '[logs, account]']), ['promise-in-no-section']);
    assert.deepEqual(codes(['[logs, account, end]', '[logs, account, end, end]']), ['promise-in-two-sections']);
  });

  it('finds rules that give one category two periods on one clock', () => {
    const second =
      "  account:\n    keep: { data: log, for: P8M, from: written, then: delete }\n    says: { pt-BR: '{for}', en: '{for}' }\n  account:";
    assert.deepEqual(
      codes(['  account:\n    keep', `${second.replace('account:', 'more:')}\n    keep`], ['[logs,', '[logs, more,']),
      ['rules-disagree'],
    );
  });

  it('finds numbers that a sentence says on its own, in figures and in words', () => {
    const inSentence = (sentence: string) => codes(["'Logs stay for {for}.'", `'${sentence}'`]);
    assert.deepEqual(inSentence('Logs stay for 7 months.'), ['number-twice']);
    assert.deepEqual(inSentence('Logs stay for {for}, then 30 days more.'), ['number-twice']);
    assert.deepEqual(inSentence('Logs stay for seven months, {for}.'), ['number-twice']);
    assert.deepEqual(inSentence('Logs stay for {for} (rule 7 of the board).'), []);
    assert.deepEqual(inSentence('Logs stay for {for}; there are 7 kinds.'), ['number-perhaps-twice']);
    assert.deepEqual(inSentence('Logs stay for {for}, under Law 12.965/2014, art. 15.'), []);
    assert.deepEqual(codes(["'Registros ficam {for}.'", "'Registros ficam sete meses.'"]), ['number-twice']);
    assert.deepEqual(codes(["'Registros ficam {for}.'", "'Registros ficam 7 (sete) meses.'"]), ['number-twice']);
    const unruled = codes(
      ['while: account-active, plus: P30D,', 'while: account-active,'],
      ["'The account stays while active, and {plus} more.'", "'The account stays 30 days.'"],
      ['A conta fica enquanto ativa, e mais {plus}.', 'A conta fica enquanto ativa.'],
    );
    assert.ok(unruled.includes('number-without-rule'), unruled.join());
  });

  it('finds placeholders that name nothing, and periods that no sentence says', () => {
    const [finding] = findingsOf(["'Logs stay for {for}.'", "'Logs stay for {fro}.'"]);
    assert.equal(finding?.code, 'placeholder-unknown');
    assert.match(finding?.remedy.en ?? '', /\{for\}/);
    assert.deepEqual(codes(['Registros ficam {for}.', 'Registros ficam.'], ['Logs stay for {for}.', 'Logs stay.']), [
      'number-not-said',
    ]);
    assert.deepEqual(codes(['Logs stay for {for}.', 'Logs stay for {for}, accounts {account.plus}.']), []);
    assert.deepEqual(codes(['Logs stay for {for}.', 'Logs stay for {for}, accounts {account.for}.']), [
      'placeholder-unknown',
    ]);
  });

  it('finds a language in which the organisation publishes and the policy is silent', () => {
    const [finding] = findingsOf([", en: 'Logs stay for {for}.'", '']);
    assert.deepEqual([finding?.code, finding?.severity], ['language-missing', 'warning']);
    assert.match(finding?.message.en ?? '', /en/);
  });

  it('names a verb that this version cannot keep yet, without refusing the policy', () => {
    const findings = findingsOf(
      [
        'promises:\n',
        'promises:\n  reply: { answer: { within: P15D }, says: { pt-BR: "{within}", en: "{within}" } }\n',
      ],
      ['[logs,', '[reply, logs,'],
    );
    assert.deepEqual(
      findings.map((finding) => finding.code),
      ['verb-later'],
    );
    assert.ok(!hasErrors(findings));
  });
});

describe('the law', () => {
  const governed = (period: string) =>
    findingsOf(['holds: [events] }', 'holds: [events], governed-by: marco-civil-15 }'], ['for: P7M', `for: ${period}`]);

  it('180 days are short of six months on every day of the calendar', () => {
    const [finding] = governed('P180D');
    assert.equal(finding?.code, 'below-floor');
    assert.match(finding?.message.en ?? '', /1–4 days short/);
    assert.match(finding?.why.en ?? '', /181–184/);
    assert.match(finding?.article ?? '', /12\.965\/2014/);
    assert.deepEqual(
      governed('P6M').map(({ code }) => code),
      [],
    );
    assert.deepEqual(
      governed('P184D').map(({ code }) => code),
      [],
    );
    // 183 days are enough for some months and too short for others.
    assert.match(governed('P183D')[0]?.message.en ?? '', / 1 days short/);
    assert.deepEqual(daysOf('P6M', 'last-day'), { shortest: 181, longest: 184 });
    assert.deepEqual(compareLengths('P180D', { length: 'P6M', start: 'event' }, 'last-day'), {
      shortest: 1,
      longest: 4,
    });
  });

  it('a legal duty supports no period unless a law gives one, and no more than it gives', () => {
    const duty: [string, string] = ['{ lgpd: 7-IX }', '{ lgpd: 7-II }'];
    assert.deepEqual(codes(duty), ['basis-needs-law', 'basis-needs-law']);
    const because = (period: string, law: string): [string, string] => [
      'for: P7M, from: written, then: delete',
      `for: ${period}, from: written, then: delete, because: ${law}`,
    ];
    assert.ok(codes(because('P2Y', 'marco-civil-15')).includes('floor-cited-as-length'));
    assert.deepEqual(codes(because('P6M', 'marco-civil-15')), []);
    assert.ok(codes(because('P5Y', 'lei-5474-1968')).includes('law-gives-less'));
  });

  it('a contract does not support what is kept after it', () => {
    assert.deepEqual(codes(['{ lgpd: 7-IX }', '{ lgpd: 7-V }']), ['basis-ends-with-contract']);
  });

  it('tax periods count from the following January unless the clock already does', () => {
    const rule = (period: string, from: string): [string, string] => [
      'for: P7M, from: written, then: delete',
      `for: ${period}, from: ${from}, then: delete, because: ctn-174`,
    ];
    assert.deepEqual(codes(rule('P5Y', 'issued')), ['undercuts-start']);
    assert.deepEqual(codes(rule('P5Y', 'fiscal-year-closed')), []);
    assert.ok(!codes(rule('P6Y', 'issued')).includes('undercuts-start'));
  });

  it('grace outlives “while the account is active” until the rule or the sentence says so', () => {
    const without: [string, string][] = [
      [', plus: P30D', ''],
      [', e mais {plus}', ''],
    ];
    assert.deepEqual(codes(...without, [', and {plus} more', '']), ['grace-outlives-while']);
    assert.deepEqual(codes(...without, [', and {plus} more', ', and {end.grace} more']), ['grace-told']);
  });

  it('every fact and basis can be shown: three languages, a source, a mark, a length that is a period', () => {
    for (const fact of lawFacts) {
      assert.ok(fact.length === null || findPeriod(fact.length) !== undefined, fact.key);
      for (const text of [fact.title, fact.binds, fact.starts.event])
        assert.ok(text['pt-BR'] && text.en && text.es, fact.key);
      assert.match(fact.source, /^https:/);
      for (const other of fact.alongside)
        assert.ok(
          lawFacts.some(({ key }) => key === other),
          other,
        );
    }
    assert.equal(new Set(lawFacts.map(({ key }) => key)).size, lawFacts.length);
    assert.equal(legalBases.filter(({ regime }) => regime === 'lgpd').length, 18);
    assert.equal(legalBases.filter(({ regime }) => regime === 'gdpr').length, 16);
  });
});

describe('the example', () => {
  const { document, findings } = checkPolicy(example, on);
  const found = (promise: string) =>
    findings.filter(({ path }) => path.startsWith(`promises.${promise}.`)).map(({ code }) => code);

  it('has no errors, and its findings are those a careful reader makes', () => {
    assert.ok(!hasErrors(findings), JSON.stringify(findings.filter(({ severity }) => severity === 'error')));
    const expected: [promise: string, codes: string[]][] = [
      ['aggregate-metrics', ['no-rule-can-execute']],
      ['invoices-five-years', ['undercuts-start', 'law-gives-less']],
      ['audit-log-two-years', ['floor-cited-as-length']],
      ['application-logs-90-days', ['below-floor']],
      ['space-released', ['vacuum-returns-nothing']],
    ];
    for (const [promise, codes] of expected) assert.deepEqual(found(promise), codes, promise);
    for (const promise of ['operators-while-active', 'contacts-while-active']) {
      assert.match(found(promise).join(), /grace-(outlives-while|told)/, promise);
    }
    for (const promise of ['tokens-erased-on-revocation', 'contract-end']) {
      assert.match(found(promise).join(), /backups-(outlive-erasure|told)/, promise);
    }
    assert.deepEqual(found('accounting-records'), []);
  });

  it('says its sentences with the numbers of its rules', () => {
    assert.ok(document !== undefined);
    const sentence = sentenceOf(document, 'webhook-log-30-days');
    assert.match(sentence['pt-BR'] ?? '', /30 dias/);
    assert.match(sentence.en ?? '', /30 days/);
    assert.match(sentence.es ?? '', /30 días/);
    for (const promise of Object.keys(document.promises)) {
      for (const text of Object.values(sentenceOf(document, promise))) assert.doesNotMatch(text ?? '', /[{}]/, promise);
    }
  });
});
