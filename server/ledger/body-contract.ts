import { z } from 'zod';
import { civilDateSchema, idSchema, instantSchema, type Json } from '../platform/contract.ts';

/**
 * What the body of entries of one kind holds. `version` begins at 1 and rises with every change; a released body never
 * loses a field, and none of its fields changes its meaning (`kinds-snapshot.test.ts`).
 */
export interface EntryBody {
  readonly version: number;
  readonly schema: z.ZodObject;
  readonly example: { readonly [field: string]: Json };
}

/** Declares a body: its fields, all there are, and an example, which the compiler checks. */
export function bodyOf<const Fields extends z.ZodRawShape>(
  fields: Fields,
  example: z.input<z.ZodObject<Fields>> & { readonly [field: string]: Json },
  version = 1,
): EntryBody {
  return { version, schema: z.strictObject(fields), example };
}

/** An opaque id, with what it is the id of. */
export function idOf(kind: string, of: string) {
  return idSchema(kind).describe(of);
}

/** How many there are of something. */
export function countOf(what: string) {
  return z.number().int().nonnegative().describe(what);
}

/** A short word of a vocabulary that grows, such as the code of a problem: `sign-in-refused`. */
export function codeOf(what: string) {
  return z
    .string()
    .regex(/^[a-zA-Z0-9]+([-._:][a-zA-Z0-9]+)*$/)
    .max(200)
    .describe(what);
}

/** A word of a vocabulary that is closed. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, what: string) {
  return z.enum(words).describe(what);
}

/** The key by which a document of the organisation names something: a promise, a dataset. */
export function keyOf(what: string) {
  return z.string().min(1).max(500).describe(what);
}

export function hashOf(what: string) {
  return z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(what);
}

export function instantOf(what: string) {
  return instantSchema.describe(what);
}

export function dateOf(what: string) {
  return civilDateSchema.describe(what);
}

/** Opaque ids for examples: UUIDv7, as all ids are. */
export const exampleId = '01932b5e-7c00-7000-8000-0000000000a1';
export const otherExampleId = '01932b5e-7c00-7000-8000-0000000000b2';
export const exampleHash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
