import { isMailAddress } from '../messages/mail-address.ts';
import { instantSchema } from '../platform/contract.ts';
import type { Condition, MappedEvent, MappingRule, MappingTarget, MappingTrouble, Place } from './mapping-contract.ts';
import { at, memberOf, type ReadableWebhook, segmentsOf } from './read-webhook.ts';

/** What rules make of a webhook. */
export interface Mapping {
  readonly events: readonly MappedEvent[];
  readonly trouble: readonly MappingTrouble[];
  /** `failedCondition`: of a rule that never applied, the furthest it came: the first condition that did not hold. */
  readonly rules: readonly {
    readonly rule: string;
    readonly applied: number;
    readonly failedCondition: number | null;
  }[];
}

/** An element that a rule is at, and the pointer to it. */
interface Item {
  readonly value: unknown;
  readonly pointer: string;
}

/** So many elements of one webhook are looked at by a rule. */
const MOST_ITEMS = 1_000;
/** So many events one webhook causes, over all rules: they are one transaction. */
const MOST_EVENTS = 1_000;
const LONGEST_KEY = 500;

/**
 * Applies every rule to a webhook. Pure: nothing is caused, and the same webhook and rules give the same. A rule that
 * applies and cannot be carried out is trouble with the place where it failed; the others are carried out all the same.
 */
export function mapWebhook(rules: readonly MappingRule[], webhook: ReadableWebhook): Mapping {
  const events: MappedEvent[] = [];
  const trouble: MappingTrouble[] = [];
  const applications: Mapping['rules'][number][] = [];
  for (const rule of rules) {
    const { items, problem } = itemsOf(rule, webhook);
    if (problem !== null) trouble.push(problem);
    let applied = 0;
    let failedCondition: number | null = null;
    for (const item of items) {
      const failed = rule.when.findIndex((condition) => !holds(condition, webhook, item));
      if (failed !== -1) {
        failedCondition = Math.max(failed, failedCondition ?? 0);
        continue;
      }
      applied += 1;
      if (events.length >= MOST_EVENTS || trouble.length >= MOST_EVENTS) {
        trouble.push({ rule: rule.key, field: 'forEach', code: 'too-many-items', at: item.pointer });
        break;
      }
      const made = makeEvent(rule, webhook, item);
      if ('code' in made) trouble.push(made);
      else events.push(made);
    }
    applications.push({ rule: rule.key, applied, failedCondition: applied > 0 ? null : failedCondition });
  }
  return { events, trouble, rules: applications };
}

/** The elements a rule looks at: one, the whole, where it says nothing. */
function itemsOf(
  rule: MappingRule,
  webhook: ReadableWebhook,
): { readonly items: readonly Item[]; readonly problem: MappingTrouble | null } {
  const whole: Item = { value: webhook.value, pointer: '' };
  if (rule.forEach === null) return { items: [whole], problem: null };
  const problem = (code: MappingTrouble['code'], pointer: string): MappingTrouble => ({
    rule: rule.key,
    field: 'forEach',
    code,
    at: pointer,
  });
  let lists: Item[] = [whole];
  for (const segment of segmentsOf(rule.forEach))
    lists = lists.flatMap((here) => (segment === '*' ? elementsOf(here) : childOf(here, segment)));
  const odd = lists.find(({ value }) => !Array.isArray(value));
  const items = lists.flatMap(elementsOf);
  if (items.length > MOST_ITEMS)
    return { items: items.slice(0, MOST_ITEMS), problem: problem('too-many-items', rule.forEach) };
  // Whether such a webhook is meant at all is said by the conditions that need no element.
  const meant = rule.when.every((condition) => condition.at.in === 'item' || holds(condition, webhook, whole));
  return { items, problem: odd !== undefined && meant ? problem('not-a-list', odd.pointer) : null };
}

function elementsOf({ value, pointer }: Item): Item[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_ITEMS + 1).map((element: unknown, index) => ({
    value: element,
    pointer: `${pointer}/${index}`,
  }));
}

function childOf({ value, pointer }: Item, segment: string): Item[] {
  const child = memberOf(value, segment);
  const escaped = segment.replaceAll('~', '~0').replaceAll('/', '~1');
  return child === undefined ? [] : [{ value: child, pointer: `${pointer}/${escaped}` }];
}

function holds(condition: Condition, webhook: ReadableWebhook, item: Item): boolean {
  const found = valueAt(condition.at, webhook, item);
  switch (condition.is) {
    case 'present':
      return found !== undefined;
    case 'absent':
      return found === undefined;
    case 'equal':
      return found === condition.to;
    case 'not-equal':
      return found !== condition.to;
    case 'one-of':
      return condition.to.some((value) => value === found);
  }
}

function valueAt(place: Place, webhook: ReadableWebhook, item: Item): unknown {
  switch (place.in) {
    case 'body':
      return at(webhook.value, place.pointer);
    case 'item':
      return at(item.value, place.pointer);
    case 'header':
      return webhook.headers.get(place.name);
    case 'text':
      return place.text;
  }
}

/** How a place is shown to whoever has to mend the rule; never what stands there. */
function nameOf(place: Place, item: Item): string {
  if (place.in === 'header') return `header ${place.name}`;
  if (place.in === 'text') return 'text';
  return place.in === 'item' ? `${item.pointer}${place.pointer}` : place.pointer;
}

function makeEvent(rule: MappingRule, webhook: ReadableWebhook, item: Item): MappedEvent | MappingTrouble {
  const { event } = rule;
  const read = (place: Place) => valueAt(place, webhook, item);
  const trouble = (field: string, place: Place, code: MappingTrouble['code']): MappingTrouble => ({
    rule: rule.key,
    field: `event.${field}`,
    code,
    at: nameOf(place, item),
  });
  const { field, place } = subjectOf(event);
  const about = readKey(read(place));
  if ('code' in about) return trouble(field, place, about.code);
  if (event.type === 'contact.opted-out' && !isMailAddress(about.text.trim()))
    return trouble(field, place, 'not-an-address');
  const text = event.type === 'contact.opted-out' ? about.text.trim() : about.text;
  if (event.type !== 'account.cancelled' || event.at === undefined)
    return { rule: rule.key, type: event.type, about: text, at: null };
  const instant = readInstant(read(event.at));
  if (instant === undefined) return trouble('at', event.at, 'not-an-instant');
  return { rule: rule.key, type: event.type, about: text, at: instant };
}

/** The part of an event that names what it is about. */
function subjectOf(event: MappingTarget): { readonly field: string; readonly place: Place } {
  switch (event.type) {
    case 'account.cancelled':
    case 'account.reactivated':
      return { field: 'account', place: event.account };
    case 'grant.revoked':
      return { field: 'grant', place: event.grant };
    case 'person.deleted':
      return { field: 'person', place: event.person };
    case 'contact.opted-out':
      return { field: 'contact', place: event.contact };
  }
}

function readKey(found: unknown): { readonly text: string } | { readonly code: MappingTrouble['code'] } {
  if (found === undefined || found === null || found === '') return { code: 'value-missing' };
  const text = typeof found === 'number' && Number.isSafeInteger(found) ? String(found) : found;
  if (typeof text !== 'string') return { code: 'value-not-text' };
  if (text.length > LONGEST_KEY) return { code: 'value-too-long' };
  // PostgreSQL holds neither NUL nor half of a surrogate pair.
  if (!text.isWellFormed() || text.includes('\u0000')) return { code: 'value-not-storable' };
  return { text };
}

/** Beyond this a number counts milliseconds: as seconds it would be the year 5138. */
const MOST_SECONDS = 100_000_000_000;

/** ISO 8601 with an offset, or seconds or milliseconds since 1970, as number or digits. */
function readInstant(found: unknown): string | undefined {
  if (typeof found === 'string' && instantSchema.safeParse(found).success) return new Date(found).toISOString();
  const number = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return undefined;
  const instant = new Date(number < MOST_SECONDS ? number * 1000 : number);
  return Number.isNaN(instant.getTime()) || instant.getUTCFullYear() > 9999 ? undefined : instant.toISOString();
}
