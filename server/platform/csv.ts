export type CsvCell = string | number | boolean | null;

/**
 * Writes rows as CSV (RFC 4180): CRLF, quotes where needed, the byte order mark by which spreadsheets know UTF-8. What a
 * spreadsheet would take for a formula gets an apostrophe before it, since the values may come from anybody.
 */
export function writeCsv(header: readonly string[], rows: Iterable<readonly CsvCell[]>): string {
  let text = csvHead(header);
  for (const row of rows) text += csvLine(row);
  return text;
}

/** How such a file begins. */
export function csvHead(header: readonly string[]): string {
  return `\uFEFF${csvLine(header)}`;
}

/** One row with its end of line. */
export function csvLine(row: readonly CsvCell[]): string {
  let line = '';
  for (const [index, value] of row.entries()) line += index === 0 ? cell(value) : `,${cell(value)}`;
  return `${line}\r\n`;
}

/** Also in their full-width forms, which some spreadsheets take for the same, and after a line feed. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
/**
 * Where the decimal sign is a comma spreadsheets split at semicolons (pt-BR, es), whatever the quotes say: a cell of
 * ours can hold two of theirs, and a line feed in it begins a row of theirs. Looks back from each sign, so that a long
 * run of white space is gone through once and not once for each of its characters.
 */
const laterFormula = /(?=[=+\-@＝＋－＠])(?<=[;\t\r\n][\s"']*)/g;

function cell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  let text = formula.test(value) ? `'${value}` : value;
  if (/[;\t\r\n]/.test(text)) text = text.replaceAll(laterFormula, "'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
