import { type ErrorCode, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Json } from '../platform/contract.ts';
import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf, type Place } from './finding-text.ts';
import { yamlFindings } from './shape-findings.ts';

/** Files beyond this many characters are refused unread: a long policy has fifty thousand. */
export const maximumSourceLength = 500_000;

/** Where the keys and values of a document stand in its source. */
export interface Places {
  /** The place of the key of this path (of the value, in a list); of its nearest ancestor where it does not exist. */
  keyAt(path: DocumentPath): Place | null;
  valueAt(path: DocumentPath): Place | null;
  /** The lines of the entry at this path as they are written, with their key. Undefined where there is none. */
  sourceAt(path: DocumentPath): string | undefined;
}

export interface YamlReading {
  /** Undefined where the text is no YAML document that Kept accepts; `findings` then says why. */
  readonly value: Json | undefined;
  readonly findings: Finding[];
  readonly places: Places;
}

/**
 * Reads a YAML 1.2 file as plain data. Whatever could make two readers see two documents is refused: other YAML
 * versions (in which `on:` is a boolean), anchors and aliases, tags, several documents, repeated keys, numbers that
 * are not exact, invisible characters.
 */
export function readYaml(source: string): YamlReading {
  const spans = new Map<string, Span>();
  const counter = new LineCounter();
  const findings: Finding[] = [];
  const places = placesOf(source, counter, spans);
  const report = (code: keyof typeof yamlFindings, offset: number, figures: Record<string, string | number> = {}) => {
    findings.push(findingOf(code, yamlFindings[code], [], placeOf(counter, offset), figures));
  };

  const unsuitable = findUnsuitable(source);
  if (unsuitable !== null) {
    countLines(counter, source.slice(0, unsuitable.offset));
    report(unsuitable.code, unsuitable.offset, unsuitable.figures);
    return { value: undefined, findings, places };
  }

  const document = parseDocument(source, {
    lineCounter: counter,
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    // Repeated keys are looked for below: the parser's own search takes quadratic time.
    uniqueKeys: false,
    prettyErrors: false,
  });
  for (const error of document.errors.slice(0, 20)) report(codeOfYamlError(error.code), error.pos[0]);
  if (document.errors.length > 0) return { value: undefined, findings, places };
  if (document.directives?.yaml.version !== '1.2') report('yaml-other-version', 0);
  if (document.contents === null) report('yaml-empty', 0);
  if (findings.length > 0) return { value: undefined, findings, places };
  const value = toPlain(document.contents, [], spans, report);
  return { value: findings.length > 0 ? undefined : value, findings, places };
}

interface Span {
  /** Offsets of the key (of the value itself in a list), of the value and of the value's end. */
  readonly key: number;
  readonly value: number;
  readonly end: number;
}

type Report = (code: keyof typeof yamlFindings, offset: number, figures?: Record<string, string | number>) => void;

function toPlain(node: unknown, path: DocumentPath, spans: Map<string, Span>, report: Report): Json {
  if (node === null) return null;
  if (isMap(node)) return mapToPlain(node, path, spans, report);
  if (isSeq(node)) {
    refuseProperties(node, report);
    return node.items.map((item, index) => {
      const here = [...path, index];
      const offset = offsetOf(item);
      spans.set(idOf(here), { key: offset, value: offset, end: endOf(item, offset) });
      return toPlain(item, here, spans, report);
    });
  }
  if (isScalar(node)) {
    refuseProperties(node, report);
    const { value } = node;
    if (typeof value === 'string') return refuseInvisible(value, offsetOf(node), report);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    report('yaml-number', offsetOf(node), { text: node.source ?? String(value) });
    return null;
  }
  report('yaml-alias', offsetOf(node));
  return null;
}

function mapToPlain(node: Node & { items: unknown[] }, path: DocumentPath, spans: Map<string, Span>, report: Report) {
  refuseProperties(node, report);
  const plain: Record<string, Json> = Object.create(null);
  for (const pair of node.items) {
    if (typeof pair !== 'object' || pair === null || !('key' in pair) || !('value' in pair)) continue;
    const { key, value } = pair;
    if (!isScalar(key)) {
      report('yaml-syntax', offsetOf(key));
      continue;
    }
    refuseProperties(key, report);
    const name = refuseInvisible(String(key.value), offsetOf(key), report);
    // JavaScript has a meaning of its own for this name, and what reads the document would pass it over in silence.
    if (name === '__proto__') report('yaml-reserved-name', offsetOf(key), { key: name });
    const here = [...path, name];
    const keyOffset = offsetOf(key);
    if (spans.has(idOf(here))) report('yaml-duplicate-key', keyOffset, { key: name });
    const valueOffset = value === null ? keyOffset : offsetOf(value);
    spans.set(idOf(here), { key: keyOffset, value: valueOffset, end: endOf(value, valueOffset) });
    plain[name] = toPlain(value, here, spans, report);
  }
  return { ...plain };
}

/** Escapes in quotes can bring in what the source itself does not hold. */
function refuseInvisible(text: string, offset: number, report: Report): string {
  const match = invisible.exec(text);
  if (match !== null) report('yaml-invisible', offset, { character: nameOf(match[0]) });
  else if (!text.isWellFormed()) report('yaml-not-unicode', offset);
  return text;
}

function refuseProperties(node: { anchor?: string | undefined; tag?: string | undefined }, report: Report): void {
  if (node.anchor !== undefined) report('yaml-alias', offsetOf(node));
  if (node.tag !== undefined) report('yaml-tag', offsetOf(node), { tag: node.tag });
}

function offsetOf(node: unknown): number {
  return rangeOf(node)?.[0] ?? 0;
}

function endOf(node: unknown, fallback: number): number {
  return rangeOf(node)?.[1] ?? fallback;
}

function rangeOf(node: unknown): readonly number[] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  return node.range;
}

function codeOfYamlError(code: ErrorCode): keyof typeof yamlFindings {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'yaml-tab';
    case 'MULTIPLE_DOCS':
      return 'yaml-several-documents';
    case 'NON_STRING_KEY':
      return 'yaml-key';
    case 'RESOURCE_EXHAUSTION':
      return 'yaml-too-deep';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return 'yaml-alias';
    case 'TAG_RESOLVE_FAILED':
    case 'MULTIPLE_TAGS':
      return 'yaml-tag-unreadable';
    case 'BAD_INDENT':
      return 'yaml-indent';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'yaml-colon';
    case 'MISSING_CHAR':
      return 'yaml-missing-character';
    default:
      return 'yaml-syntax';
  }
}

/** Control characters, and those that turn the direction of writing: what is read would not be what is published. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/;

function findUnsuitable(
  source: string,
): { code: keyof typeof yamlFindings; offset: number; figures: Record<string, string | number> } | null {
  if (source.length > maximumSourceLength) {
    return { code: 'yaml-too-long', offset: 0, figures: { limit: maximumSourceLength, length: source.length } };
  }
  if (!source.isWellFormed()) return { code: 'yaml-not-unicode', offset: 0, figures: {} };
  // What a decoder writes for octets that are no UTF-8: a Latin-1 file, or no text at all.
  const undecoded = source.indexOf('\ufffd');
  if (undecoded !== -1) return { code: 'yaml-not-unicode', offset: undecoded, figures: {} };
  const match = invisible.exec(source);
  if (match === null) return null;
  return { code: 'yaml-invisible', offset: match.index, figures: { character: nameOf(match[0]) } };
}

function nameOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function countLines(counter: LineCounter, source: string): void {
  counter.addNewLine(0);
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) counter.addNewLine(at + 1);
}

function placeOf(counter: LineCounter, offset: number): Place {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function placesOf(source: string, counter: LineCounter, spans: Map<string, Span>): Places {
  const nearest = (path: DocumentPath): Span | undefined => {
    for (let length = path.length; length > 0; length -= 1) {
      const span = spans.get(idOf(path.slice(0, length)));
      if (span !== undefined) return span;
    }
    return undefined;
  };
  const place = (path: DocumentPath, part: 'key' | 'value'): Place | null => {
    const span = nearest(path);
    return span === undefined ? null : placeOf(counter, span[part]);
  };
  return {
    keyAt: (path) => place(path, 'key'),
    valueAt: (path) => place(path, 'value'),
    sourceAt: (path) => {
      const span = spans.get(idOf(path));
      if (span === undefined) return undefined;
      const lineStart = source.lastIndexOf('\n', span.key - 1) + 1;
      return source.slice(lineStart, span.end).trimEnd();
    },
  };
}

/** Keys may hold any character, so parts are told apart by one that cannot stand in a file. */
function idOf(path: DocumentPath): string {
  return path.join('\u0000');
}
