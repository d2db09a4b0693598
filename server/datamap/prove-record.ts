import type { Probe } from '../connectors/connector.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { Measurement, PlaceMeasure, Reason } from '../policy/contract.ts';
import { type Prover, unproven } from '../policy/prover.ts';
import { reason } from '../policy/reasons.ts';
import type { RecordRule } from '../policy/rule.ts';
import type { DataMap, Dataset } from './contract.ts';
import { findDataMapInForce } from './find-data-map.ts';
import { openDatasetSystem } from './open-system.ts';
import { datasetsCovering, targetOf } from './target-of.ts';

/** Proves `record` promises: every row has its facts, and none holds what is never recorded. */
export const recordProver: Prover = {
  name: 'record',
  // How many records there should be is known only to what happened.
  proves: (rule) => rule.verb === 'record' && rule.each === null,
  async prove(platform, organisationId, { rule }) {
    if (rule.verb !== 'record') throw new Error(`the prover of record was asked about ${rule.verb}`);
    return await proveRecord(platform, organisationId, rule);
  },
};

/** Looks at the rows that are there. @throws SystemUnreachable, StatementRefused */
export async function proveRecord(
  platform: Platform,
  organisationId: OrganisationId,
  rule: RecordRule,
): Promise<Omit<Measurement, 'measuredAt'>> {
  const found = await platform.db.transaction(organisationId, findDataMapInForce);
  if (found === undefined) return unproven(reason('no-data-map'));
  const { map } = found;
  const missing = rule.data.find((category) => datasetsCovering(map, category).length === 0);
  if (missing !== undefined) return unproven(reason('no-dataset', { data: missing }));
  const seen: Seen[] = [];
  for (const dataset of new Set(rule.data.flatMap((category) => datasetsCovering(map, category)))) {
    const bound = map.datasets[dataset];
    const unknown = bound === undefined ? null : unknownField(rule, bound);
    if (unknown !== null) return unproven(reason('no-field', { dataset, field: unknown }));
    seen.push(await look(platform, organisationId, map, dataset, rule));
  }
  return judge(seen, rule);
}

/** What the map does not tell about a dataset. */
function unknownField(rule: RecordRule, { facts = {}, fields }: Dataset): string | null {
  const fact = rule.facts.find((name) => !Object.hasOwn(facts, name));
  if (fact !== undefined) return fact;
  return rule.never.length > 0 && fields.text === undefined ? 'text' : null;
}

interface Seen {
  readonly place: PlaceMeasure;
  readonly lacking: number;
  readonly holding: number;
}

async function look(
  platform: Platform,
  organisationId: OrganisationId,
  map: DataMap,
  dataset: string,
  rule: RecordRule,
): Promise<Seen> {
  const connected = await openDatasetSystem(platform, organisationId, map, dataset);
  try {
    const target = targetOf(map, dataset);
    const bound = map.datasets[dataset];
    const count = async (probe: Probe | null) =>
      probe === null ? { examined: 0, failing: 0 } : await connected.probe(target, probe);
    const facts = rule.facts.map((fact) => listOf(bound?.facts?.[fact]));
    const columns = bound?.fields.text ?? [];
    const present = await count(facts.length === 0 ? null : { kind: 'facts-present', facts });
    const clean = await count(rule.never.length === 0 ? null : { kind: 'never-holds', columns, forbidden: rule.never });
    const rows = Math.max(present.examined, clean.examined);
    const broken = Math.min(rows, present.failing + clean.failing);
    const system = bound?.system ?? '';
    const place = { dataset, system, rows, due: 0, broken, held: 0, excepted: 0, oldestAt: null };
    return { place, lacking: present.failing, holding: clean.failing };
  } finally {
    await connected.close();
  }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function judge(seen: readonly Seen[], rule: RecordRule): Omit<Measurement, 'measuredAt'> {
  const broken = seen.some(({ place }) => place.broken > 0);
  return {
    status: broken ? 'broken' : 'kept',
    reason: whyOf(seen, rule),
    oldestAt: null,
    ageSeconds: null,
    limitSeconds: null,
    toleranceSeconds: null,
    places: seen.map(({ place }) => place),
  };
}

function whyOf(seen: readonly Seen[], rule: RecordRule): Reason | null {
  const holding = seen.find((each) => each.holding > 0);
  if (holding !== undefined) {
    const { dataset, rows: examined } = holding.place;
    return reason('forbidden-found', { dataset, examined, failing: holding.holding });
  }
  const lacking = seen.find((each) => each.lacking > 0);
  if (lacking !== undefined) {
    const { dataset, rows: examined } = lacking.place;
    return reason('fact-missing', { dataset, examined, failing: lacking.lacking, facts: rule.facts.join(', ') });
  }
  return seen.every(({ place }) => place.rows === 0) ? reason('nothing-there') : null;
}
