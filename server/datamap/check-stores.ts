import {
  type ConnectedSystem,
  type Inspection,
  type Obstacle,
  StatementRefused,
  SystemUnreachable,
  type Target,
} from '../connectors/connector.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { Finding } from '../policy/contract.ts';
import type { DocumentPath } from '../policy/finding-text.ts';
import type { Places } from '../policy/read-yaml.ts';
import type { DataMap } from './contract.ts';
import { type Report, reporter } from './finding-report.ts';
import { openDatasetSystem } from './open-system.ts';
import { pathOf, targetOf } from './target-of.ts';

/**
 * Looks whether the stores are as the map says: tables, keys, columns, privileges, with the nearest names where one is
 * missing. A system that does not answer is a warning; the map may be right.
 */
export async function checkStores(
  platform: Platform,
  organisationId: OrganisationId,
  map: DataMap,
  places: Places,
): Promise<Finding[]> {
  const report = reporter(places);
  for (const system of Object.keys(map.systems)) {
    const wanted = lookups(map, system);
    if (wanted.length === 0) continue;
    await withSystem(platform, organisationId, map, system, report, async (connected) => {
      for (const { path, target, clocks } of wanted) {
        reportObstacles(await connected.inspect(target, clocks), path, report);
      }
    });
  }
  return report.findings;
}

interface Lookup {
  readonly path: DocumentPath;
  readonly target: Target;
  readonly clocks: readonly string[];
}

function lookups(map: DataMap, system: string): Lookup[] {
  const datasets = Object.entries(map.datasets)
    .filter(([, bound]) => bound.system === system)
    .map(([dataset, bound]) => ({
      path: ['datasets', dataset],
      target: targetOf(map, dataset),
      clocks: Object.values(bound.clocks),
    }));
  const { accounts } = map;
  if (accounts === undefined || accounts.system !== system) return datasets;
  const owner = accounts['owner-email'];
  const target: Target = {
    name: accounts.table,
    key: [accounts.key],
    account: { column: accounts.state, through: [] },
    subjects: owner === undefined ? {} : { owner: pathOf(owner) },
    attachments: [],
    bulkOnly: false,
    breakCycleAt: [],
  };
  return [...datasets, { path: ['accounts'], target, clocks: [accounts['cancelled-at']] }];
}

async function withSystem(
  platform: Platform,
  organisationId: OrganisationId,
  map: DataMap,
  system: string,
  report: Report,
  work: (connected: ConnectedSystem) => Promise<void>,
): Promise<void> {
  let connected: ConnectedSystem | undefined;
  try {
    connected = await openDatasetSystem(platform, organisationId, map, { system });
    await work(connected);
  } catch (error) {
    if (!(error instanceof SystemUnreachable) && !(error instanceof StatementRefused)) throw error;
    const figures = { system, explanation: error.message, remedy: error.remedy };
    report('store-unreachable', ['systems', system], figures);
  } finally {
    await connected?.close();
  }
}

const differences: ReadonlySet<Obstacle['code']> = new Set([
  'missing-table',
  'missing-column',
  'missing-key',
  'not-a-clock',
]);

function reportObstacles(inspection: Inspection, path: DocumentPath, report: Report): void {
  for (const { code, place, explanation, remedy, nearest } of inspection.obstacles) {
    const hint =
      nearest.length > 0 && !nearest.some((name) => remedy.includes(name)) ? ` (${nearest.join(', ')}?)` : '';
    const figures = { place, explanation, remedy: `${remedy}${hint}` };
    report(differences.has(code) ? 'store-differs' : 'store-hinders', path, figures);
  }
}
