import type { Json } from '../platform/contract.ts';
import type { Finding } from '../policy/contract.ts';
import { expectations, keySchema } from '../policy/language.ts';
import { readDocument } from '../policy/read-document.ts';
import type { Places } from '../policy/read-yaml.ts';
import { type DataMap, dataMapSchema, mapKeySchema, pathSchema } from './contract.ts';

// The contract says what a file may hold; what to write instead is said here, in the policy's own words for a name.
const name = expectations.get(keySchema);
if (name !== undefined) expectations.add(mapKeySchema, name);
expectations.add(pathSchema, {
  expected: {
    'pt-BR': 'uma coluna, ou { column, through: [{ table, from, to }] }',
    en: 'a column, or { column, through: [{ table, from, to }] }',
    es: 'una columna, o { column, through: [{ table, from, to }] }',
  },
});

export interface DataMapReading {
  /** Undefined where the file cannot be read as a data map; `findings` says why. */
  readonly map: DataMap | undefined;
  /** The file as plain data, exactly as written; what a version's hash is taken of. */
  readonly written: Json | undefined;
  readonly findings: Finding[];
  readonly places: Places;
}

/** Reads a data map file; every error names its line, column and the nearest known name. */
export function parseDataMap(source: string): DataMapReading {
  const { value, written, findings, places } = readDocument(source, dataMapSchema);
  return { map: value, written, findings, places };
}
