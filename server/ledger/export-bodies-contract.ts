import {
  bodyOf,
  codeOf,
  countOf,
  exampleHash,
  exampleId,
  hashOf,
  idOf,
  oneOf,
  otherExampleId,
} from './body-contract.ts';

const shared = { export: idOf('Export', 'The export'), kind: codeOf('What is exported') };
const exported = { export: exampleId, kind: 'audit-trail' };
const format = oneOf(['ndjson', 'csv', 'json'], 'Format of the file');

/** Bodies of what `exports/` records. */
export const exportBodies = {
  'export.asked': bodyOf({ ...shared, format }, { ...exported, format: 'csv' }),
  'export.made': bodyOf(
    {
      ...shared,
      rows: countOf('Rows in the file'),
      bytes: countOf('Size of the file'),
      sha256: hashOf('SHA-256 of the file'),
    },
    { ...exported, rows: 120_411, bytes: 26_250_112, sha256: exampleHash },
  ),
  'export.cancelled': bodyOf(shared, exported),
  'export.failed': bodyOf(
    { ...shared, reason: codeOf('Why it failed') },
    { ...exported, reason: 'storage-unavailable' },
  ),
  'export.downloaded': bodyOf(
    { ...shared, link: idOf('ExportLink', 'The link that was used, for the first time') },
    { ...exported, link: otherExampleId },
  ),
  'export.expired': bodyOf(shared, exported),
} as const;
