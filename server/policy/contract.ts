import { z } from 'zod';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema, problems } from '../platform/contract.ts';

/** A text in the product's three languages; a policy may leave out those its organisation does not publish. */
export const localisedSchema = z.object({
  'pt-BR': z.string().optional(),
  en: z.string().optional(),
  es: z.string().optional(),
});
export type Localised = z.infer<typeof localisedSchema>;

export const statusSchema = z.enum(['kept', 'due', 'broken', 'unproven']);
/** *Kept* only when measured in the real store within its freshness window; see docs/policy-language.md. */
export type Status = z.infer<typeof statusSchema>;

/** Why a status is what it is: a stable code with its figures, and the sentence in three languages. */
export const reasonSchema = z.object({
  code: z.string(),
  figures: z.record(z.string(), z.union([z.string(), z.number()])),
  text: localisedSchema,
});
export type Reason = z.infer<typeof reasonSchema>;

/** What was counted in one dataset. Counts are rows (or files). */
export const placeMeasureSchema = z.object({
  dataset: z.string(),
  system: z.string(),
  rows: z.number().int(),
  /** Past the period, within the tolerance. */
  due: z.number().int(),
  /** Past the period and the tolerance. */
  broken: z.number().int(),
  /** Past the period but under a hold. */
  held: z.number().int(),
  /** Past the period but kept by a statutory exception. */
  excepted: z.number().int(),
  oldestAt: instantSchema.nullable(),
});
export type PlaceMeasure = z.infer<typeof placeMeasureSchema>;

/** One look at the real store. `oldestAt` is the oldest datum that counts towards the limit (held and excepted ones do not). */
export const measurementSchema = z.object({
  status: statusSchema,
  reason: reasonSchema.nullable(),
  measuredAt: instantSchema,
  oldestAt: instantSchema.nullable(),
  /** Age of that datum and the promise's limits, in seconds at `measuredAt`; null where age is not what is promised. */
  ageSeconds: z.number().nullable(),
  limitSeconds: z.number().nullable(),
  toleranceSeconds: z.number().nullable(),
  places: z.array(placeMeasureSchema),
});
export type Measurement = z.infer<typeof measurementSchema>;

/** A promise as the board shows it. */
export const promiseSchema = z.object({
  promise: z.string(),
  refs: z.array(z.string()),
  verb: z.string(),
  /** The section of the published document it stands in. */
  section: z.string(),
  /** The sentence with its numbers filled in. */
  sentence: localisedSchema,
  why: localisedSchema.nullable(),
  /** The period in words, null where the promise has none. */
  period: localisedSchema.nullable(),
  data: z.array(z.string()),
  law: z.array(z.object({ key: z.string(), citation: z.string(), title: localisedSchema })),
  status: statusSchema,
  attested: z.boolean(),
  /** The status's reason; also says so when the proof is stale or was never made. */
  reason: reasonSchema.nullable(),
  measurement: measurementSchema.nullable(),
  /** Until when the measurement counts as fresh. */
  freshUntil: instantSchema.nullable(),
  /** The ledger entry of the measurement. */
  entry: idSchema('Entry').nullable(),
});
export type PromiseRow = z.infer<typeof promiseSchema>;

export const boardSchema = z.object({
  organisation: z.object({
    name: z.string(),
    timeZone: z.string(),
    languages: z.array(z.string()),
    contact: z.string(),
  }),
  version: z.object({ hash: z.string(), number: z.number().int(), publishedAt: instantSchema }).nullable(),
  at: instantSchema,
  counts: z.object({ kept: z.number(), due: z.number(), broken: z.number(), unproven: z.number() }),
  /** In the order of the document. */
  promises: z.array(promiseSchema),
});
export type Board = z.infer<typeof boardSchema>;

/** One finding of `kept check`. Lines and columns count from 1; null where the finding is about the document as a whole. */
export const findingSchema = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
  /** Dotted path in the document: `promises.webhook-log-30-days.keep.for`. */
  path: z.string(),
  message: localisedSchema,
  why: localisedSchema,
  /** The law's own citation, `Lei 12.965/2014, art. 15`. */
  article: z.string().nullable(),
  remedy: localisedSchema,
});
export type Finding = z.infer<typeof findingSchema>;

export const documentSchema = z.object({
  title: localisedSchema,
  organisation: boardSchema.shape.organisation,
  version: boardSchema.shape.version,
  languages: z.array(z.string()),
  /** The published text: sections in order, each with prose and the keys of its promises. */
  sections: z.array(
    z.object({
      section: z.string(),
      title: localisedSchema,
      text: localisedSchema.nullable(),
      promises: z.array(z.string()),
    }),
  ),
  data: z.array(
    z.object({
      data: z.string(),
      title: localisedSchema,
      of: z.string(),
      role: z.enum(['controller', 'processor']),
      holds: z.array(z.string()),
    }),
  ),
  subjects: z.array(z.object({ subject: z.string(), title: localisedSchema })),
  purposes: z.array(
    z.object({
      purpose: z.string(),
      title: localisedSchema,
      basis: z.record(z.string(), z.string()),
      data: z.array(z.string()),
    }),
  ),
});
export type PolicyPage = z.infer<typeof documentSchema>;

export const versionSchema = z.object({
  hash: z.string(),
  number: z.number().int(),
  parent: z.string().nullable(),
  publishedAt: instantSchema,
  entry: idSchema('Entry').nullable(),
});

export const policyProblems = problems({
  'policy-unreadable': { status: 400, title: 'The policy cannot be read' },
  'policy-has-errors': { status: 422, title: 'The policy has errors' },
  'parent-is-not-current': { status: 409, title: 'The policy was changed meanwhile' },
  'no-policy': { status: 404, title: 'No policy is published yet' },
  'promise-not-found': { status: 404, title: 'There is no such promise' },
  'version-not-found': { status: 404, title: 'There is no such version' },
});

/** The pages here count down; `after` is the number that `next` named. */
const numberedPageSchema = pageQuerySchema.extend({
  after: z
    .string()
    .regex(/^\d{1,9}$/, 'must be the `next` of the page before')
    .optional(),
});

/** The board. */
export const listPromises = endpoint({
  method: 'GET',
  path: '/v1/policy/promises',
  summary: 'The board: every promise of the version in force with its latest proof',
  permission: 'policy:read',
  answer: boardSchema,
});

/** A point of a promise's history. */
export const proofSchema = z.object({ measurement: measurementSchema, entry: idSchema('Entry').nullable() });

export const getPromise = endpoint({
  method: 'GET',
  path: '/v1/policy/promises/:promise',
  summary: 'One promise, its rule as written, its findings and its history of proofs, newest first',
  permission: 'policy:read',
  params: z.object({ promise: z.string() }),
  query: numberedPageSchema,
  answer: z.object({
    promise: promiseSchema,
    /** The promise's part of the policy file. */
    source: z.string(),
    findings: z.array(findingSchema),
    history: pageOf(proofSchema),
  }),
  problems: ['promise-not-found', 'no-policy'],
});

export const readPolicy = endpoint({
  method: 'GET',
  path: '/v1/policy/document',
  summary: 'The version in force as the document people read',
  permission: 'policy:read',
  answer: documentSchema,
  problems: ['no-policy'],
});

export const publishPolicy = endpoint({
  method: 'POST',
  path: '/v1/policy/versions',
  summary: 'Publish a new version; it names the version it was made from',
  permission: 'policy:write',
  /** YAML source; `parent` is the hash of the version in force, null for the first. Publishing the version in force again is no change. */
  body: z.object({ source: z.string().max(2_000_000), parent: z.string().nullable() }),
  answer: z.object({ version: versionSchema, findings: z.array(findingSchema), changed: z.boolean() }),
  status: 201,
  problems: ['policy-unreadable', 'policy-has-errors', 'parent-is-not-current'],
});

export const listVersions = endpoint({
  method: 'GET',
  path: '/v1/policy/versions',
  summary: 'Versions, newest first',
  permission: 'policy:read',
  query: numberedPageSchema,
  answer: pageOf(versionSchema),
});

export const getVersion = endpoint({
  method: 'GET',
  path: '/v1/policy/versions/:hash',
  summary: 'One version with its source and canonical JSON',
  permission: 'policy:read',
  params: z.object({ hash: z.string() }),
  answer: z.object({ version: versionSchema, source: z.string(), canonical: z.string() }),
  problems: ['version-not-found'],
});

export const checkPolicy = endpoint({
  method: 'POST',
  path: '/v1/policy/check',
  summary: 'Findings of a policy text, without publishing it',
  permission: 'policy:read',
  body: z.object({ source: z.string().max(2_000_000) }),
  answer: z.object({ hash: z.string().nullable(), findings: z.array(findingSchema) }),
});

/** Measures now, all promises or one; answers with the board after it. */
export const measurePromises = endpoint({
  method: 'POST',
  path: '/v1/policy/measurements',
  summary: 'Measure promises in the real stores now',
  permission: 'policy:write',
  body: z.object({ promises: z.array(z.string()).optional() }),
  answer: boardSchema,
  problems: ['promise-not-found', 'no-policy'],
});

export const policySchemaDocument = endpoint({
  method: 'GET',
  path: '/v1/policy/schema.json',
  summary: 'JSON Schema of the policy file, for editors',
  permission: 'public',
  answer: z.record(z.string(), z.unknown()),
});
