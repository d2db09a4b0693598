import { z } from 'zod';
import { findPeriod, periodPattern } from './period.ts';
import { erasingEvents, forbiddenFacts, protectiveMeasures, recordedThings } from './rule.ts';
import { languages, type Wording } from './wording.ts';

/**
 * The policy file as a person writes it. Descriptions travel into the JSON Schema and from there into editors;
 * `rulesOf` (parse-policy.ts) makes the engines' normalised rules from it.
 */

/** What a value should look like, said where a value does not. */
export const expectations = z.registry<{ expected: Wording }>();

/** Words joined by hyphens: names that stand in YAML, in JSON, in addresses and in the ledger without quoting. */
export const keySchema = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  .max(80)
  .register(expectations, {
    expected: {
      'pt-BR': 'um nome em minúsculas, com palavras unidas por hífen, como registro-de-webhook',
      en: 'a name in lower case, its words joined by hyphens, such as webhook-log',
      es: 'un nombre en minúsculas, con palabras unidas por guiones, como registro-de-webhook',
    },
  });

export const periodSchema = z
  .string()
  .regex(periodPattern, { abort: true })
  // What the pattern cannot say: a thousand years at most, or ten of business days.
  .refine((text) => findPeriod(text) !== undefined)
  .register(expectations, {
    expected: {
      'pt-BR':
        'um período ISO 8601 (P30D, P6M, P5Y, PT1H) ou “5 business days”, de no máximo mil anos ou 2600 dias úteis',
      en: 'an ISO 8601 period (P30D, P6M, P5Y, PT1H) or “5 business days”, of a thousand years or 2,600 business days at most',
      es: 'un período ISO 8601 (P30D, P6M, P5Y, PT1H) o “5 business days”, de mil años o 2600 días hábiles como máximo',
    },
  });

const text = z
  .string()
  .min(1)
  .max(20_000)
  .register(expectations, {
    expected: { 'pt-BR': 'um texto não vazio', en: 'a text that is not empty', es: 'un texto no vacío' },
  });

/** A text per language. */
export const textsSchema = z
  .strictObject({ 'pt-BR': text.optional(), en: text.optional(), es: text.optional() })
  .describe('A text per language.');

const keys = z.union([keySchema, z.array(keySchema).min(1)]);
const country = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .register(expectations, {
    expected: {
      'pt-BR': 'um código de país de duas letras maiúsculas (ISO 3166), como BR',
      en: 'a country code of two capital letters (ISO 3166), such as BR',
      es: 'un código de país de dos letras mayúsculas (ISO 3166), como BR',
    },
  });
const timeZone = z
  .string()
  .refine(isTimeZone)
  .register(expectations, {
    expected: {
      'pt-BR': 'um fuso horário IANA, como America/Sao_Paulo',
      en: 'an IANA time zone, such as America/Sao_Paulo',
      es: 'una zona horaria IANA, como America/Sao_Paulo',
    },
  });

export const regimes = ['lgpd', 'gdpr'] as const;
export type Regime = (typeof regimes)[number];

const organisationSchema = z.strictObject({
  name: text.describe('Name of the organisation whose policy this is.'),
  country: country.describe('Country of the organisation; decides how terms of months end.'),
  'time-zone': timeZone.describe('Time zone in which days and months are counted.'),
  regimes: z.array(z.enum(regimes)).min(1).describe('Data protection laws the organisation answers to.'),
  languages: z.array(z.enum(languages)).min(1).describe('Languages the policy is published in, the main one first.'),
  contact: text.describe('Where the data protection officer is reached.'),
});

const sectionSchema = z.strictObject({
  key: keySchema,
  title: textsSchema,
  text: textsSchema.optional().describe('Prose before the promises; numbers of a rule as {promise.for}.'),
  promises: z.array(keySchema).optional().describe('Promises that stand in this section, in order.'),
});

const categorySchema = z.strictObject({
  title: textsSchema.optional(),
  of: keySchema.describe('Whose data: a key of `subjects`.'),
  role: z
    .enum(['controller', 'processor'])
    .describe('Whether the organisation decides about this data or acts on instructions.'),
  holds: z.array(keySchema).min(1).describe('Kinds of data in it, in the organisation’s own words.'),
  copies: z
    .union([z.literal('everything'), z.array(keySchema).min(1)])
    .optional()
    .describe('For backups: the categories they hold copies of.'),
  'governed-by': keys
    .optional()
    .describe('Laws that set a period for this data, as keys of the law packs: `marco-civil-15`.'),
});

const purposeSchema = z.strictObject({
  title: textsSchema.optional(),
  basis: z
    .partialRecord(z.enum(regimes), z.string().min(1))
    .describe('The legal basis per regime as the law cites it: `lgpd: 7-V`, `gdpr: 6-1-b`.'),
  data: keys.describe('Categories of `data` that this purpose uses.'),
});

const fate = z
  .enum(['delete', 'anonymise', 'expire'])
  .describe('What becomes of it: deleted, anonymised, or (files) expired.');
const data = keys.describe('Categories of `data`.');
const within = periodSchema.optional().describe('How late it may be before the promise is broken; P1D unless written.');
const because = keys.optional().describe('Laws that demand or justify the period, as keys of the law packs.');

export const keepSchema = z.union([
  z.strictObject({
    data,
    for: periodSchema.describe('How long it is kept: ISO 8601, or `5 business days`.'),
    from: keySchema.describe('The clock it is counted from; the data map says which column that is.'),
    then: fate,
    within,
    because,
    'in-bulk': z.boolean().optional().describe('Never row by row: whole partitions or one act over everything past.'),
  }),
  z.strictObject({
    data,
    while: z.literal('account-active').describe('The state during which it is kept.'),
    plus: periodSchema.optional().describe('How long it is kept after the state ends.'),
    then: fate,
    within,
    because,
  }),
  z.strictObject({
    data,
    with: keySchema.describe('The category whose records it belongs to and goes with.'),
    then: fate,
    within,
    because,
  }),
  z.strictObject({ every: z.literal('data').describe('Everything the policy names has a rule that holds.'), within }),
  z.strictObject({
    'rest-of': keySchema.describe('The end-of-contract promise whose exceptions stay for their remaining time.'),
    within,
    because,
  }),
  z.strictObject({
    data,
    'set-by': text.describe('Who sets the period, where it is not this organisation. No store can carry that out.'),
  }),
]);

export const eraseSchema = z.strictObject({
  data,
  on: z.enum(erasingEvents).describe('The event at which it goes.'),
  within: periodSchema.describe('How soon after the event it is gone.'),
});

export const endSchema = z.union([
  z.strictObject({
    grace: periodSchema.describe('After cancellation, how long reactivation and export stay possible.'),
    except: z.array(keySchema).optional().describe('Promises whose data stays for its own period.'),
    within,
  }),
  z.strictObject({
    confirms: keySchema.describe('The end-of-contract promise that is confirmed.'),
    to: z.literal('account-owner'),
    within,
  }),
]);

export const protectSchema = z.strictObject({
  measure: z.enum(protectiveMeasures).describe('The measure in force, looked at by a probe.'),
  data: keys.optional().describe('Categories it protects; left out where the measure is about the store.'),
  within,
});

export const recordSchema = z.strictObject({
  data,
  facts: z.array(keySchema).min(1).optional().describe('Facts that every record has; the data map says where.'),
  never: z.array(z.enum(forbiddenFacts)).min(1).optional().describe('What no record ever holds.'),
  each: z.enum(recordedThings).optional().describe('Of what there is one record each: what people do at Kept.'),
  within,
});

/** A verb whose engine is not in this version: its rule is carried as written and never shown as kept. */
const later = z
  .record(z.string(), z.json())
  .optional()
  .describe('A verb this version cannot keep yet: published, and always unproven.');

const says = textsSchema
  .optional()
  .describe('The published sentence; numbers stay in the rule and are filled in: {for}, {within}, {grace}, {plus}.');

export const promiseSchema = z.strictObject({
  ref: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe('Where this promise comes from.'),
  keep: keepSchema.optional(),
  erase: eraseSchema.optional(),
  end: endSchema.optional(),
  protect: protectSchema.optional(),
  record: recordSchema.optional(),
  use: later,
  answer: later,
  ask: later,
  publish: later,
  announce: later,
  share: later,
  tell: later,
  review: later,
  attest: later,
  why: textsSchema.optional().describe('Why the organisation does this.'),
  says,
});
export type PromiseAsWritten = z.infer<typeof promiseSchema>;

export const policySchema = z
  .strictObject({
    kept: z.literal(1).describe('Version of the policy language.'),
    title: textsSchema.optional().describe('Title of the published document.'),
    organisation: organisationSchema,
    sections: z.array(sectionSchema).optional().describe('The published document: sections in order.'),
    subjects: z.record(keySchema, textsSchema).describe('Whose data there is.'),
    data: z.record(keySchema, categorySchema).describe('Categories of data.'),
    purposes: z.record(keySchema, purposeSchema).describe('What data is used for, and on which legal basis.'),
    promises: z.record(keySchema, promiseSchema).describe('What is promised: one verb each.'),
  })
  .meta({ title: 'Kept policy', description: 'A privacy policy that Kept executes and proves.' });
export type PolicyDocument = z.infer<typeof policySchema>;

/** One or several, as a list. */
export function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
