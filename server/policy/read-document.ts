import { z } from 'zod';
import type { Json } from '../platform/contract.ts';
import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf, inOrder } from './finding-text.ts';
import { expectations } from './language.ts';
import { nearestNames } from './nearest.ts';
import { type Places, readYaml } from './read-yaml.ts';
import { kindWords, shapeFindings } from './shape-findings.ts';
import { listed, sameInAll, type Wording, wordingOf } from './wording.ts';

export interface DocumentReading<T> {
  /** Undefined where the file has not the shape; `findings` then says where and what to do. */
  readonly value: T | undefined;
  readonly findings: Finding[];
  readonly places: Places;
}

/** Reads a YAML file against a schema; every error names its place, and the nearest known name where one is unknown. */
export function readDocument<T>(source: string, schema: z.ZodType<T>): DocumentReading<T> {
  const { value, findings, places } = readYaml(source);
  if (value === undefined) return { value: undefined, findings: inOrder(findings), places };
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return { value: parsed.data, findings, places };
  const problems = parsed.error.issues.flatMap((issue) => findingsOf(issue, [], schema, value, places));
  return { value: undefined, findings: inOrder(problems), places };
}

type Issue = z.core.$ZodIssue;

function findingsOf(issue: Issue, base: DocumentPath, schema: z.core.$ZodType, value: Json, places: Places): Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const known = knownKeys(schemaAt(schema, path, value));
        const suggestion = suggestionOf(key, known);
        const here = [...path, key];
        return findingOf('unknown-key', shapeFindings['unknown-key'], here, places.keyAt(here), { key, suggestion });
      });
    case 'invalid_union': {
      const branch = nearestBranch(issue.errors);
      if (branch === undefined) return [formFinding(path, schema, value, places)];
      return branch.flatMap((inner) => findingsOf(inner, path, schema, value, places));
    }
    case 'invalid_type':
      return [typeFinding(path, issue.expected, schema, value, places)];
    case 'invalid_value': {
      if (valueAt(value, path) === undefined) return [typeFinding(path, 'value', schema, value, places, issue.values)];
      const options = issue.values.map(String);
      const given = textOf(valueAt(value, path));
      const figures = { value: given, suggestion: suggestionOf(given, options) };
      return [findingOf('wrong-value', shapeFindings['wrong-value'], path, places.valueAt(path), figures)];
    }
    case 'invalid_key': {
      const key = String(path.at(-1));
      const record = schemaAt(schema, path.slice(0, -1), value);
      if (record instanceof z.ZodRecord && record.keyType instanceof z.ZodEnum) {
        const suggestion = suggestionOf(key, record.keyType.options.map(String));
        return [findingOf('unknown-key', shapeFindings['unknown-key'], path, places.keyAt(path), { key, suggestion })];
      }
      const expected = record instanceof z.ZodRecord ? expectedOf(record.keyType) : kind('string');
      return [findingOf('wrong-form', shapeFindings['wrong-form'], path, places.keyAt(path), { value: key, expected })];
    }
    case 'too_small':
      if (issue.origin !== 'array') return [formFinding(path, schema, value, places)];
      return [findingOf('empty-list', shapeFindings['empty-list'], path, places.valueAt(path), {})];
    default:
      return [formFinding(path, schema, value, places)];
  }
}

function typeFinding(
  path: DocumentPath,
  expectedKind: string,
  schema: z.core.$ZodType,
  value: Json,
  places: Places,
  options: readonly unknown[] = [],
): Finding {
  const at = schemaAt(schema, path, value);
  const known = at === undefined ? undefined : expectations.get(at)?.expected;
  const choices = options.length > 0 ? wordingOf((language) => listed(options.map(String), 'or', language)) : undefined;
  const expected = known ?? choices ?? (at === undefined ? kind(expectedKind) : expectedOf(at));
  const given = valueAt(value, path);
  if (given === undefined) {
    const figures = { key: String(path.at(-1) ?? ''), expected };
    return findingOf('missing-key', shapeFindings['missing-key'], path, places.keyAt(path.slice(0, -1)), figures);
  }
  const figures = { expected, received: kind(kindOf(given)) };
  return findingOf('wrong-kind', shapeFindings['wrong-kind'], path, places.valueAt(path), figures);
}

function formFinding(path: DocumentPath, schema: z.core.$ZodType, value: Json, places: Places): Finding {
  const at = schemaAt(schema, path, value);
  const figures = { value: textOf(valueAt(value, path)), expected: at === undefined ? kind('value') : expectedOf(at) };
  return findingOf('wrong-form', shapeFindings['wrong-form'], path, places.valueAt(path), figures);
}

/**
 * The branch of a union that the writer most likely meant: the one with the least to change, where a wrong kind of
 * value weighs more than any number of names.
 */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
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

/** The schema that governs the value at a path, through optional parts and the nearest branches of unions. */
function schemaAt(schema: z.core.$ZodType, path: DocumentPath, value: Json | undefined): z.core.$ZodType | undefined {
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
    const field = shape[String(part)];
    return field === undefined ? undefined : schemaAt(field, rest, inner);
  }
  if (bare instanceof z.ZodRecord) return schemaAt(bare.valueType, rest, inner);
  if (bare instanceof z.ZodArray) return schemaAt(bare.element, rest, inner);
  return undefined;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

function knownKeys(schema: z.core.$ZodType | undefined): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String);
  return [];
}

function expectedOf(schema: z.core.$ZodType): Wording {
  const said = expectations.get(schema)?.expected;
  if (said !== undefined) return said;
  if (schema instanceof z.ZodEnum) {
    const options = schema.options.map(String);
    return wordingOf((language) => listed(options, 'or', language));
  }
  if (schema instanceof z.ZodLiteral) {
    const options = [...schema.values].map(String);
    return wordingOf((language) => listed(options, 'or', language));
  }
  if (schema instanceof z.ZodString) return kind('string');
  if (schema instanceof z.ZodNumber) return kind('number');
  if (schema instanceof z.ZodBoolean) return kind('boolean');
  if (schema instanceof z.ZodArray) return kind('array');
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return kind('object');
  return kind('value');
}

function kind(name: string): Wording {
  return kindWords[name] ?? sameInAll(name);
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** What to write instead: the nearest names, or all of them where none is near. */
function suggestionOf(name: string, known: readonly string[]): Wording {
  const near = nearestNames(name, known);
  if (near.length > 0) {
    return {
      'pt-BR': `Você quis dizer ${listed(near, 'or', 'pt-BR')}?`,
      en: `Did you mean ${listed(near, 'or', 'en')}?`,
      es: `¿Quiso decir ${listed(near, 'or', 'es')}?`,
    };
  }
  if (known.length === 0) {
    return { 'pt-BR': 'Apague-o.', en: 'Remove it.', es: 'Quítelo.' };
  }
  return {
    'pt-BR': `Possíveis: ${known.join(', ')}.`,
    en: `Possible: ${known.join(', ')}.`,
    es: `Posibles: ${known.join(', ')}.`,
  };
}

function valueAt(value: Json, path: DocumentPath): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.entries(here).find(([key]) => key === String(part))?.[1];
  }
  return here;
}

function textOf(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
