/**
 * Checks receipts and notes of Kept's ledger offline, in Node and in browsers, without any dependency.
 *
 * ```ts
 * import { verifyReceipt } from '@kept/sdk/verify';
 * const verdict = await verifyReceipt(JSON.parse(text), 'privacy.example.com/v1/ledger/log/…+0a1b2c3d+AZ…');
 * ```
 */
// biome-ignore lint/performance/noBarrelFile: this is the published door to the one module that verifies.
export {
  type Checkpoint,
  Flaw,
  type FlawReason,
  leafHash,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  type Receipt,
  type ReceiptEntry,
  type ReceiptVerdict,
  type VerifierKey,
  verifyConsistency,
  verifyInclusion,
  verifyReceipt,
} from '../server/ledger/proof.ts';
