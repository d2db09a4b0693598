import type { Json } from '../platform/contract.ts';
import { type CsvCell, csvHead, csvLine } from '../platform/csv.ts';
import type { ExportFormat } from './contract.ts';
import type { ExportRow } from './register-export.ts';

/** Turns pages of rows into the text of a file, piece by piece. */
export interface Formatter {
  head(): string;
  page(rows: readonly ExportRow[]): string;
  tail(): string;
}

/**
 * - `ndjson`: a JSON object per line.
 * - `json`: one array of them.
 * - `csv`: RFC 4180 with the columns of the kind; what is no text or number is JSON in its cell.
 */
export function formatterOf(format: ExportFormat, columns: readonly string[]): Formatter {
  if (format === 'csv')
    return {
      head: () => csvHead(columns),
      page(rows) {
        let text = '';
        for (const row of rows) text += csvLine(columns.map((column) => asCell(row[column])));
        return text;
      },
      tail: () => '',
    };
  if (format === 'ndjson')
    return {
      head: () => '',
      page(rows) {
        let text = '';
        for (const row of rows) text += `${JSON.stringify(row)}\n`;
        return text;
      },
      tail: () => '',
    };
  let isFirst = true;
  return {
    head: () => '[\n',
    page(rows) {
      let text = '';
      for (const row of rows) {
        text += isFirst ? JSON.stringify(row) : `,\n${JSON.stringify(row)}`;
        isFirst = false;
      }
      return text;
    },
    tail: () => (isFirst ? ']\n' : '\n]\n'),
  };
}

function asCell(value: Json | undefined): CsvCell {
  if (value === undefined) return null;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};
