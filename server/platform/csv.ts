/**
 * Writes rows as CSV (RFC 4180): CRLF, quotes where needed, the byte order mark by which spreadsheets know UTF-8. What a
 * spreadsheet would take for a formula gets an apostrophe before it, since the values may come from anybody.
 */
export function writeCsv(header: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  const lines = [header.map(cell).join(',')];
  for (const row of rows) lines.push(row.map(cell).join(','));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
