import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { Measurement } from './contract.ts';
import type { Rule } from './rule.ts';

/** A promise as a prover is asked about it. */
export interface PromiseToProve {
  readonly promise: string;
  readonly rule: Rule;
}

/** Looks at the real store and says whether a promise holds. */
export interface Prover {
  readonly name: string;
  proves(rule: Rule): boolean;
  /**
   * Called outside any transaction. May throw `SystemUnreachable`, `StatementRefused` or a `Failure`: the promise is
   * then unproven, with that reason.
   */
  prove(
    platform: Platform,
    organisationId: OrganisationId,
    promise: PromiseToProve,
    at: Date,
  ): Promise<Omit<Measurement, 'measuredAt'>>;
}

/** Who proves what. `app.ts` registers the provers of the folders in the order of the layers. */
export interface Provers {
  registerProver(prover: Prover): void;
  /** The first registered one that proves the rule. */
  proverOf(rule: Rule): Prover | undefined;
}

export function createProvers(): Provers {
  const provers: Prover[] = [];
  return {
    registerProver(prover) {
      if (provers.some((known) => known.name === prover.name))
        throw new Error(`the prover ${prover.name} is registered twice`);
      provers.push(prover);
    },
    proverOf: (rule) => provers.find((prover) => prover.proves(rule)),
  };
}

/** A measurement that saw nothing. */
export function unproven(reason: Measurement['reason']): Omit<Measurement, 'measuredAt'> {
  return {
    status: 'unproven',
    reason,
    oldestAt: null,
    ageSeconds: null,
    limitSeconds: null,
    toleranceSeconds: null,
    places: [],
  };
}
