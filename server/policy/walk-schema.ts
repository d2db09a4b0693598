import { z } from 'zod';
import type { Json } from '../platform/contract.ts';
import type { DocumentPath } from './finding-text.ts';
import { expectations } from './language.ts';

type Issue = z.core.$ZodIssue;

/** The schema that governs the value at a path, through optional parts and the nearest branches of unions. */
export function schemaAt(
  schema: z.core.$ZodType,
  path: DocumentPath,
  value: Json | undefined,
): z.core.$ZodType | undefined {
  const [part, ...rest] = path;
  const bare = unwrap(schema);
  if (bare instanceof z.ZodUnion) {
    if (path.length === 0 && expectations.has(bare)) return bare;
    const options: readonly z.core.$ZodType[] = bare.options;
    const failures: (readonly Issue[])[] = options.map((option) => z.safeParse(option, value).error?.issues ?? []);
    const nearest = nearestBranch(failures);
    const chosen = nearest === undefined ? undefined : options[failures.indexOf(nearest)];
    return chosen === undefined ? undefined : schemaAt(chosen, path, value);
  }
  if (part === undefined) return bare;
  const inner = value === undefined ? undefined : valueAt(value, [part]);
  if (bare instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = bare.shape;
    const field = Object.hasOwn(shape, String(part)) ? shape[String(part)] : undefined;
    return field === undefined ? undefined : schemaAt(field, rest, inner);
  }
  if (bare instanceof z.ZodRecord) return schemaAt(bare.valueType, rest, inner);
  if (bare instanceof z.ZodArray) return schemaAt(bare.element, rest, inner);
  return undefined;
}

/**
 * The branch of a union that the writer most likely meant: the one with the least to change, where a wrong kind of
 * value weighs more than any number of names.
 */
export function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  let best: { branch: readonly Issue[]; cost: number } | undefined;
  for (const branch of branches) {
    let cost = 0;
    for (const issue of branch) {
      if (issue.code === 'unrecognized_keys') cost += issue.keys.length;
      else if (issue.path.length === 0) cost += 1000;
      else cost += 1;
    }
    if (best === undefined || cost < best.cost) best = { branch, cost };
  }
  return best?.branch;
}

/** The names a mapping may have, in the order the language presents them; none where any name will do. */
export function knownKeys(schema: z.core.$ZodType | undefined): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String);
  return [];
}

export function valueAt(value: Json, path: DocumentPath): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.entries(here).find(([key]) => key === String(part))?.[1];
  }
  return here;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}
