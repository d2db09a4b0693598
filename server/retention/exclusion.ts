import type { Exclusion, Target } from '../connectors/connector.ts';
import type { DataMap } from '../datamap/contract.ts';
import type { HoldTarget } from './contract.ts';

export const nothingExcluded: Exclusion = { dataset: false, accounts: [], subjects: {}, keys: [] };

/** What holds keep of a dataset. A hold on something the dataset does not know keeps nothing of it. */
export function exclusionOf(dataset: string, target: Target, holds: readonly HoldTarget[]): Exclusion {
  const accounts = new Set<string>();
  const subjects = new Map<string, Set<string>>();
  const keys: (readonly string[])[] = [];
  let whole = false;
  for (const hold of holds) {
    switch (hold.kind) {
      case 'account':
        if (target.account !== undefined) accounts.add(hold.account);
        break;
      case 'subject':
        if (target.subjects[hold.subject] === undefined) break;
        subjects.set(hold.subject, (subjects.get(hold.subject) ?? new Set()).add(hold.id));
        break;
      case 'dataset':
        whole ||= hold.dataset === dataset;
        break;
      case 'rows':
        if (hold.dataset === dataset) keys.push(...hold.keys);
    }
  }
  return {
    dataset: whole,
    accounts: [...accounts],
    subjects: Object.fromEntries([...subjects].map(([kind, ids]) => [kind, [...ids]])),
    keys,
  };
}

/** Datasets of which a hold may keep something; empty where it names what the data map does not have. */
export function datasetsUnder(map: DataMap, hold: HoldTarget): readonly string[] {
  const names = Object.keys(map.datasets);
  switch (hold.kind) {
    case 'account':
      return names.filter((name) => map.datasets[name]?.account !== undefined);
    case 'subject':
      return names.filter((name) => map.datasets[name]?.subjects[hold.subject] !== undefined);
    case 'dataset':
    case 'rows':
      return names.filter((name) => name === hold.dataset);
  }
}
