import { brazil } from './brazil.ts';
import { eu } from './eu.ts';
import { inForceOn, type LawFact, type LegalBasis } from './fact.ts';
import { gdprBases, gdprFacts } from './gdpr.ts';
import { lgpdBases, lgpdFacts } from './lgpd.ts';

/** Every fact of every pack, in force or not. */
export const lawFacts: readonly LawFact[] = [...lgpdFacts, ...gdprFacts, ...brazil, ...eu];

/** Every legal basis of every pack. */
export const legalBases: readonly LegalBasis[] = [...lgpdBases, ...gdprBases];

/** The fact a policy cites, as it was in force on a civil date; undefined where there is none. */
export function findLawFact(key: string, on: string): LawFact | undefined {
  return lawFacts.find((fact) => fact.key === key && inForceOn(fact, on));
}

/** The legal basis a purpose cites: regime and `7-V`. */
export function findLegalBasis(regime: string, key: string, on: string): LegalBasis | undefined {
  return legalBases.find((basis) => basis.regime === regime && basis.key === key && inForceOn(basis, on));
}
