import type { Tx } from '../platform/database.ts';
import type { PolicyDocument, Regime } from './language.ts';
import { type PromiseRule, parsePolicy, rulesOf } from './parse-policy.ts';
import type { Places } from './read-yaml.ts';
import { type PublishedText, selectInForce } from './store.ts';
import type { Language } from './wording.ts';

/** The policy an organisation is bound by now. */
export interface PolicyInForce {
  /** SHA-256 of the canonical JSON: the version. */
  readonly hash: string;
  readonly number: number;
  readonly publishedAt: Date;
  readonly document: PolicyDocument;
  /** Promises this version of Kept can keep, in the order of the document. */
  readonly promises: readonly PromiseRule[];
  readonly country: string;
  readonly timeZone: string;
  readonly regimes: readonly Regime[];
  readonly languages: readonly Language[];
  readonly source: string;
  readonly places: Places;
}

/** Undefined while nothing is published. */
export async function findPolicyInForce(tx: Tx): Promise<PolicyInForce | undefined> {
  const text = await selectInForce(tx);
  return text === undefined ? undefined : readPublished(text);
}

/** Versions are immutable, so what was read of one stays true; the last few are kept read. */
const read = new Map<string, PolicyInForce>();
const readLimit = 50;

export function readPublished(text: PublishedText): PolicyInForce {
  const { hash, number, publishedAt, source } = text;
  const known = read.get(source);
  if (known !== undefined) return { ...known, number, publishedAt };
  const { document, findings, places } = parsePolicy(source);
  if (document === undefined) {
    const first = findings[0];
    throw new Error(
      `the published policy ${hash} can no longer be read: ${first?.message.en ?? ''} (${first?.path ?? ''})`,
    );
  }
  const { country, regimes, languages, 'time-zone': timeZone } = document.organisation;
  const promises = rulesOf(document);
  const policy = {
    hash,
    number,
    publishedAt,
    document,
    promises,
    country,
    timeZone,
    regimes,
    languages,
    source,
    places,
  };
  const oldest = read.keys().next().value;
  if (read.size >= readLimit && oldest !== undefined) read.delete(oldest);
  read.set(source, policy);
  return policy;
}
