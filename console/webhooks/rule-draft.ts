import type { Scheme } from '../../server/webhooks/endpoints-contract.ts';
import type { Condition, MappingRule, MappingTarget, Place } from '../../server/webhooks/mapping-contract.ts';

/** A place as the form holds it: `where` is a pointer, the name of a header or the text itself. */
export interface PlaceDraft {
  readonly in: Place['in'];
  readonly where: string;
}

export interface ConditionDraft {
  readonly key: string;
  readonly at: PlaceDraft;
  readonly is: Condition['is'];
  /** As JSON where it is a number, true, false or null, else as text; several separated by commas. */
  readonly value: string;
}

export interface RuleDraft {
  /** Tells drafts apart while their names change. */
  readonly id: string;
  readonly key: string;
  readonly forEach: string;
  readonly when: readonly ConditionDraft[];
  readonly type: MappingTarget['type'];
  readonly about: PlaceDraft;
  /** Only of a cancelled account; empty where the time of receipt counts. */
  readonly at: PlaceDraft;
}

const nowhere: PlaceDraft = { in: 'body', where: '' };

export function blankCondition(): ConditionDraft {
  return { key: crypto.randomUUID(), at: nowhere, is: 'equal', value: '' };
}

export function blankRule(): RuleDraft {
  const key = crypto.randomUUID();
  const when = [blankCondition()];
  return { id: key, key: '', forEach: '', when, type: 'account.cancelled', about: nowhere, at: nowhere };
}

/** What the senders that are known by name usually mean; to be looked at before it is saved. */
export function exampleRule(kind: Scheme['kind']): RuleDraft {
  const blank = blankRule();
  const equal = (at: PlaceDraft, value: string): ConditionDraft => ({ ...blankCondition(), at, value });
  switch (kind) {
    case 'stripe':
      return {
        ...blank,
        key: 'subscription-ended',
        when: [equal({ in: 'body', where: '/type' }, 'customer.subscription.deleted')],
        about: { in: 'body', where: '/data/object/customer' },
        at: { in: 'body', where: '/data/object/ended_at' },
      };
    case 'shopify':
      return {
        ...blank,
        key: 'customer-redacted',
        when: [equal({ in: 'header', where: 'x-shopify-topic' }, 'customers/redact')],
        type: 'person.deleted',
        about: { in: 'body', where: '/customer/id' },
      };
    case 'meta':
      return {
        ...blank,
        key: 'permission-revoked',
        forEach: '/entry',
        when: [],
        type: 'grant.revoked',
        about: { in: 'item', where: '/uid' },
      };
    default:
      return {
        ...blank,
        key: 'account-cancelled',
        when: [equal({ in: 'body', where: '/type' }, 'account.cancelled')],
        about: { in: 'body', where: '/data/account' },
      };
  }
}

/** Which thing an event is about. */
export const subjectOf = {
  'account.cancelled': 'account',
  'account.reactivated': 'account',
  'grant.revoked': 'grant',
  'person.deleted': 'person',
  'contact.opted-out': 'address',
} as const satisfies Record<MappingTarget['type'], string>;

export function ruleOf(draft: RuleDraft): MappingRule {
  return {
    key: draft.key.trim(),
    forEach: draft.forEach.trim() === '' ? null : draft.forEach.trim(),
    when: draft.when.map(conditionOf),
    event: targetOf(draft),
  };
}

export function draftOfRule(rule: MappingRule): RuleDraft {
  const { event } = rule;
  return {
    id: crypto.randomUUID(),
    key: rule.key,
    forEach: rule.forEach ?? '',
    when: rule.when.map((condition) => ({
      key: crypto.randomUUID(),
      at: draftOfPlace(condition.at),
      is: condition.is,
      value: 'to' in condition ? textOf(condition.to) : '',
    })),
    type: event.type,
    about: draftOfPlace(aboutOf(event)),
    at: event.type === 'account.cancelled' && event.at !== undefined ? draftOfPlace(event.at) : nowhere,
  };
}

function aboutOf(event: MappingTarget): Place {
  switch (event.type) {
    case 'grant.revoked':
      return event.grant;
    case 'person.deleted':
      return event.person;
    case 'contact.opted-out':
      return event.contact;
    default:
      return event.account;
  }
}

function targetOf({ type, about, at }: RuleDraft): MappingTarget {
  const place = placeOf(about);
  switch (type) {
    case 'account.cancelled':
      return { type, account: place, ...(at.where.trim() !== '' && { at: placeOf(at) }) };
    case 'account.reactivated':
      return { type, account: place };
    case 'grant.revoked':
      return { type, grant: place };
    case 'person.deleted':
      return { type, person: place };
    case 'contact.opted-out':
      return { type, contact: place };
  }
}

function conditionOf({ at, is, value }: ConditionDraft): Condition {
  const place = placeOf(at);
  switch (is) {
    case 'present':
    case 'absent':
      return { at: place, is };
    case 'one-of':
      return { at: place, is, to: value.split(',').map((part) => comparableOf(part.trim())) };
    default:
      return { at: place, is, to: comparableOf(value.trim()) };
  }
}

function placeOf({ in: within, where }: PlaceDraft): Place {
  const written = where.trim();
  switch (within) {
    case 'header':
      return { in: within, name: written };
    case 'text':
      return { in: within, text: written };
    default:
      return { in: within, pointer: written };
  }
}

function draftOfPlace(place: Place): PlaceDraft {
  switch (place.in) {
    case 'header':
      return { in: place.in, where: place.name };
    case 'text':
      return { in: place.in, where: place.text };
    default:
      return { in: place.in, where: place.pointer };
  }
}

type Comparable = string | number | boolean | null;

/** `12`, `true` and `null` are what they are in JSON; in double quotes, and otherwise, it is text. */
function comparableOf(written: string): Comparable {
  if (/^(-?\d+(\.\d+)?|true|false|null|"[^"\\]*")$/.test(written)) {
    const value: unknown = JSON.parse(written);
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value;
  }
  return written;
}

function textOf(value: Comparable | readonly Comparable[]): string {
  if (typeof value === 'object' && value !== null) return value.map(textOf).join(', ');
  // A text that would be read as something else is put in quotes.
  return typeof value === 'string' && comparableOf(value) !== value ? JSON.stringify(value) : String(value);
}
