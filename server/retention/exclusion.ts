import type { Exclusion, Path, Target } from '../connectors/connector.ts';
import type { DataMap, Dataset } from '../datamap/contract.ts';
import type { HoldTarget } from './contract.ts';

export const nothingExcluded: Exclusion = { dataset: false, accounts: [], subjects: {}, keys: [] };

/** A dataset with what the data map tells of where its rows belong. */
export interface Held {
  readonly dataset: string;
  readonly target: Target;
  /** Datasets whose rows take this one's along (`keep: { with }`): a hold on all of those is one on these. */
  readonly follows: readonly string[];
  /** Datasets of the files that rows of this one name. */
  readonly files: readonly string[];
}

/**
 * What holds keep of a dataset, and the target that can tell. A hold on something the dataset does not know keeps
 * nothing of it. What belongs to a row that is held, by a path of the data map, stays with it.
 */
export function exclusionOf(
  held: Held,
  map: DataMap,
  holds: readonly HoldTarget[],
): { readonly target: Target; readonly exclusion: Exclusion } {
  const accounts = new Set<string>();
  const subjects = new Map<string, Set<string>>();
  const owners = new Map<string, Path>();
  const keys: (readonly string[])[] = [];
  const whole = new Set([held.dataset, ...held.follows, ...held.files]);
  const hold = (kind: string, id: string): void => {
    subjects.set(kind, (subjects.get(kind) ?? new Set()).add(id));
  };
  for (const target of holds) {
    if (target.kind === 'account' && held.target.account !== undefined) accounts.add(target.account);
    if (target.kind === 'subject' && held.target.subjects[target.subject] !== undefined)
      hold(target.subject, target.id);
    if (target.kind !== 'rows') continue;
    if (target.dataset === held.dataset) keys.push(...target.keys);
    const path = pathToOwner(held.target, map.datasets[target.dataset]);
    if (path === null) continue;
    owners.set(`rows of ${target.dataset}`, path);
    for (const [id] of target.keys) if (id !== undefined) hold(`rows of ${target.dataset}`, id);
  }
  return {
    target: { ...held.target, subjects: { ...held.target.subjects, ...Object.fromEntries(owners) } },
    exclusion: {
      dataset: holds.some((target) => target.kind === 'dataset' && whole.has(target.dataset)),
      accounts: [...accounts],
      subjects: Object.fromEntries([...subjects].map(([kind, ids]) => [kind, [...ids]])),
      keys,
    },
  };
}

/** How a row tells which row of the other dataset it belongs to, where one of its paths leads through that. */
function pathToOwner(target: Target, owner: Dataset | undefined): Path | null {
  if (owner?.table === undefined || owner.key.length !== 1) return null;
  for (const path of [target.account, ...Object.values(target.subjects)]) {
    for (const [index, step] of (path?.through ?? []).entries())
      if (step.table === owner.table && step.to === owner.key[0])
        return { column: step.from, through: path?.through.slice(0, index) ?? [] };
  }
  return null;
}

/** Whether a hold names something that the data map has. */
export function isKnown(map: DataMap, hold: HoldTarget): boolean {
  const datasets = Object.values(map.datasets);
  switch (hold.kind) {
    case 'account':
      return datasets.some((dataset) => dataset.account !== undefined);
    case 'subject':
      return datasets.some((dataset) => dataset.subjects[hold.subject] !== undefined);
    case 'dataset':
      return map.datasets[hold.dataset] !== undefined;
    case 'rows': {
      const dataset = map.datasets[hold.dataset];
      const width = dataset?.table === undefined ? 1 : dataset.key.length;
      return dataset !== undefined && hold.keys.every((key) => key.length === width);
    }
  }
}
