import type { Path, Target } from '../connectors/connector.ts';
import type { DataMap, Dataset } from './contract.ts';

/** A dataset as the connectors see it: a table or a folder, its keys and where they lead. @throws Error where the map has no such dataset */
export function targetOf(map: DataMap, dataset: string): Target {
  const bound = Object.hasOwn(map.datasets, dataset) ? map.datasets[dataset] : undefined;
  if (bound === undefined) throw new Error(`the data map has no dataset ${dataset}`);
  return {
    name: bound.table ?? bound.folder ?? '.',
    key: bound.key,
    ...(bound.account !== undefined && { account: pathOf(bound.account) }),
    subjects: Object.fromEntries(Object.entries(bound.subjects).map(([subject, path]) => [subject, pathOf(path)])),
    attachments: bound.attachments.map(({ column, system }) => ({ column, system })),
    ...(bound.table === undefined && { files: bound.files ?? { match: '**/*', clock: 'modified' as const } }),
    bulkOnly: false,
    breakCycleAt: bound['break-cycle-at'],
    ...(bound['anonymised-at'] !== undefined && { anonymisedAt: bound['anonymised-at'] }),
  };
}

/** A column, or a column reached through foreign keys, as the connectors take it. */
export function pathOf(path: NonNullable<Dataset['account']>): Path {
  return typeof path === 'string' ? { column: path, through: [] } : path;
}

/** Names of the datasets that hold a category of the policy, in the order of the map. */
export function datasetsCovering(map: DataMap, category: string): string[] {
  return Object.entries(map.datasets)
    .filter(([, dataset]) => dataset.covers.includes(category))
    .map(([name]) => name);
}
