import { listAccounts } from '../accounts/list-accounts.ts';
import type { Target } from '../connectors/connector.ts';
import type { DataMap } from '../datamap/contract.ts';
import { findDataMapInForce } from '../datamap/find-data-map.ts';
import { datasetsCovering, targetOf } from '../datamap/target-of.ts';
import type { Tx } from '../platform/database.ts';
import { findPolicyInForce, type PolicyInForce } from '../policy/find-policy.ts';
import { monthEndOf } from '../policy/period.ts';
import type { EndRule } from '../policy/rule.ts';
import type { HoldTarget } from './contract.ts';
import type { Calendar, GoneAccount } from './disposal-condition.ts';
import { type DisposalRule, disposalRules, type MissingData } from './disposal-rule.ts';
import { newestEnds } from './end-store.ts';
import { exclusionOf } from './exclusion.ts';

/** The policy and the data map in force, and what follows from them for disposal. */
export interface Basis {
  readonly policy: PolicyInForce;
  readonly dataMapHash: string;
  readonly map: DataMap;
  readonly calendar: Calendar;
  /** What Kept carries out. */
  readonly rules: readonly DisposalRule[];
  /** What is measured: the same, and what other systems dispose of by themselves. */
  readonly measured: readonly DisposalRule[];
  readonly missing: readonly MissingData[];
  /** The promise about the end of contracts. */
  readonly end: { readonly promise: string; readonly rule: EndRule } | null;
}

/** Undefined while there is no policy or no data map. */
export async function findBasis(tx: Tx): Promise<Basis | undefined> {
  const policy = await findPolicyInForce(tx);
  const map = await findDataMapInForce(tx);
  if (policy === undefined || map === undefined) return undefined;
  const { rules, missing } = disposalRules(policy.promises, map.map);
  return {
    policy,
    dataMapHash: map.hash,
    map: map.map,
    calendar: { timeZone: policy.timeZone, monthEnd: monthEndOf(policy.country) },
    rules: rules.filter((rule) => rule.binding['disposed-by'] === 'kept'),
    measured: rules,
    missing,
    end: endOf(policy),
  };
}

function endOf(policy: PolicyInForce): Basis['end'] {
  for (const { promise, rule } of policy.promises)
    if (rule.verb === 'end' && rule.form === 'account') return { promise, rule };
  return null;
}

const PAGE = 1000;

/** Accounts that are not active any more. */
export async function readGone(tx: Tx, basis: Basis): Promise<GoneAccount[]> {
  const gone: GoneAccount[] = [];
  for (const state of ['cancelled', 'ended'] as const) {
    let after: string | undefined;
    do {
      const page = await listAccounts(tx, { state, after, limit: PAGE });
      const ends = await newestEnds(
        tx,
        page.items.map((item) => item.account),
      );
      for (const { account, cancelledAt } of page.items) {
        if (cancelledAt === null) continue;
        const end = ends.get(account);
        const done = end !== undefined && (end.state === 'erased' || end.state === 'confirmed');
        gone.push({
          account,
          cancelledAt,
          ending: basis.end !== null && !(done && sameTime(end.cancelledAt, cancelledAt)),
        });
      }
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
  return gone;
}

function sameTime(one: Date, other: Date): boolean {
  return one.getTime() === other.getTime();
}

/** The target of a dataset under the holds that are in force. */
export function heldTarget(
  basis: Pick<Basis, 'map' | 'policy'>,
  dataset: string,
  options: { readonly bulkOnly: boolean; readonly guardedBy?: readonly string[] },
  holds: readonly HoldTarget[],
): ReturnType<typeof exclusionOf> {
  const { map } = basis;
  const target: Target = {
    ...targetOf(map, dataset),
    bulkOnly: options.bulkOnly,
    ...(options.guardedBy !== undefined && { guardedBy: options.guardedBy }),
  };
  const files = map.datasets[dataset]?.attachments.flatMap((attachment) => attachment.dataset ?? []) ?? [];
  return exclusionOf({ dataset, target, follows: followed(basis, dataset), files }, map, holds);
}

/** Datasets whose rows this one's go with. */
function followed(basis: Pick<Basis, 'map' | 'policy'>, dataset: string): string[] {
  const binding = basis.map.datasets[dataset];
  if (binding?.table === undefined) return [];
  return basis.policy.promises.flatMap(({ rule }) =>
    rule.verb === 'keep' && rule.form === 'with' && rule.data.some((data) => binding.covers.includes(data))
      ? datasetsCovering(basis.map, rule.with)
      : [],
  );
}

/** Whether a promise lets rows of the dataset go only by whole partitions. */
export function isBulkOnly(basis: Pick<Basis, 'rules'>, dataset: string): boolean {
  return basis.rules.some(
    ({ rule, dataset: name }) => name === dataset && rule.verb === 'keep' && rule.form === 'for' && rule.inBulk,
  );
}

/** Tables of a system that are datasets themselves: their rows have rules, holds or files of their own. */
export function placesWithDatasets(basis: Pick<Basis, 'map'>, system: string): Set<string> {
  return new Set(
    Object.values(basis.map.datasets).flatMap((dataset) =>
      dataset.system === system && dataset.table !== undefined ? [dataset.table] : [],
    ),
  );
}
