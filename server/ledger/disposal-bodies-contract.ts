import { z } from 'zod';
import { bodyOf, countOf, dateOf, exampleId, idOf, instantOf, keyOf, oneOf, otherExampleId } from './body-contract.ts';

const account = idOf('Account', "The account: Kept's id of it, not the organisation's own");
const batch = z.number().int().nonnegative().describe('Number of the batch within its run');
const dataset = keyOf('Key of the dataset in the data map');
const disposed = countOf('Rows or files that went');
const disposedAtMost = countOf('The most that can have gone, where the store could not tell');
const end = idOf('End', 'The end of the contract');
const erasure = idOf('Erasure', 'The erasure');
const hold = idOf('Hold', 'The hold');
const plan = idOf('Plan', 'The plan');
const promise = keyOf('Key of the promise in the policy');
const refused = countOf('What the store refused to let go');
const remaining = countOf('What the count afterwards still found');
const rows = countOf('Rows or files');
const run = idOf('Run', 'The run');
const cutoff = instantOf('The instant that periods are counted back from');

/** Bodies of the entries about disposing of data, and about what keeps it from being disposed of. */
export const disposalBodies = {
  'disposal.planned': bodyOf(
    {
      plan,
      rows,
      steps: countOf('Steps of the plan'),
      cutoff,
      draft: z.boolean().describe('Whether it is only a draft'),
    },
    { plan: exampleId, rows: 4312, steps: 3, cutoff: '2026-11-20T03:00:00.000Z', draft: false },
  ),
  'disposal.approved': bodyOf({ plan, rows }, { plan: exampleId, rows: 4312 }),
  'disposal.rejected': bodyOf({ plan }, { plan: exampleId }),
  'disposal.started': bodyOf(
    {
      run,
      cause: oneOf(['schedule', 'person', 'contract-end', 'event', 'hold-released'], 'Why it began'),
      plan: plan.nullable(),
      cutoff,
      steps: countOf('Steps of the run'),
    },
    { run: exampleId, cause: 'person', plan: otherExampleId, cutoff: '2026-11-20T03:00:00.000Z', steps: 3 },
  ),
  'disposal.batch': bodyOf(
    {
      run,
      batch,
      dataset,
      state: oneOf(['committed', 'unknown'], 'Whether the store could tell that it was committed'),
      disposed,
      refused,
      transaction: z.string().nullable().describe("The store's own id of the transaction; null where it has none"),
      disposedAtMost: disposedAtMost.optional(),
      partitions: z.array(z.string()).optional().describe('Partitions that were dropped whole'),
    },
    {
      run: exampleId,
      batch: 7,
      dataset: 'leads',
      state: 'committed',
      disposed: 1000,
      refused: 0,
      transaction: '84211',
    },
  ),
  'disposal.finished': bodyOf(
    {
      run,
      disposed,
      disposedAtMost,
      refused,
      remaining,
      bytesReusable: countOf('Bytes the store can use again'),
      bytesReturned: countOf('Bytes given back to the file system'),
      steps: z
        .array(
          z.strictObject({
            promise,
            dataset,
            disposed,
            held: countOf('Kept by a hold'),
            remaining: remaining.nullable(),
          }),
        )
        .describe('Figures of each step that was done'),
    },
    {
      run: exampleId,
      disposed: 4312,
      disposedAtMost: 4312,
      refused: 0,
      remaining: 0,
      bytesReusable: 1_048_576,
      bytesReturned: 0,
      steps: [{ promise: 'inactive-leads', dataset: 'leads', disposed: 4312, held: 2, remaining: 0 }],
    },
  ),
  'disposal.braked': bodyOf(
    {
      run,
      plan: plan.nullable(),
      promise,
      dataset,
      share: z.number().min(0).max(1).describe('Share of the dataset that would go'),
      rows,
    },
    { run: exampleId, plan: null, promise: 'inactive-leads', dataset: 'leads', share: 0.4212, rows: 91_200 },
  ),
  'disposal.released': bodyOf(
    { run, step: z.number().int().nonnegative().describe('Position of the step'), promise, dataset, rows },
    { run: exampleId, step: 0, promise: 'inactive-leads', dataset: 'leads', rows: 91_200 },
  ),
  'disposal.paused': bodyOf(
    { run, reason: oneOf(['person', 'store-pressure'], 'Whether a person paused it, or the store was busy') },
    { run: exampleId, reason: 'store-pressure' },
  ),
  'disposal.resumed': bodyOf({ run }, { run: exampleId }),
  'disposal.stopped': bodyOf({ runs: z.array(run).describe('Runs that were under way') }, { runs: [exampleId] }),
  'disposal.restarted': bodyOf({}, {}),
  'hold.placed': bodyOf(
    {
      hold,
      scope: oneOf(['account', 'subject', 'dataset', 'rows'], 'What kind of thing is held'),
      reviewOn: dateOf('When it must be looked at again'),
      dataset: dataset.optional(),
      rows: rows.optional(),
    },
    { hold: exampleId, scope: 'rows', reviewOn: '2027-05-20', dataset: 'invoices', rows: 12 },
  ),
  'hold.released': bodyOf({ hold }, { hold: exampleId }),
  'contract.ended': bodyOf(
    { account, end, datasets: countOf('Datasets whose data goes') },
    { account: exampleId, end: otherExampleId, datasets: 9 },
  ),
  'contract.end-confirmed': bodyOf(
    {
      account,
      end,
      message: idOf('Message', 'The confirmation'),
      disposed,
      kept: z.array(dataset).describe('Datasets of which something stays, by law or hold'),
    },
    { account: exampleId, end: otherExampleId, message: exampleId, disposed: 18_233, kept: ['invoices'] },
  ),
  'erasure.received': bodyOf(
    { erasure, event: idOf('InboxEvent', 'The event that asked for it'), promise, dataset },
    { erasure: exampleId, event: otherExampleId, promise: 'tokens-erased-on-revocation', dataset: 'oauth-tokens' },
  ),
  'erasure.done': bodyOf(
    { erasure, run, disposed, remaining: remaining.nullable() },
    { erasure: exampleId, run: otherExampleId, disposed: 1, remaining: 0 },
  ),
} as const;
