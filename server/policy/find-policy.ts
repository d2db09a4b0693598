import type { Tx } from '../platform/database.ts';
import type { PolicyDocument, Regime } from './language.ts';
import { type PromiseRule, parsePolicy, rulesOf } from './parse-policy.ts';
import type { Places } from './read-yaml.ts';
import { rememberReadings } from './remember-readings.ts';
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

const read = rememberReadings(parsePolicy);

function readPublished(text: PublishedText): PolicyInForce {
  const { hash, number, publishedAt, source } = text;
  const { document, findings, places } = read(source);
  if (document === undefined) {
    const first = findings[0];
    throw new Error(
      `the published policy ${hash} can no longer be read: ${first?.message.en ?? ''} (${first?.path ?? ''})`,
    );
  }
  const { country, regimes, languages, 'time-zone': timeZone } = document.organisation;
  return {
    hash,
    number,
    publishedAt,
    document,
    promises: rulesOf(document),
    country,
    timeZone,
    regimes,
    languages,
    source,
    places,
  };
}
