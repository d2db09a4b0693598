import { z } from 'zod';

/**
 * Rules that say, without code, what a received webhook means for Kept. All of this is data: a rule reads places and
 * compares them, and can neither compute nor call anything.
 */

/** RFC 6901; empty for the whole. */
export const pointerSchema = z
  .string()
  .max(500)
  .regex(/^(\/([^~]|~[01])*)?$/, 'is no JSON pointer: begin with /, write ~1 for / and ~0 for ~ within a name');

/** Name of an HTTP header, in lower case. */
export const headerNameSchema = z
  .string()
  .max(100)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no name of a header')
  .transform((name) => name.toLowerCase());

/**
 * Where a value stands. `body`: in the JSON or form that came, where the fields of a form are at `/name`; `item`: in the
 * element that the rule is at, see `forEach`; `header`; `text`: always this text.
 */
export const placeSchema = z.discriminatedUnion('in', [
  z.strictObject({ in: z.literal('body'), pointer: pointerSchema }),
  z.strictObject({ in: z.literal('item'), pointer: pointerSchema }),
  z.strictObject({ in: z.literal('header'), name: headerNameSchema }),
  z.strictObject({ in: z.literal('text'), text: z.string().min(1).max(500) }),
]);
export type Place = z.output<typeof placeSchema>;

const comparable = z.union([z.string().max(500), z.number(), z.boolean(), z.null()]);

/** Values are compared as JSON: `"1"` is not `1`. Of a header and of a form everything is text. */
export const conditionSchema = z.discriminatedUnion('is', [
  z.strictObject({ at: placeSchema, is: z.literal('equal'), to: comparable }),
  z.strictObject({ at: placeSchema, is: z.literal('not-equal'), to: comparable }),
  z.strictObject({ at: placeSchema, is: z.literal('one-of'), to: z.array(comparable).min(1).max(100) }),
  z.strictObject({ at: placeSchema, is: z.literal('present') }),
  z.strictObject({ at: placeSchema, is: z.literal('absent') }),
]);
export type Condition = z.output<typeof conditionSchema>;

/**
 * What is made of it. Keys of accounts, grants and persons may be text or whole numbers. `at` may be an instant in ISO
 * 8601 or in seconds or milliseconds since 1970. The address of a contact is hashed at once and stored nowhere.
 */
export const targetSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('account.cancelled'), account: placeSchema, at: placeSchema.optional() }),
  z.strictObject({ type: z.literal('account.reactivated'), account: placeSchema }),
  z.strictObject({ type: z.literal('grant.revoked'), grant: placeSchema }),
  z.strictObject({ type: z.literal('person.deleted'), person: placeSchema }),
  z.strictObject({ type: z.literal('contact.opted-out'), contact: placeSchema }),
]);
export type MappingTarget = z.output<typeof targetSchema>;

export const ruleSchema = z.strictObject({
  /** How it is named in what it made and where it failed. */
  key: z
    .string()
    .max(60)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is a key in lower case with hyphens'),
  /**
   * Where a list stands of whose elements each is looked at; a segment `*` on the way stands for every element of a
   * list. Null: the body as a whole.
   */
  forEach: pointerSchema.nullable().default(null),
  /** All have to hold; none: always. */
  when: z.array(conditionSchema).max(20).default([]),
  event: targetSchema,
});
export type MappingRule = z.output<typeof ruleSchema>;

export const rulesSchema = z
  .array(ruleSchema)
  .max(50)
  .refine((rules) => new Set(rules.map((rule) => rule.key)).size === rules.length, 'two rules have the same key')
  .refine(
    (rules) => rules.every((rule) => rule.forEach !== null || !speaksOfItem(rule)),
    'a rule reads from an item without saying forEach',
  );

function speaksOfItem({ when, event }: MappingRule): boolean {
  const places = [...when.map((condition) => condition.at), ...Object.values(event)];
  return places.some((place) => typeof place === 'object' && place.in === 'item');
}

/** Why a rule that applied could not be carried out, and where. Never what stood there. */
export const mappingTroubleSchema = z.object({
  rule: z.string(),
  /** `event.account`, `event.at`, `forEach`. */
  field: z.string(),
  code: z.enum([
    'value-missing',
    'value-not-text',
    'value-too-long',
    'value-not-storable',
    'not-an-instant',
    'not-an-address',
    'not-a-list',
    'too-many-items',
  ]),
  /** The place that was read, with the number of the element: `/entry/0/changes/2/value/id`, `header x-shop`. */
  at: z.string(),
});
export type MappingTrouble = z.infer<typeof mappingTroubleSchema>;

/** An event as a rule would make it. */
export const mappedEventSchema = z.object({
  rule: z.string(),
  type: z.enum(['account.cancelled', 'account.reactivated', 'grant.revoked', 'person.deleted', 'contact.opted-out']),
  /** The opaque key it is about; of a contact that opted out the address that was found. */
  about: z.string(),
  at: z.iso.datetime({ offset: true }).nullable(),
});
export type MappedEvent = z.infer<typeof mappedEventSchema>;
