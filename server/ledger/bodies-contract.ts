import { z } from 'zod';
import { accessBodies } from './access-bodies-contract.ts';
import {
  bodyOf,
  codeOf,
  countOf,
  type EntryBody,
  exampleHash,
  exampleId,
  hashOf,
  idOf,
  instantOf,
  keyOf,
  oneOf,
  otherExampleId,
} from './body-contract.ts';
import { disposalBodies } from './disposal-bodies-contract.ts';
import { exportBodies } from './export-bodies-contract.ts';
import { inboundBodies } from './inbound-bodies-contract.ts';
import type { EntryKind } from './kinds-contract.ts';
import { messageBodies } from './message-bodies-contract.ts';
import { noticeBodies } from './notice-bodies-contract.ts';
import { webhookBodies } from './webhook-bodies-contract.ts';

const account = idOf('Account', "The account: Kept's id of it, not the organisation's own");
const number = z.number().int().positive().describe('Number of the version, from 1');
const version = hashOf('SHA-256 of its canonical JSON, which names it');
const parent = hashOf('The version before it; null for the first').nullable();
const log = z.string().describe('Origin of the log');
const treeSize = countOf('Entries in the tree');
const root = z.base64().describe('Root of the tree, base64');

/**
 * What the body of each kind of entry holds. The one place that says so: the test database compares every entry that
 * any test records, and the catalogue of events is written from it. A kind without a body does not compile.
 */
export const entryBodies: Readonly<Record<EntryKind, EntryBody>> = {
  ...accessBodies,
  ...disposalBodies,
  ...inboundBodies,
  ...exportBodies,
  ...messageBodies,
  ...noticeBodies,
  ...webhookBodies,
  'accounts.cancelled': bodyOf(
    { account, cancelledAt: instantOf('When it was cancelled; null where that is not known').nullable() },
    { account: exampleId, cancelledAt: '2026-11-20T14:02:11.000Z' },
  ),
  'accounts.reactivated': bodyOf({ account }, { account: exampleId }),
  'policy.published': bodyOf(
    { version, parent, number, promises: countOf('Promises in it') },
    { version: exampleHash, parent: null, number: 1, promises: 22 },
  ),
  'promise.measured': bodyOf(
    {
      promise: keyOf('Key of the promise in the policy'),
      version: hashOf('The version of the policy that makes it'),
      status: oneOf(['kept', 'due', 'broken', 'unproven'], 'What the measurement found'),
      reason: codeOf('Code of the reason; null where it is kept').nullable(),
      measuredAt: instantOf('When it was measured'),
      counts: z
        .strictObject({
          rows: countOf('Rows or files that the promise is about'),
          due: countOf('Past their period, within the tolerance'),
          broken: countOf('Past their period and the tolerance'),
          held: countOf('Kept by a hold'),
          excepted: countOf('Kept by an exception of the policy'),
        })
        .describe('Over all places together'),
    },
    {
      promise: 'webhook-log-30-days',
      version: exampleHash,
      status: 'broken',
      reason: 'past-period',
      measuredAt: '2026-11-20T03:10:00.000Z',
      counts: { rows: 120_411, due: 12, broken: 3, held: 0, excepted: 0 },
    },
  ),
  'datamap.published': bodyOf(
    { version, parent, number, datasets: countOf('Datasets in it') },
    { version: exampleHash, parent: null, number: 1, datasets: 14 },
  ),
  'ledger.pruned': bodyOf(
    {
      log,
      minimumIndex: countOf('Entries below this index are gone'),
      removed: countOf('Entries that went'),
      before: instantOf('Only entries from before it went'),
    },
    { log: `kept.example/${exampleId}`, minimumIndex: 256, removed: 256, before: '2024-11-20T00:00:00.000Z' },
  ),
  'ledger.reopened': bodyOf(
    {
      reason: oneOf(['restored-backup', 'lost-key', 'replaced-key'], 'Why'),
      previous: z.strictObject({ log, size: treeSize, root }).describe('Where the old log ended here'),
      outside: z.strictObject({ size: treeSize, root }).nullable().describe('And outside, where that is known'),
    },
    {
      reason: 'restored-backup',
      previous: {
        log: `kept.example/${otherExampleId}`,
        size: 512,
        root: 'uQ6c5m2pX7fqvGkZsGmQ1l0yK2V9mCzJd0Yc3m8b3mI=',
      },
      outside: null,
    },
  ),
};
