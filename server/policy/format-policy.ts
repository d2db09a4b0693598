import { isMap, isPair, isScalar, isSeq, type Pair, parseDocument, Scalar, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import type { Json } from '../platform/contract.ts';
import { canonicalJson } from './canonical.ts';
import type { Finding } from './contract.ts';
import type { DocumentPath } from './finding-text.ts';
import { policySchema } from './language.ts';
import { readYaml } from './read-yaml.ts';
import { knownKeys, schemaAt, valueAt } from './walk-schema.ts';

const width = 120;

/**
 * Writes a policy the one way there is: keys in the order of the language, small groups on one line, texts folded at
 * 120 characters, an empty line between sections and between promises. Comments stay with what they stand before.
 * Says the same document: the hash of the version does not change.
 * @returns the text, or undefined with findings where the source is no YAML that Kept accepts
 */
export function formatPolicy(source: string): { text: string | undefined; findings: Finding[] } {
  return formatDocument(source, policySchema, ['sections', 'promises']);
}

/**
 * @param spaced names at the root whose entries are set apart by empty lines
 */
export function formatDocument(
  source: string,
  schema: z.ZodType,
  spaced: readonly string[],
): { text: string | undefined; findings: Finding[] } {
  const { value, findings } = readYaml(source);
  if (value === undefined) return { text: undefined, findings };
  const document = parseDocument(source, { version: '1.2', schema: 'core', stringKeys: true, uniqueKeys: false });
  arrange(document.contents, [], schema, value, spaced);
  const text = document.toString({
    indent: 2,
    lineWidth: width,
    minContentWidth: 20,
    indentSeq: true,
    flowCollectionPadding: true,
    singleQuote: true,
  });
  return { text: snug(tighten(text)), findings: [] };
}

/** `[a, b]` rather than `[ a, b ]`, unless that would change what the document says. */
function snug(text: string): string {
  const snugger = text.replace(/\[ ([\w.-]+(?:, [\w.-]+)*) \]/g, '[$1]');
  const before = readYaml(text).value;
  const after = readYaml(snugger).value;
  return before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after) ? snugger : text;
}

function arrange(node: unknown, path: DocumentPath, schema: z.ZodType, root: Json, spaced: readonly string[]): void {
  if (isMap(node)) {
    orderKeys(node, knownKeys(schemaAt(schema, path, root)));
    for (const [index, pair] of node.items.entries()) {
      const name = keyOf(pair);
      arrange(pair.value, [...path, name], schema, root, spaced);
      const apart = path.length === 0 || (path.length === 1 && spaced.includes(String(path[0])));
      setSpace(pair.key, apart && index > 0 && !(path.length === 0 && isBrief(pair) && isBrief(node.items[index - 1])));
      if (isScalar(pair.key)) pair.key.type = undefined;
    }
    node.flow = path.length > 0 && fitsOnOneLine(node, path);
    return;
  }
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      arrange(item, [...path, index], schema, root, spaced);
      setSpace(item, path.length === 1 && spaced.includes(String(path[0])) && index > 0);
    }
    node.flow = fitsOnOneLine(node, path);
    return;
  }
  if (isScalar(node) && typeof node.value === 'string') {
    const value = valueAt(root, path);
    if (typeof value !== 'string') return;
    const long = value.length > width - 2 * path.length - String(path.at(-1)).length - 6;
    node.type = value.includes('\n') ? Scalar.BLOCK_LITERAL : long ? Scalar.BLOCK_FOLDED : undefined;
  }
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

/** One scalar beside its key, so that `kept: 1` and such may stand together. */
function isBrief(pair: unknown): boolean {
  return isPair(pair) && isScalar(pair.value);
}

function orderKeys(map: YAMLMap, order: readonly string[]): void {
  if (order.length === 0) return;
  const rank = (pair: Pair): number => {
    const at = order.indexOf(keyOf(pair));
    return at === -1 ? order.length : at;
  };
  const first = map.items[0];
  map.items.sort((a, b) => rank(a) - rank(b));
  const leading = map.items[0];
  if (first === undefined || leading === undefined || first === leading) return;
  // What stands before everything is about the file, not about the key that happened to come first.
  if (isScalar(first.key) && isScalar(leading.key) && first.key.commentBefore != null && rank(leading) === 0) {
    leading.key.commentBefore = [first.key.commentBefore, leading.key.commentBefore]
      .filter((text) => text != null)
      .join('\n');
    first.key.commentBefore = null;
  }
}

function setSpace(node: unknown, space: boolean): void {
  if (typeof node === 'object' && node !== null && 'spaceBefore' in node) node.spaceBefore = space;
  else if (isScalar(node) || isMap(node) || isSeq(node)) node.spaceBefore = space;
}

/** Groups of single values and short lists stand on one line, where they fit with their key and hold no comment. */
function fitsOnOneLine(node: unknown, path: DocumentPath): boolean {
  const length = lengthOnOneLine(node, isMap(node) ? 2 : 1);
  if (length === null) return false;
  // Sections and other entries of a list of groups, and what stands at the root, are always written out.
  if (path.length <= 1 && isMap(node)) return false;
  const last = path.at(-1);
  const key = typeof last === 'string' ? last.length + 2 : 2;
  return length + key + 2 * (path.length - 1) <= width;
}

/** Characters that a collection takes in one line; null where it cannot stand in one. */
function lengthOnOneLine(node: unknown, depth: number): number | null {
  if (node === null) return 4;
  if (hasComment(node)) return null;
  if (isScalar(node)) {
    const text = String(node.value);
    return text.includes('\n') ? null : text.length + 2;
  }
  if (depth === 0) return null;
  if (isMap(node)) {
    let total = 4;
    for (const pair of node.items) {
      if (hasComment(pair.key)) return null;
      const length = isMap(pair.value) ? null : lengthOnOneLine(pair.value, depth - 1);
      if (length === null) return null;
      total += keyOf(pair).length + 2 + length + 2;
    }
    return total;
  }
  if (isSeq(node)) {
    let total = 4;
    for (const item of node.items) {
      const length = isScalar(item) ? lengthOnOneLine(item, 0) : null;
      if (length === null) return null;
      total += length + 2;
    }
    return total;
  }
  return null;
}

function hasComment(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  return ['comment', 'commentBefore'].some((name) => {
    const comment: unknown = Reflect.get(node, name);
    return typeof comment === 'string' && comment.length > 0;
  });
}

/** One empty line at most, none at the ends. */
function tighten(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
