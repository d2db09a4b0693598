import type { Tx } from '../platform/database.ts';
import type { Board, Localised, Measurement, PromiseRow, Reason, Status } from './contract.ts';
import { findPolicyInForce, type PolicyInForce } from './find-policy.ts';
import { asList, type PromiseAsWritten } from './language.ts';
import { type LawFact, unconfirmed } from './law/fact.ts';
import { findLawFact } from './law/law-packs.ts';
import { promisesInOrder, ruleOf, verbOf } from './parse-policy.ts';
import { parsePeriod, periodInWords } from './period.ts';
import { reason } from './reasons.ts';
import { ruleHash } from './rule-hash.ts';
import { mainPeriodOf, sentenceOf } from './sentence.ts';
import { type Proof, selectLatestProofs } from './store.ts';
import { languages, wordingOf } from './wording.ts';

/** For how long a measurement says how things are: a daily look may be two hours late. */
const freshForMs = 26 * 3_600_000;
/** Clocks of two machines may differ by so much. */
const clockSlackMs = 5 * 60_000;

/** The board of the version in force; empty where nothing is published. */
export async function readBoard(tx: Tx, at: Date): Promise<Board> {
  const policy = await findPolicyInForce(tx);
  if (policy === undefined) {
    const organisation = { name: '', timeZone: 'UTC', languages: [...languages], contact: '' };
    return { organisation, version: null, at: at.toISOString(), counts: countOf([]), promises: [] };
  }
  const promises = await readPromises(tx, policy, promisesInOrder(policy.document), at);
  return {
    organisation: organisationOf(policy),
    version: versionOf(policy),
    at: at.toISOString(),
    counts: countOf(promises),
    promises,
  };
}

/** Rows of the board for these promises of a policy, in the order given. */
export async function readPromises(
  tx: Tx,
  policy: PolicyInForce,
  promises: readonly string[],
  at: Date,
): Promise<PromiseRow[]> {
  const proofs = new Map((await selectLatestProofs(tx, promises)).map((proof) => [proof.promise, proof]));
  return promises.flatMap((promise) => {
    const written = policy.document.promises[promise];
    return written === undefined ? [] : [rowOf(policy, promise, written, proofs.get(promise), at)];
  });
}

export function organisationOf(policy: PolicyInForce): Board['organisation'] {
  const { name, contact } = policy.document.organisation;
  return { name, timeZone: policy.timeZone, languages: [...policy.languages], contact };
}

export function versionOf({ hash, number, publishedAt }: PolicyInForce): NonNullable<Board['version']> {
  return { hash, number, publishedAt: publishedAt.toISOString() };
}

function countOf(promises: readonly PromiseRow[]): Board['counts'] {
  const count = (status: Status) => promises.filter((promise) => promise.status === status).length;
  return { kept: count('kept'), due: count('due'), broken: count('broken'), unproven: count('unproven') };
}

function rowOf(
  policy: PolicyInForce,
  promise: string,
  written: PromiseAsWritten,
  proof: Proof | undefined,
  at: Date,
): PromiseRow {
  const { document } = policy;
  const rule = ruleOf(written);
  const period = mainPeriodOf(written);
  const on = at.toISOString().slice(0, 10);
  const laws = rule?.verb === 'keep' ? rule.because : [];
  const data = rule !== undefined && 'data' in rule ? rule.data : [];
  const section = document.sections?.find((entry) => entry.promises?.includes(promise));
  return {
    promise,
    refs: [...asList(written.ref)],
    verb: verbOf(written),
    section: section?.key ?? '',
    sentence: sentenceOf(document, promise),
    why: written.why ?? null,
    period: period === null ? null : periodIn(policy, period),
    data: [...data],
    law: laws.flatMap((key) => {
      const fact = findLawFact(key, on);
      return fact === undefined ? [] : [{ key, citation: fact.citation, title: shownTitle(fact) }];
    }),
    attested: false,
    ...standing(written, proof, at),
  };
}

/** What a promise's last proof is worth now. */
function standing(
  written: PromiseAsWritten,
  proof: Proof | undefined,
  at: Date,
): Pick<PromiseRow, 'status' | 'reason' | 'measurement' | 'freshUntil' | 'entry'> {
  const rule = ruleOf(written);
  const nothing = { measurement: null, freshUntil: null, entry: null };
  if (rule === undefined) {
    return { status: 'unproven', reason: reason('verb-later', { verb: verbOf(written) }), ...nothing };
  }
  if (proof === undefined) return { status: 'unproven', reason: reason('never-measured'), ...nothing };
  if (proof.ruleHash !== ruleHash(rule)) return { status: 'unproven', reason: reason('rule-changed'), ...nothing };
  const freshUntil = new Date(proof.measuredAt.getTime() + freshForMs);
  return {
    ...worthNow(proof.measurement, proof.measuredAt, freshUntil, at),
    measurement: proof.measurement,
    freshUntil: freshUntil.toISOString(),
    entry: proof.entry,
  };
}

/** An old look proves nothing good; what was broken stays broken until somebody sees otherwise. */
function worthNow(
  measurement: Measurement,
  measuredAt: Date,
  freshUntil: Date,
  at: Date,
): { status: Status; reason: Reason | null } {
  const said = { status: measurement.status, reason: measurement.reason };
  if (measurement.status === 'broken' || measurement.status === 'unproven') return said;
  if (measuredAt.getTime() > at.getTime() + clockSlackMs)
    return { status: 'unproven', reason: reason('measured-ahead') };
  if (at > freshUntil) return { status: 'unproven', reason: reason('stale', { hours: freshForMs / 3_600_000 }) };
  return said;
}

function shownTitle({ title, mark }: LawFact): Localised {
  return mark === 'C' ? wordingOf((language) => `${title[language]}${unconfirmed[language]}`) : title;
}

function periodIn(policy: PolicyInForce, period: string): Localised {
  const words: { [L in keyof Localised]: string } = {};
  for (const language of policy.languages) words[language] = periodInWords(parsePeriod(period), language);
  return words;
}
