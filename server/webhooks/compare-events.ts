import { z } from 'zod';
import type { EventKind } from './catalogue-contract.ts';

const releasedSchema = z.object({ kind: z.string(), version: z.number(), schema: z.unknown() });
/** What is remembered of a released kind. */
export type ReleasedKind = z.infer<typeof releasedSchema>;

/** The catalogue as it is remembered: a line of JSON for each kind. */
export function writeReleased(kinds: readonly EventKind[]): string {
  return kinds.map(({ kind, version, schema }) => `${JSON.stringify({ kind, version, schema })}\n`).join('');
}

/** Reads what `writeReleased` wrote. */
export function readReleased(text: string): ReleasedKind[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => releasedSchema.parse(JSON.parse(line)));
}

/**
 * What receivers of the released events would miss, one sentence each; none where they need not change. A kind goes, a
 * field goes, comes no longer always, or has another type; or something changed and the version did not tell.
 */
export function lossesIn(released: readonly ReleasedKind[], kinds: readonly EventKind[]): string[] {
  return released.flatMap((before) => {
    const { kind } = before;
    const now = kinds.find((candidate) => candidate.kind === kind);
    if (now === undefined) return [`${kind} is gone`];
    const lost = lossesOf(before.schema, now.schema, kind);
    const isSame = canonical(before.schema) === canonical(now.schema);
    if (!isSame && now.version <= before.version) lost.push(`${kind} changed, and is still version ${now.version}`);
    return lost;
  });
}

function lossesOf(before: unknown, now: unknown, path: string): string[] {
  const [old, young] = [alternativesOf(before), alternativesOf(now)];
  // Null where there was none is a field that is not always there.
  const strange = [...young.keys()].filter((type) => !old.has(type));
  if (strange.length > 0) return [`${path} may be ${strange.join(' or ')} now`];
  return [...young].flatMap(([type, part]) => {
    const was = old.get(type) ?? {};
    if (type === 'array') return lossesOf(was['items'], part['items'], `${path}[]`);
    if (type !== 'object') return [];
    const fields = recordOf(part['properties']);
    return Object.entries(recordOf(was['properties'])).flatMap(([field, schema]) => {
      const at = `${path}.${field}`;
      if (!Object.hasOwn(fields, field)) return [`${at} is gone`];
      const isOptionalNow = listOf(was['required']).includes(field) && !listOf(part['required']).includes(field);
      return [...(isOptionalNow ? [`${at} is not always there any more`] : []), ...lossesOf(schema, fields[field], at)];
    });
  });
}

type Part = Readonly<Record<string, unknown>>;

/** The types a value can have, each with its schema. */
function alternativesOf(schema: unknown): Map<string, Part> {
  const part = recordOf(schema);
  if (Array.isArray(part['anyOf'])) return new Map(part['anyOf'].flatMap((one) => [...alternativesOf(one)]));
  const types = Array.isArray(part['type']) ? part['type'] : [part['type'] ?? 'anything'];
  return new Map(types.map((type) => [String(type), part]));
}

function recordOf(value: unknown): Part {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Descriptions are for people: another wording is no other version. */
function canonical(schema: unknown): string {
  return JSON.stringify(schema, (key, value: unknown) => {
    if (key === 'description' && typeof value === 'string') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
