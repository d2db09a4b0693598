import type { ConnectedSystem, Probe } from '../connectors/connector.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { Measurement, PlaceMeasure, Reason } from '../policy/contract.ts';
import { type Prover, unproven } from '../policy/prover.ts';
import { type ReasonCode, reason } from '../policy/reasons.ts';
import { type ProtectiveMeasure, type ProtectRule, serverMeasures } from '../policy/rule.ts';
import type { DataMap, Dataset } from './contract.ts';
import { findDataMapInForce } from './find-data-map.ts';
import { openDatasetSystem } from './open-system.ts';
import { datasetsCovering, targetOf } from './target-of.ts';

/** Proves `protect` promises about data: looks at the values themselves through a probe, and counts. */
export const protectionProver: Prover = {
  name: 'protection',
  proves: (rule) => rule.verb === 'protect' && !serverMeasures.has(rule.measure),
  async prove(platform, organisationId, { rule }) {
    if (rule.verb !== 'protect') throw new Error(`the prover of protect was asked about ${rule.verb}`);
    return await proveProtection(platform, organisationId, rule);
  },
};

async function proveProtection(
  platform: Platform,
  organisationId: OrganisationId,
  rule: ProtectRule,
): Promise<Omit<Measurement, 'measuredAt'>> {
  const found = await platform.db.transaction(organisationId, findDataMapInForce);
  if (found === undefined) return unproven(reason('no-data-map'));
  const { map } = found;
  const missing = rule.data.find((category) => datasetsCovering(map, category).length === 0);
  if (missing !== undefined) return unproven(reason('no-dataset', { data: missing }));

  const looks: Look[] = [];
  for (const [dataset, bound] of placesOf(map, rule)) {
    const probe = probeOf(rule.measure, bound);
    if (probe === null) return unproven(reason('no-field', { dataset, field: rule.measure }));
    looks.push({ dataset, bound, probe });
  }
  // Nothing was looked at, so nothing is kept.
  if (looks.length === 0) return unproven(reason('nowhere-to-look'));
  const places = await look(platform, organisationId, map, looks, rule.measure);
  return judge(rule.measure, places);
}

interface Look {
  readonly dataset: string;
  readonly bound: Dataset;
  readonly probe: Probe;
}

/** The datasets a measure is looked for in; a measure about the store itself looks at all that Kept disposes of. */
function placesOf(map: DataMap, rule: ProtectRule): [string, Dataset][] {
  return Object.entries(map.datasets).filter(([, bound]) => {
    if (rule.data.length > 0 && !bound.covers.some((category) => rule.data.includes(category))) return false;
    if (rule.measure !== 'space-released') return true;
    return map.systems[bound.system]?.kind === 'postgres' && bound['disposed-by'] === 'kept';
  });
}

function probeOf(measure: ProtectiveMeasure, { fields }: Dataset): Probe | null {
  switch (measure) {
    case 'encrypted-field':
      if (fields.secret === undefined) return null;
      return { kind: 'encrypted-field', column: fields.secret.column, prefix: fields.secret.prefix ?? null };
    case 'keys-present': {
      const reference = fields['key-reference'];
      return reference === undefined ? null : { kind: 'reference-exists', ...reference };
    }
    case 'anonymised-ip':
      return fields.ip === undefined ? null : { kind: 'anonymised-ip', column: fields.ip };
    case 'no-identifiers':
      return fields.text === undefined ? null : { kind: 'no-identifiers', columns: fields.text };
    case 'space-released':
      return { kind: 'vacuumed' };
    case 'hashed-secrets':
      return fields.hash === undefined ? null : { kind: 'hashed', ...fields.hash };
    default:
      // Of Kept itself: another prover's.
      return null;
  }
}

/** Probes every dataset, one system after the other. @throws SystemUnreachable, StatementRefused */
async function look(
  platform: Platform,
  organisationId: OrganisationId,
  map: DataMap,
  looks: readonly Look[],
  measure: ProtectiveMeasure,
): Promise<PlaceMeasure[]> {
  const places: PlaceMeasure[] = [];
  for (const system of new Set(looks.map(({ bound }) => bound.system))) {
    const connected = await openDatasetSystem(platform, organisationId, map, { system });
    try {
      for (const { dataset, probe } of looks.filter(({ bound }) => bound.system === system)) {
        places.push(await lookAt(connected, map, system, dataset, probe, measure));
      }
    } finally {
      await connected.close();
    }
  }
  return places;
}

async function lookAt(
  connected: ConnectedSystem,
  map: DataMap,
  system: string,
  dataset: string,
  probe: Probe,
  measure: ProtectiveMeasure,
): Promise<PlaceMeasure> {
  const { examined, failing } = await connected.probe(targetOf(map, dataset), probe);
  const { due, broken } = measure === 'space-released' ? deadRows(examined, failing) : { due: 0, broken: failing };
  return { dataset, system, rows: Math.round(examined), due, broken, held: 0, excepted: 0, oldestAt: null };
}

/**
 * A live table always has some dead rows from its own updates. Up to a fiftieth they are its daily life; up to where
 * PostgreSQL's own autovacuum comes by itself (50 rows and a fifth, its defaults) they are due; beyond, what disposal
 * deleted was left lying.
 */
function deadRows(examined: number, failing: number): { due: number; broken: number } {
  const dead = Math.round(failing);
  if (dead <= Math.max(50, examined / 50)) return { due: 0, broken: 0 };
  return dead <= 50 + examined / 5 ? { due: dead, broken: 0 } : { due: 0, broken: dead };
}

const reasonOf: Readonly<Partial<Record<ProtectiveMeasure, ReasonCode>>> = {
  'encrypted-field': 'plain-text-found',
  'keys-present': 'key-missing',
  'anonymised-ip': 'address-found',
  'no-identifiers': 'identifier-found',
  'space-released': 'dead-rows-left',
  'hashed-secrets': 'plain-secret-found',
};

function judge(measure: ProtectiveMeasure, places: PlaceMeasure[]): Omit<Measurement, 'measuredAt'> {
  const worst = places.find((place) => place.broken > 0) ?? places.find((place) => place.due > 0);
  const nothing = { oldestAt: null, ageSeconds: null, limitSeconds: null, toleranceSeconds: null, places };
  if (worst === undefined) return { status: 'kept', reason: emptiness(measure, places), ...nothing };
  const figures = { dataset: worst.dataset, failing: worst.broken + worst.due, examined: worst.rows };
  return {
    status: worst.broken > 0 ? 'broken' : 'due',
    reason: reason(reasonOf[measure] ?? 'forbidden-found', figures),
    ...nothing,
  };
}

/** A promise about values holds where there are none; that it was not much of a look is said. */
function emptiness(measure: ProtectiveMeasure, places: readonly PlaceMeasure[]): Reason | null {
  if (measure === 'space-released' || places.some((place) => place.rows > 0)) return null;
  return reason('nothing-there');
}
