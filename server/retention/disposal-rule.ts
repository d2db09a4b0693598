import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Obstacle } from '../connectors/connector.ts';
import type { DataMap, Dataset } from '../datamap/contract.ts';
import { datasetsCovering } from '../datamap/target-of.ts';
import type { Json } from '../platform/contract.ts';
import { nearestNames } from '../policy/nearest.ts';
import type { EndRule, EraseRule, Fate, KeepFor, KeepWhile, KeepWith, Rule } from '../policy/rule.ts';

/**
 * How a promise reaches the rows of a dataset: by their age, by the state of their account, because their owner row is
 * due or gone, because no row names the file any more, because a contract ended, or because an event asks for it.
 */
export type StepKind = 'age' | 'state' | 'follows' | 'orphans' | 'loose-files' | 'end' | 'event';

/** One promise on one dataset: what may be disposed of there, and on whose word. */
export interface DisposalRule {
  readonly promise: string;
  readonly kind: StepKind;
  readonly rule: KeepFor | KeepWhile | KeepWith | EraseRule | EndRule;
  readonly dataset: string;
  readonly system: string;
  readonly binding: Dataset;
  readonly fate: Fate;
  /** Of the rule, the binding and the fate: an approval is of this and of nothing else. */
  readonly ruleHash: string;
  /** Statutory periods of other promises over the same dataset; a row goes only when it is past all of them. */
  readonly floors: readonly Floor[];
  /** The rows that rows of the dataset go with, and the rule by which those are due; only for `follows`. */
  readonly owner: Owner | null;
  /** Why the data map does not let this rule be carried out at all. */
  readonly obstacle: Obstacle | null;
}

export interface Owner {
  readonly through: { readonly table: string; readonly from: string; readonly to: string };
  /** All of these periods must be over: the owner's own, and the statutory ones over it. */
  readonly periods: readonly { readonly rule: KeepFor; readonly clock: string }[];
}

export interface Floor {
  readonly promise: string;
  readonly rule: KeepFor;
  readonly clock: string;
}

export interface PromiseRule {
  readonly promise: string;
  readonly rule: Rule;
}

/** A promise names data that no dataset holds. */
export interface MissingData {
  readonly promise: string;
  readonly data: string;
  readonly nearest: readonly string[];
}

/**
 * Every rule of the policy on every dataset it reaches, in the order of the document, and what has no place. What is
 * disposed of `elsewhere` is measured like everything else, but Kept does not touch it.
 */
export function disposalRules(
  promises: readonly PromiseRule[],
  map: DataMap,
): { readonly rules: readonly DisposalRule[]; readonly missing: readonly MissingData[] } {
  const missing: MissingData[] = [];
  const rules: DisposalRule[] = [];
  for (const { promise, rule } of promises) {
    for (const data of dataOf(rule)) {
      if (datasetsCovering(map, data).length > 0) continue;
      const known = Object.entries(map.datasets).flatMap(([name, dataset]) => [name, ...dataset.covers]);
      missing.push({ promise, data, nearest: nearestNames(data, known) });
    }
    rules.push(...rulesOf(promise, rule, promises, map));
  }
  return { rules, missing };
}

function dataOf(rule: Rule): readonly string[] {
  if (rule.verb === 'erase') return rule.data;
  if (rule.verb !== 'keep') return [];
  return rule.form === 'for' || rule.form === 'while' || rule.form === 'with' ? rule.data : [];
}

function rulesOf(promise: string, rule: Rule, promises: readonly PromiseRule[], map: DataMap): readonly DisposalRule[] {
  // A deleted account goes in the very transaction of its deletion: there is nothing left to dispose of.
  if (rule.verb === 'erase' && rule.on === 'account-deleted') return [];
  if (rule.verb === 'erase') return onDatasets(map, rule.data).map((place) => eventRule(promise, rule, place));
  if (rule.verb === 'end') return rule.form === 'account' ? endRules(promise, rule, promises, map) : [];
  if (rule.verb !== 'keep') return [];
  switch (rule.form) {
    case 'for':
      return onDatasets(map, rule.data).map((place) => ageRule(promise, rule, place, promises));
    case 'while':
      return onDatasets(map, rule.data).flatMap((place) => stateRules(promise, rule, place, map));
    case 'with':
      return withRules(promise, rule, promises, map);
    default:
      return [];
  }
}

interface Place {
  readonly name: string;
  readonly binding: Dataset;
}

function onDatasets(map: DataMap, data: readonly string[]): readonly Place[] {
  return Object.entries(map.datasets)
    .filter(([, binding]) => binding.covers.some((name) => data.includes(name)))
    .map(([name, binding]) => ({ name, binding }));
}

function ageRule(promise: string, rule: KeepFor, place: Place, promises: readonly PromiseRule[]): DisposalRule {
  const clock = clockOf(place.binding, rule.from);
  const obstacle =
    clock === null
      ? obstacleOf(
          'missing-column',
          place,
          `The data map does not say which column of ${place.name} is the clock “${rule.from}”.`,
          `Add it under datasets.${place.name}.clocks.`,
          nearestNames(rule.from, Object.keys(place.binding.clocks)),
        )
      : rule.then === 'anonymise' && Object.keys(place.binding.anonymise).length === 0
        ? obstacleOf(
            'missing-column',
            place,
            `The data map does not say how the fields of ${place.name} are anonymised.`,
            `Name each field that identifies somebody under datasets.${place.name}.anonymise.`,
          )
        : null;
  const floors = floorsOver(promise, place.binding, promises);
  return made({ promise, kind: 'age', rule, place, fate: rule.then, floors, obstacle });
}

/** The clock column of a rule; files carry their own clock. */
export function clockOf(binding: Dataset, from: string): string | null {
  const column = binding.clocks[from];
  if (column !== undefined) return column;
  return binding.folder === undefined ? null : (binding.files?.clock ?? 'modified');
}

/** Other promises by law over the same dataset: while one of them still runs, nothing of it goes. */
function floorsOver(promise: string, binding: Dataset, promises: readonly PromiseRule[]): readonly Floor[] {
  return promises.flatMap((other) => {
    if (other.promise === promise || other.rule.verb !== 'keep' || other.rule.form !== 'for') return [];
    const { rule } = other;
    if (rule.because.length === 0 || !rule.data.some((name) => binding.covers.includes(name))) return [];
    const clock = clockOf(binding, rule.from);
    return clock === null ? [] : [{ promise: other.promise, rule, clock }];
  });
}

function stateRules(promise: string, rule: KeepWhile, place: Place, map: DataMap): readonly DisposalRule[] {
  const { binding } = place;
  const obstacle =
    binding.account === undefined
      ? obstacleOf(
          'missing-column',
          place,
          `The data map does not say to which account a row of ${place.name} belongs.`,
          `Add datasets.${place.name}.account.`,
        )
      : null;
  const state = made({ promise, kind: 'state', rule, place, fate: rule.then, floors: [], obstacle });
  // Whether an account is there at all is asked of the store in the deleting statement itself: a list read a moment ago
  // would take the rows of an account that was opened since.
  const owner = ownerPath(binding, map);
  if (obstacle !== null || owner === null || binding.system !== map.accounts?.system) return [state];
  return [state, made({ promise, kind: 'orphans', rule, place, fate: rule.then, floors: [], obstacle: null })];
}

/** How a row of the dataset leads to the row that owns it; null where only a key in another system tells. */
export function ownerPath(binding: Dataset, map: DataMap): Extract<Dataset['account'], object> | null {
  const path = binding.account;
  if (path === undefined || binding.table === undefined) return null;
  if (typeof path !== 'string') return path;
  const accounts = map.accounts;
  if (accounts === undefined || accounts.system !== binding.system || accounts.table === binding.table) return null;
  return { column: accounts.key, through: [{ table: accounts.table, from: path, to: accounts.key }] };
}

/**
 * A row that goes `with` another goes before it, by the other's own period; where the owner row is gone it is overdue,
 * and so is a file that no row names.
 */
function withRules(
  promise: string,
  rule: KeepWith,
  promises: readonly PromiseRule[],
  map: DataMap,
): readonly DisposalRule[] {
  const owners = onDatasets(map, [rule.with]);
  const tables = owners.flatMap(({ binding }) => binding.table ?? []);
  return onDatasets(map, rule.data).flatMap((place) => {
    const common = { promise, rule, place, fate: rule.then, floors: [] };
    const loose = (): DisposalRule => made({ ...common, kind: 'loose-files', obstacle: null });
    if (place.binding.folder !== undefined) return [loose()];
    const link = linkTo(place.binding, tables);
    return [
      ...owners.flatMap((owner) => followRules(promise, rule, place, owner, promises)),
      ...(link === null ? [] : [made({ ...common, kind: 'orphans', obstacle: null })]),
      ...(place.binding.attachments.some((attachment) => attachment.dataset === undefined) ? [loose()] : []),
    ];
  });
}

/** One rule for each promise by age over the owner. */
function followRules(
  promise: string,
  rule: KeepWith,
  place: Place,
  owner: Place,
  promises: readonly PromiseRule[],
): readonly DisposalRule[] {
  if (owner.binding.table === undefined || owner.name === place.name) return [];
  return promises.flatMap(({ promise: other, rule: owning }) => {
    if (owning.verb !== 'keep' || owning.form !== 'for' || owning.then === 'anonymise') return [];
    if (!owning.data.some((data) => owner.binding.covers.includes(data))) return [];
    const through = linkTo(place.binding, [owner.binding.table ?? ''])?.through[0];
    const clock = clockOf(owner.binding, owning.from);
    const common = { promise, kind: 'follows' as const, rule, place, fate: rule.then, floors: [] };
    if (through === undefined || clock === null)
      return [
        made({
          ...common,
          obstacle: obstacleOf(
            'missing-column',
            place,
            `The data map does not say how rows of ${place.name} lead to rows of ${owner.name}, with which they go.`,
            `Give datasets.${place.name} an account or a subject with a path through ${owner.binding.table}, and datasets.${owner.name} the clock “${owning.from}”.`,
          ),
        }),
      ];
    const floors = floorsOver(other, owner.binding, promises);
    return [made({ ...common, obstacle: null, owner: { through, periods: [{ rule: owning, clock }, ...floors] } })];
  });
}

/** The path of a dataset that begins with one of these tables. */
export function linkTo(binding: Dataset, tables: readonly string[]): Extract<Dataset['account'], object> | null {
  for (const path of [binding.account, ...Object.values(binding.subjects)]) {
    if (path === undefined || typeof path === 'string') continue;
    const [first] = path.through;
    if (first !== undefined && tables.includes(first.table)) return path;
  }
  return null;
}

function eventRule(promise: string, rule: EraseRule, place: Place): DisposalRule {
  const obstacle =
    place.binding.events[rule.on] === undefined
      ? obstacleOf(
          'missing-column',
          place,
          `The data map does not say by which column of ${place.name} the event “${rule.on}” finds its rows.`,
          `Add it under datasets.${place.name}.events.`,
        )
      : null;
  return made({ promise, kind: 'event', rule, place, fate: 'delete', floors: [], obstacle });
}

function endRules(
  promise: string,
  rule: EndRule,
  promises: readonly PromiseRule[],
  map: DataMap,
): readonly DisposalRule[] {
  const excepted = exceptedData(rule, promises);
  return Object.entries(map.datasets)
    .filter(([, binding]) => binding.account !== undefined)
    .filter(([, binding]) => !binding.covers.some((data) => excepted.has(data)))
    .map(([name, binding]) =>
      made({ promise, kind: 'end', rule, place: { name, binding }, fate: 'delete', floors: [], obstacle: null }),
    );
}

/** Categories that stay after a contract's end, by the promises the rule excepts. */
export function exceptedData(rule: EndRule, promises: readonly PromiseRule[]): Map<string, PromiseRule> {
  const excepted = new Map<string, PromiseRule>();
  for (const other of promises) {
    if (!rule.except.includes(other.promise) || other.rule.verb !== 'keep' || !('data' in other.rule)) continue;
    for (const data of other.rule.data) excepted.set(data, other);
  }
  return excepted;
}

function obstacleOf(
  code: Obstacle['code'],
  place: Place,
  explanation: string,
  remedy: string,
  nearest: readonly string[] = [],
): Obstacle {
  return { code, place: place.name, explanation, remedy, nearest };
}

function made(parts: {
  readonly promise: string;
  readonly kind: StepKind;
  readonly rule: DisposalRule['rule'];
  readonly place: Place;
  readonly fate: Fate;
  readonly floors: readonly Floor[];
  readonly owner?: Owner;
  readonly obstacle: Obstacle | null;
}): DisposalRule {
  const { promise, kind, rule, place, fate, floors, obstacle, owner } = parts;
  const approvedOf = { promise, kind, rule, dataset: place.name, binding: place.binding, fate, floors, owner };
  return {
    promise,
    kind,
    rule,
    dataset: place.name,
    system: place.binding.system,
    binding: place.binding,
    fate,
    ruleHash: hashOf(JSON.parse(JSON.stringify(approvedOf))),
    floors,
    owner: owner ?? null,
    obstacle,
  };
}

function hashOf(value: Json): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex');
}
