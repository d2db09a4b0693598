import { z } from 'zod';
import { endpoint, instantSchema, problems } from '../platform/contract.ts';
import { findingSchema } from '../policy/contract.ts';

/** A name within the data map. */
export const mapKeySchema = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a key is lower case words joined by hyphens');
const key = mapKeySchema;

/**
 * A column, or a column of a table reached through foreign keys:
 * `account_id` or `{ column: account_id, through: [{ table: public.message, from: message_id, to: id }] }`.
 */
export const pathSchema = z.union([
  z.string(),
  z.strictObject({
    column: z.string(),
    through: z.array(z.strictObject({ table: z.string(), from: z.string(), to: z.string() })).min(1),
  }),
]);

export const anonymisationSchema = z.union([
  z.literal('null'),
  z.literal('keyed-hash'),
  z.strictObject({ fixed: z.string() }),
  z.strictObject({ generalise: z.enum(['year', 'month', 'network']) }),
  z.strictObject({ generalise: z.literal('prefix'), keep: z.number().int().min(0) }),
  z.strictObject({ fake: z.enum(['email', 'phone', 'digits', 'text']) }),
]);

export const systemSchema = z.strictObject({
  /** `s3`: a bucket of S3-compatible storage; its datasets say `folder` as those of a folder do. */
  kind: z.enum(['postgres', 'folder', 's3']),
  /** Name of the secret that holds the connection URL, the folder's path or the bucket's address; the value is never in this file. */
  credential: z.string(),
  title: z.string().optional(),
});

/** One dataset: where a category of the policy really lies. */
export const datasetSchema = z.strictObject({
  /** Categories of the policy's `data` that this dataset holds. */
  covers: z.array(key).min(1),
  system: key,
  /** `schema.table`; for folders use `folder`. */
  table: z.string().optional(),
  folder: z.string().optional(),
  /** For folders: glob over relative paths, and whether a file's age is its modification time or the date in its name. */
  files: z.strictObject({ match: z.string(), clock: z.enum(['modified', 'name']).default('modified') }).optional(),
  key: z.array(z.string()).default([]),
  /** Clock name of the policy → column with the instant (or date) it starts. */
  clocks: z.record(key, z.string()).default({}),
  account: pathSchema.optional(),
  subjects: z.record(key, pathSchema).default({}),
  attachments: z.array(z.strictObject({ column: z.string(), system: key, dataset: key.optional() })).default([]),
  /** Columns by which an event finds its rows: `grant-revoked: grant_id`. */
  events: z.record(key, z.string()).default({}),
  anonymise: z.record(z.string(), anonymisationSchema).default({}),
  /** Column set to the time of anonymisation, so that a row is not done twice. Required where `anonymise` is given. */
  'anonymised-at': z.string().optional(),
  /**
   * What a probe looks at: `secret: { column, prefix }`, `hash: { column, kinds }`, `ip: column`,
   * `key-reference: { column, table, to }`, `text: [columns]`.
   */
  fields: z
    .strictObject({
      secret: z.strictObject({ column: z.string(), prefix: z.string().optional() }).optional(),
      hash: z
        .strictObject({ column: z.string(), kinds: z.array(z.enum(['argon2id', 'bcrypt', 'sha-256'])).min(1) })
        .optional(),
      ip: z.string().optional(),
      'key-reference': z.strictObject({ column: z.string(), table: z.string(), to: z.string() }).optional(),
      text: z.array(z.string()).optional(),
    })
    .default({}),
  /** Fact of a `record` promise → the column that holds it, or several of which one is enough. */
  facts: z.record(key, z.union([z.string(), z.array(z.string()).min(1)])).optional(),
  /** `kept` disposes; `elsewhere` means that the system rotates by itself and Kept only measures. */
  'disposed-by': z.enum(['kept', 'elsewhere']).default('kept'),
  'break-cycle-at': z.array(z.string()).default([]),
  /** Share of the dataset (0–1) above which a run waits for a person; a fifth when absent. */
  brake: z.number().gt(0).max(1).optional(),
});
export type Dataset = z.infer<typeof datasetSchema>;

/** Where the organisation's own accounts are, so that contract ends are seen. */
export const accountSourceSchema = z.strictObject({
  system: key,
  table: z.string(),
  key: z.string(),
  state: z.string(),
  /** Values of the state column → Kept's states. */
  states: z.record(z.string(), z.enum(['active', 'cancelled', 'ended'])),
  'cancelled-at': z.string(),
  'owner-email': pathSchema.optional(),
  /** The dataset whose row is the account itself, which goes last. */
  dataset: key,
});

export const dataMapSchema = z.strictObject({
  'kept-map': z.literal(1),
  systems: z.record(key, systemSchema),
  accounts: accountSourceSchema.optional(),
  datasets: z.record(key, datasetSchema),
});
export type DataMap = z.infer<typeof dataMapSchema>;

export const dataMapProblems = problems({
  'data-map-unreadable': { status: 400, title: 'The data map cannot be read' },
  'data-map-has-errors': { status: 422, title: 'The data map does not fit the policy' },
  'data-map-changed': { status: 409, title: 'The data map was changed meanwhile' },
  'no-data-map': { status: 404, title: 'No data map yet' },
  'credential-unknown': { status: 422, title: 'No credential is known under this name' },
  'system-unreachable': { status: 502, title: 'The system did not answer' },
});

export const mapVersionSchema = z.object({ hash: z.string(), number: z.number().int(), publishedAt: instantSchema });

export const readDataMap = endpoint({
  method: 'GET',
  path: '/v1/datamap',
  summary: 'The data map in force and how it covers the policy',
  permission: 'datamap:read',
  answer: z.object({
    version: mapVersionSchema,
    source: z.string(),
    map: dataMapSchema,
    /** Each dataset with the promises that reach it, and each category of the policy without a dataset. */
    coverage: z.array(z.object({ dataset: z.string(), promises: z.array(z.string()) })),
    uncovered: z.array(z.string()),
  }),
  problems: ['no-data-map'],
});

export const publishDataMap = endpoint({
  method: 'POST',
  path: '/v1/datamap/versions',
  summary: 'Publish a new data map; refused where it does not fit the policy, with the nearest names',
  permission: 'datamap:write',
  body: z.object({ source: z.string().max(2_000_000), parent: z.string().nullable() }),
  answer: z.object({ version: mapVersionSchema, findings: z.array(findingSchema), changed: z.boolean() }),
  status: 201,
  problems: ['data-map-unreadable', 'data-map-has-errors', 'data-map-changed'],
});

export const checkDataMap = endpoint({
  method: 'POST',
  path: '/v1/datamap/check',
  summary: 'Findings of a data map against a policy, without publishing either',
  permission: 'datamap:read',
  body: z.object({ source: z.string().max(2_000_000), policy: z.string().max(2_000_000).nullable() }),
  answer: z.object({ findings: z.array(findingSchema) }),
});

/** Drafts a policy and a data map from a live PostgreSQL schema; used by `kept init`. */
export const draftDataMap = endpoint({
  method: 'POST',
  path: '/v1/datamap/drafts',
  summary: 'Draft a policy and a data map from a live schema',
  permission: 'datamap:write',
  /** `credential` names the secret with the connection URL. */
  body: z.object({
    credential: z.string(),
    organisation: z.string(),
    country: z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters, such as BR'),
    timeZone: z.string(),
  }),
  answer: z.object({ policy: z.string(), dataMap: z.string(), notes: z.array(z.string()) }),
  problems: ['credential-unknown', 'system-unreachable'],
});

export const dataMapSchemaDocument = endpoint({
  method: 'GET',
  path: '/v1/datamap/schema.json',
  summary: 'JSON Schema of the data map file, for editors',
  permission: 'public',
  answer: z.record(z.string(), z.unknown()),
});
