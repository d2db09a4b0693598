import { z } from 'zod';
import type { Json } from '../platform/contract.ts';
import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf, inOrder } from './finding-text.ts';
import { expectations } from './language.ts';
import { nearestNames } from './nearest.ts';
import { type Places, readYaml } from './read-yaml.ts';
import { kindWords, shapeFindings } from './shape-findings.ts';
import { knownKeys, nearestBranch, schemaAt, valueAt } from './walk-schema.ts';
import { listed, sameInAll, type Wording, wordingOf } from './wording.ts';

export interface DocumentReading<T> {
  /** The file as plain data, exactly as it is written; undefined where it is no YAML Kept accepts. */
  readonly written: Json | undefined;
  /** Undefined where the file has not the shape; `findings` then says where and what to do. */
  readonly value: T | undefined;
  readonly findings: Finding[];
  readonly places: Places;
}

/** Reads a YAML file against a schema; every error names its place, and the nearest known name where one is unknown. */
export function readDocument<T>(source: string, schema: z.ZodType<T>): DocumentReading<T> {
  const { value, findings, places } = readYaml(source);
  if (value === undefined) return { written: undefined, value: undefined, findings: inOrder(findings), places };
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return { written: value, value: parsed.data, findings, places };
  const problems = parsed.error.issues
    .slice(0, mostFindings)
    .flatMap((issue) => findingsOf(issue, [], schema, value, places));
  return { written: value, value: undefined, findings: inOrder(problems), places };
}

type Issue = z.core.$ZodIssue;

/** Nobody reads more at once; the rest shows when these are solved. */
const mostFindings = 100;

function findingsOf(issue: Issue, base: DocumentPath, schema: z.core.$ZodType, value: Json, places: Places): Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, mostFindings).map((key) => {
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

function textOf(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
