import { z } from 'zod';
import {
  actorSchema,
  endpoint,
  idSchema,
  instantSchema,
  jsonSchema,
  pageOf,
  pageQuerySchema,
  problems,
} from '../platform/contract.ts';

/** For how long a file stays; promised by Kept's own policy, which also lets it go. */
export const FILE_DAYS = 7;
/** How long a link works. A download that began goes on. */
export const LINK_MINUTES = 15;

export const exportFormatSchema = z.enum(['ndjson', 'csv', 'json']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** `expired`: its file is no longer given out, and goes; the rest stays. */
export const exportStateSchema = z.enum(['queued', 'making', 'ready', 'expired', 'cancelled', 'failed']);
export type ExportState = z.infer<typeof exportStateSchema>;

/** Why an export failed. */
export const exportReasonSchema = z.enum([
  /** The storage could not be reached, time and again. */
  'storage-unavailable',
  /** Something went wrong inside Kept, time and again; the log says what. */
  'internal-error',
  /** Not done within a day. */
  'took-too-long',
  /** This version of Kept makes no export of that kind. */
  'kind-gone',
]);
export type ExportReason = z.infer<typeof exportReasonSchema>;

const titleSchema = z.object({ en: z.string(), 'pt-BR': z.string(), es: z.string() });

/** A kind of export that the caller may make. */
export const exportKindSchema = z.object({
  /** `ledger-entries`, `audit-trail`, … */
  kind: z.string(),
  title: titleSchema,
  formats: z.array(exportFormatSchema),
  /** JSON Schema of its parameters, all of them optional. */
  parameters: jsonSchema,
});
export type ExportKindShown = z.infer<typeof exportKindSchema>;

export const exportSchema = z.object({
  id: idSchema('Export'),
  kind: z.string(),
  title: titleSchema,
  format: exportFormatSchema,
  /** What it was narrowed down to; null once it was purged together with the file. */
  parameters: jsonSchema.nullable(),
  state: exportStateSchema,
  reason: exportReasonSchema.nullable(),
  /** How many rows are written, and how many were counted before; null where they were not. The count may be off a little. */
  rows: z.number().int(),
  rowsExpected: z.number().int().nullable(),
  /** Of the file, once it is whole. */
  bytes: z.number().int().nullable(),
  sha256: z.string().nullable(),
  fileName: z.string(),
  askedBy: actorSchema,
  askedAt: instantSchema,
  /** Ready, cancelled or failed since. */
  endedAt: instantSchema.nullable(),
  /** Until when its file can be downloaded. */
  expiresAt: instantSchema.nullable(),
  /** How often it was downloaded: links that were used. */
  downloads: z.number().int(),
});
export type Export = z.infer<typeof exportSchema>;

export const exportsProblems = problems({
  'export-not-found': { status: 404, title: 'There is no such export' },
  'export-kind-unknown': { status: 400, title: 'There is no such kind of export' },
  'export-format-unknown': { status: 400, title: 'This kind of export has no such format' },
  'export-parameters-invalid': { status: 400, title: 'These parameters do not fit this kind of export' },
  'export-not-ready': { status: 409, title: 'This export has no file' },
  'export-ended': { status: 409, title: 'This export has already ended' },
  'too-many-exports': { status: 429, title: 'Too many exports are under way' },
  'link-invalid': { status: 404, title: 'This link does not work, or no longer' },
  'range-not-satisfiable': { status: 416, title: 'The file has no such part' },
});

export const listExportKinds = endpoint({
  method: 'GET',
  path: '/v1/exports/kinds',
  summary: 'Kinds of exports that the caller may make, with their formats and parameters',
  permission: 'exports:read',
  answer: z.object({ items: z.array(exportKindSchema) }),
});

export const listExports = endpoint({
  method: 'GET',
  path: '/v1/exports',
  summary: 'Exports of the kinds that the caller may make, newest first',
  permission: 'exports:read',
  query: pageQuerySchema.extend({
    after: idSchema('Export').optional(),
    kind: z.string().max(60).optional(),
    state: exportStateSchema.optional(),
  }),
  answer: pageOf(exportSchema),
});

export const makeExport = endpoint({
  method: 'POST',
  path: '/v1/exports',
  summary: 'Asks for an export; it is made in the background',
  permission: 'exports:write',
  fresh: true,
  body: z.strictObject({
    kind: z.string().max(60),
    format: exportFormatSchema.default('csv'),
    parameters: z.record(z.string().max(60), jsonSchema).default({}),
  }),
  answer: exportSchema,
  status: 202,
  problems: ['export-kind-unknown', 'export-format-unknown', 'export-parameters-invalid', 'too-many-exports'],
});

const paramsSchema = z.object({ export: idSchema('Export') });

export const getExport = endpoint({
  method: 'GET',
  path: '/v1/exports/:export',
  summary: 'One export with its progress',
  permission: 'exports:read',
  params: paramsSchema,
  answer: exportSchema,
  problems: ['export-not-found'],
});

export const cancelExport = endpoint({
  method: 'POST',
  path: '/v1/exports/:export/cancellation',
  summary: 'Stops an export that is under way; nothing of it stays but that it was asked for',
  permission: 'exports:write',
  params: paramsSchema,
  answer: exportSchema,
  problems: ['export-not-found', 'export-ended'],
});

export const makeDownloadLink = endpoint({
  method: 'POST',
  path: '/v1/exports/:export/links',
  summary: 'A link that downloads the file without signing in, for 15 minutes; supports Range',
  permission: 'exports:write',
  fresh: true,
  params: paramsSchema,
  /** `path` begins with `/v1/exports/files/`; to be put behind the address of the server. */
  answer: z.object({ path: z.string(), expiresAt: instantSchema, bytes: z.number().int(), sha256: z.string() }),
  status: 201,
  problems: ['export-not-found', 'export-not-ready'],
});
