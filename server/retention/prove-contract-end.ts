import type { PlaceMeasure } from '../policy/contract.ts';
import { unproven } from '../policy/prover.ts';
import { reason } from '../policy/reasons.ts';
import type { EndConfirmationRule } from '../policy/rule.ts';
import { countPlace } from './count-place.ts';
import { goneSince } from './disposal-condition.ts';
import { exceptedData } from './disposal-rule.ts';
import { type EndRecord, listOpenEnds } from './end-store.ts';
import { circumstancesAt, type Look, lateAt, secondsFrom, seenUnderHolds } from './look.ts';
import { accountsUnknown } from './prove-keep.ts';
import { ageless, isBroken, overdue, type Proved } from './verdict.ts';
import { whyOverdue } from './why-overdue.ts';

/** Looks whether anything is left of accounts whose grace is over, but for what the promise excepts. */
export async function proveContractEnd(look: Look, promise: string): Promise<Proved> {
  const unknown = accountsUnknown(look);
  if (unknown !== null) return unproven(unknown);
  const places: PlaceMeasure[] = [];
  for (const rule of look.basis.measured) {
    if (rule.promise !== promise || rule.kind !== 'end') continue;
    // What another system rotates by itself goes with that: a backup of thirty days has its own promise.
    if (rule.binding['disposed-by'] === 'kept') places.push((await countPlace(look, rule)).place);
  }
  places.push(...(await exceptedPlaces(look)));
  const why = overdue(places) === 0 ? null : await whyOverdue(look, promise, places, isBroken(places));
  return ageless(places, why);
}

/** What the exceptions keep of ended accounts, shown beside the rest. */
async function exceptedPlaces(look: Look): Promise<PlaceMeasure[]> {
  const { end, policy, map } = look.basis;
  if (end === null) return [];
  const excepted = exceptedData(end.rule, policy.promises);
  const circumstances = circumstancesAt(look, look.at);
  const accounts = look.gone
    .filter((account) => goneSince(account, null, circumstances) <= look.at)
    .map(({ account }) => account);
  const places: PlaceMeasure[] = [];
  for (const [dataset, binding] of Object.entries(map.datasets)) {
    if (binding.account === undefined || !binding.covers.some((data) => excepted.has(data))) continue;
    const system = await look.systems.get(binding.system);
    const { target, exclusion } = seenUnderHolds(look, dataset);
    const seen = { ...target, bulkOnly: false };
    const found = await system.measure(seen, { kind: 'of-accounts', accounts }, exclusion, null);
    places.push({
      dataset,
      system: binding.system,
      rows: found.rows,
      due: 0,
      broken: 0,
      held: found.excluded,
      excepted: found.matching,
      oldestAt: null,
    });
  }
  return places;
}

/** Whether the owner of every ended account was told. */
export async function proveConfirmation(look: Look, rule: EndConfirmationRule): Promise<Proved> {
  const end = look.basis.policy.promises.find(({ promise }) => promise === rule.confirms);
  if (end === undefined) return unproven(reason('no-end-promise', { promise: rule.confirms }));
  const open = (await look.platform.db.transaction(look.organisationId, listOpenEnds)).filter(isUnconfirmed);
  const late = lateAt(look, rule.within);
  const broken = open.filter(({ erasedAt }) => erasedAt !== null && erasedAt < late).length;
  const oldest = open.reduce<Date | null>(
    (first, { erasedAt }) => (erasedAt !== null && (first === null || erasedAt < first) ? erasedAt : first),
    null,
  );
  return {
    status: broken > 0 ? 'broken' : open.length > 0 ? 'due' : 'kept',
    reason:
      broken > 0
        ? reason('end-unconfirmed', { accounts: broken })
        : open.length > 0
          ? reason('end-to-be-confirmed', { accounts: open.length })
          : null,
    oldestAt: oldest?.toISOString() ?? null,
    ageSeconds: oldest === null ? null : (look.at.getTime() - oldest.getTime()) / 1000,
    limitSeconds: secondsFrom(look, oldest ?? look.at, rule.within),
    toleranceSeconds: 0,
    places: [],
  };
}

function isUnconfirmed(end: EndRecord): boolean {
  return end.state === 'erased' && end.confirmation !== 'sent';
}
