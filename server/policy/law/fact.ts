import type { PeriodText } from '../rule.ts';
import type { Wording } from '../wording.ts';

/** How sure the pack is of a fact: A read in the primary text, B in a secondary source, C unconfirmed. */
export type Mark = 'A' | 'B' | 'C';

/**
 * A number of the law, as data. Numbers change, so each has the dates between which it was in force, and no code
 * outside a law pack holds one.
 */
export interface LawFact {
  /** What policies cite: `marco-civil-15`. */
  readonly key: string;
  readonly regime: 'lgpd' | 'gdpr' | 'brazil' | 'eu';
  /** As the law is cited: `Lei 12.965/2014, art. 15`. */
  readonly citation: string;
  readonly title: Wording;
  /**
   * `floor`: at least so long. `ceiling`: at most so long. `limitation`: claims lapse after it, so that keeping until
   * then can be justified. `exception`: justifies keeping without giving a length. `deadline`: an act has to be done
   * by then. `counting`: how periods are counted.
   */
  readonly kind: 'floor' | 'ceiling' | 'limitation' | 'exception' | 'deadline' | 'counting';
  /** Null where the law gives no number. */
  readonly length: PeriodText | null;
  readonly calendar: 'civil' | 'business-days' | 'hours';
  readonly starts: {
    readonly event: Wording;
    /** `next-january`: the first day of the year after the event. */
    readonly at: 'event' | 'next-january';
    /** Names of clocks that already stand at the law's own start, so that lengths compare as they are. */
    readonly clocks: readonly string[];
  };
  readonly binds: Wording;
  /** Facts that hold as well wherever this one is cited: they can stack. */
  readonly alongside: readonly string[];
  /** Civil dates; null where the beginning is before any data, or the end is not known. */
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly source: string;
  readonly mark: Mark;
}

/** What a legal basis can carry: how long data may be kept on it alone. */
export type Support =
  /** Until the consent is withdrawn. */
  | 'until-withdrawn'
  /** As long as the contract lasts. */
  | 'contract'
  /** As long as another law demands, which has to be named. */
  | 'law'
  /** As long as claims can be brought. */
  | 'claims'
  /** As long as the purpose needs it, which the organisation has to show. */
  | 'purpose';

/** A legal basis, cited as policies cite it: `lgpd: 7-V`. */
export interface LegalBasis {
  readonly regime: 'lgpd' | 'gdpr';
  /** `7-V`, `6-1-b`. */
  readonly key: string;
  readonly citation: string;
  readonly title: Wording;
  readonly support: Support;
  /** Whether it is for special categories of data. */
  readonly sensitive: boolean;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly mark: Mark;
}

/** Said beside a fact that the pack has from memory. */
export const unconfirmed: Wording = {
  'pt-BR': ' (não confirmado no texto da lei)',
  en: ' (unconfirmed in the law’s text)',
  es: ' (no confirmado en el texto de la ley)',
};

/** Whether something with dates of validity was in force on a civil date. */
export function inForceOn(
  dated: { readonly validFrom: string | null; readonly validUntil: string | null },
  on: string,
): boolean {
  return (dated.validFrom === null || dated.validFrom <= on) && (dated.validUntil === null || on <= dated.validUntil);
}
