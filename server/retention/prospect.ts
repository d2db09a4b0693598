import type { Exclusion, Inspection, Obstacle, Target } from '../connectors/connector.ts';
import { type Basis, heldTarget, isBulkOnly, placesWithDatasets } from './basis.ts';
import type { HoldTarget } from './contract.ts';
import { type Aim, aimOf, type Circumstances } from './disposal-condition.ts';
import { clockOf, type DisposalRule } from './disposal-rule.ts';
import { leafFirst } from './order.ts';
import { inspectOnce, obstacleFrom, type Systems, troubleOf } from './systems.ts';

/** A rule with what its store says about carrying it out now. */
export interface Prospect {
  readonly rule: DisposalRule;
  /** Null where the rule means no row at this instant, whatever the store holds. */
  readonly aim: Aim | null;
  /** Null where the store could not be looked at; `obstacles` says why. */
  readonly inspection: Inspection | null;
  readonly obstacles: readonly Obstacle[];
  readonly target: Target;
  readonly exclusion: Exclusion;
  /** Why it stands where it does in the order. */
  readonly orderReason: string;
}

/** Looks at every dataset of the rules and puts them in the order of execution, leaf first. */
export async function prospectsOf(
  basis: Basis,
  rules: readonly DisposalRule[],
  circumstances: Circumstances,
  holds: readonly HoldTarget[],
  systems: Systems,
): Promise<Prospect[]> {
  const looks = new Map<DisposalRule, Look>();
  for (const rule of rules) looks.set(rule, await lookAt(basis, rule, systems));

  const prospects = rules.map((rule) => {
    const look = looks.get(rule);
    const guardedBy = guardsOf(basis, rule, look?.inspection ?? null);
    const { target, exclusion } = heldTarget(
      basis,
      rule.dataset,
      { bulkOnly: isBulkOnly(basis, rule.dataset), guardedBy },
      holds,
    );
    return {
      rule,
      aim: aimOf(rule, circumstances),
      inspection: look?.inspection ?? null,
      obstacles: obstaclesOf(basis, rule, look),
      target,
      exclusion,
      orderReason: '',
      place: placeOf(rule.system, rule.binding.table ?? rule.dataset),
      parents: parentsOf(rule, look, basis),
      last: rule.dataset === basis.map.accounts?.dataset,
    };
  });
  return leafFirst(prospects.filter((prospect) => !isImpossible(prospect))).map(
    ({ place, parents, last, ...prospect }) => ({
      ...prospect,
      orderReason: orderReason(place, parents, last),
    }),
  );
}

/** A foreign key to the owner means that there are no orphans, and nothing to plan. */
function isImpossible({ rule, aim, inspection }: Pick<Prospect, 'rule' | 'aim' | 'inspection'>): boolean {
  if (rule.kind !== 'orphans' || aim?.condition.kind !== 'orphaned') return false;
  const owner = aim.condition.path.through[0]?.table;
  return inspection?.references.some(({ table }) => table === owner) === true;
}

interface Look {
  readonly inspection: Inspection | null;
  readonly obstacles: readonly Obstacle[];
}

async function lookAt(basis: Basis, rule: DisposalRule, systems: Systems): Promise<Look> {
  try {
    const inspection = await inspectRule(basis, rule, systems);
    return { inspection, obstacles: inspection.obstacles };
  } catch (error) {
    return { inspection: null, obstacles: [obstacleFrom(rule.dataset, troubleOf(error))] };
  }
}

/**
 * What the store says about carrying a rule out.
 * @throws SystemUnreachable, StatementRefused
 */
export function inspectRule(basis: Basis, rule: DisposalRule, systems: Systems): Promise<Inspection> {
  const { target } = heldTarget(basis, rule.dataset, { bulkOnly: isBulkOnly(basis, rule.dataset) }, []);
  return inspectOnce(
    systems,
    rule.system,
    target,
    clockColumn(rule),
    rule.fate === 'anonymise' ? 'anonymise' : 'delete',
  );
}

/** The column that the age of a row is read from; null where the rule asks for no age. */
export function clockColumn({ rule, binding }: DisposalRule): string | null {
  return rule.verb === 'keep' && rule.form === 'for' ? clockOf(binding, rule.from) : null;
}

/** Foreign keys by which rows of other datasets keep rows of this one. */
export function guardsOf(basis: Basis, rule: DisposalRule, inspection: Inspection | null): string[] {
  const tables = placesWithDatasets(basis, rule.system);
  return (inspection?.dependants ?? [])
    .filter(({ table }) => tables.has(table) && table !== rule.binding.table)
    .map(({ constraint }) => constraint);
}

function obstaclesOf(basis: Basis, rule: DisposalRule, look: Look | undefined): Obstacle[] {
  const obstacles = [...(rule.obstacle === null ? [] : [rule.obstacle]), ...(look?.obstacles ?? [])];
  if (isBulkOnly(basis, rule.dataset) && rule.kind !== 'age')
    obstacles.push({
      code: 'bulk-needs-partitions',
      place: rule.dataset,
      explanation: `Rows of ${rule.dataset} go only in bulk by their age, so ${rule.promise} cannot take single ones.`,
      remedy: `Except its promise from ${rule.promise}, or give up “in-bulk”.`,
      nearest: [],
    });
  return obstacles;
}

function placeOf(system: string, table: string): string {
  return `${system} ${table}`;
}

/** Tables whose rows this rule's dataset points at. */
function parentsOf(rule: DisposalRule, look: Look | undefined, basis: Basis): string[] {
  const parents = (look?.inspection?.references ?? [])
    .filter(({ constraint }) => !broken(basis, constraint))
    .map(({ table }) => placeOf(rule.system, table));
  // Loose files are looked for when the rows that name files have gone.
  const files = rule.binding.attachments.flatMap((attachment) =>
    attachment.dataset === undefined ? [] : [placeOf(attachment.system, attachment.dataset)],
  );
  return [...parents, ...files];
}

function broken(basis: Basis, constraint: string): boolean {
  return Object.values(basis.map.datasets).some((dataset) => dataset['break-cycle-at'].includes(constraint));
}

function orderReason(place: string, parents: readonly string[], last: boolean): string {
  if (last) return 'The row of the account itself goes last.';
  const others = parents.filter((parent) => parent !== place).map((parent) => parent.split(' ').slice(1).join(' '));
  return others.length === 0 ? '' : `Goes before ${others.join(', ')}, which it points at.`;
}
