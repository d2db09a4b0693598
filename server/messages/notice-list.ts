import type { Language } from '../access/contract.ts';
import { languageSchema } from '../access/contract.ts';
import { isMailAddress } from './mail-address.ts';

/** A recipient of a given list. */
export interface Listed {
  readonly reference: string;
  readonly email: string | null;
  readonly language: Language | null;
}

/** A place of the list that was wrong: `line 17, email`. What stood there is not repeated, since it may name somebody. */
export interface ListIssue {
  readonly path: string;
  readonly message: string;
}

export type ReadList =
  | { readonly recipients: readonly Listed[]; readonly issues: readonly [] }
  | { readonly recipients: readonly []; readonly issues: readonly ListIssue[] };

/** More than this help nobody. */
const MOST_ISSUES = 50;
const columns = ['reference', 'email', 'language'] as const;
type Column = (typeof columns)[number];

/**
 * Reads CSV (RFC 4180) with a header: `reference`, and `email` and `language` where they are known. The comma may be a
 * semicolon or a tab, as spreadsheets write it.
 */
export function readCsvList(text: string): ReadList {
  const lines = splitCsv(text.replace(/^\uFEFF/, ''));
  if ('issue' in lines) return { recipients: [], issues: [lines.issue] };
  const [header, ...rows] = lines.records;
  if (header === undefined) return { recipients: [], issues: [{ path: 'line 1', message: 'the list is empty' }] };
  const names = header.cells.map((name) => name.trim().toLowerCase());
  const issues: ListIssue[] = [];
  for (const name of names)
    if (!isColumn(name)) issues.push({ path: 'line 1', message: `knows the columns ${columns.join(', ')} only` });
  if (!names.includes('reference')) issues.push({ path: 'line 1', message: 'needs the column reference' });
  if (new Set(names).size !== names.length) issues.push({ path: 'line 1', message: 'names a column twice' });
  if (issues.length > 0) return { recipients: [], issues: issues.slice(0, 1) };
  const read = reader();
  for (const { line, cells } of rows) {
    if (cells.length === 1 && cells[0]?.trim() === '') continue;
    if (cells.length !== names.length) {
      read.refuse(`line ${line}`, `has ${cells.length} columns where the header has ${names.length}`);
      continue;
    }
    const cell = (name: Column): string | null => {
      const value = cells[names.indexOf(name)]?.trim() ?? '';
      return names.includes(name) && value !== '' ? value : null;
    };
    read.take(`line ${line}`, cell('reference'), cell('email'), cell('language'));
  }
  return read.result();
}

/** Reads a list of objects; its places are counted from 1, like lines. */
export function readJsonList(values: readonly unknown[]): ReadList {
  const read = reader();
  values.forEach((value, at) => {
    const place = `line ${at + 1}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      read.refuse(place, 'is not an object with a reference');
      return;
    }
    const strange = Object.keys(value).find((name) => !isColumn(name));
    if (strange !== undefined) {
      read.refuse(place, `knows the fields ${columns.join(', ')} only`);
      return;
    }
    const field = (name: Column): unknown => Object.entries(value).find(([key]) => key === name)?.[1] ?? null;
    read.take(place, field('reference'), field('email'), field('language'));
  });
  return read.result();
}

function reader() {
  const issues: ListIssue[] = [];
  const recipients: Listed[] = [];
  const refuse = (path: string, message: string) => {
    if (issues.length < MOST_ISSUES) issues.push({ path, message });
  };
  return {
    refuse,
    take(place: string, reference: unknown, email: unknown, language: unknown): void {
      const problem = problemOfReference(reference);
      if (typeof reference !== 'string' || problem !== null) {
        refuse(`${place}, reference`, problem ?? 'is missing');
        return;
      }
      if (email !== null && !(typeof email === 'string' && isMailAddress(email))) {
        refuse(`${place}, email`, 'is no e-mail address');
        return;
      }
      const known = language === null ? null : languageSchema.safeParse(language);
      if (known !== null && !known.success) {
        refuse(`${place}, language`, 'is none of pt-BR, en and es');
        return;
      }
      recipients.push({ reference, email, language: known?.data ?? null });
    },
    result(): ReadList {
      if (issues.length > 0) return { recipients: [], issues };
      if (recipients.length === 0)
        return { recipients: [], issues: [{ path: 'line 1', message: 'the list names nobody' }] };
      return { recipients, issues: [] };
    },
  };
}

/** The reference stays as evidence when the address has gone, so it must not be one. */
function problemOfReference(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return 'is missing';
  if (value.length > 200) return 'is longer than 200 characters';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) || !value.isWellFormed()) return 'holds a control character';
  if (value.includes('@')) return 'looks like an address; give the key by which your own systems know the recipient';
  return null;
}

function isColumn(name: string): name is Column {
  return columns.some((column) => column === name);
}

interface CsvRecord {
  /** On which it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The records of a CSV text; quoted cells may hold line breaks. */
function splitCsv(text: string): { readonly records: readonly CsvRecord[] } | { readonly issue: ListIssue } {
  const separator = separatorOf(text);
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let line = 1;
  let began = 1;
  let at = 0;
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, separator);
    if (cell === null) return { issue: { path: `line ${line}`, message: 'opens a quote that nothing closes' } };
    cells.push(cell.value);
    line += countBreaks(text, at, cell.end);
    at = cell.end;
    if (text[at] === separator) {
      at += 1;
      // A separator at the very end is followed by an empty cell.
      if (at === text.length) cells.push('');
      continue;
    }
    if (at < text.length && text[at] !== '\r' && text[at] !== '\n')
      return { issue: { path: `line ${line}`, message: 'has text behind a closing quote' } };
    records.push({ line: began, cells });
    cells = [];
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    began = line;
  }
  if (cells.length > 0) records.push({ line: began, cells });
  return { records };
}

function quotedCell(text: string, from: number): { value: string; end: number } | null {
  let value = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return null;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

function plainCell(text: string, from: number, separator: string): { value: string; end: number } {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\r' && text[end] !== '\n') end += 1;
  return { value: text.slice(from, end), end };
}

function countBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = from; at < to; at += 1)
    if (text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n')) breaks += 1;
  return breaks;
}

/** Of the header: what its names are divided by. */
function separatorOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ',';
}
