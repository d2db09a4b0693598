import {
  Flaw,
  type FlawReason,
  leafHash,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  type Sha256,
  toBase64,
  verifyInclusion,
  verifyReceipt,
  webSha256,
} from '../../server/ledger/proof.ts';

/** The four things that must hold, in the order in which they are looked at. */
export const stepNames = ['leaf', 'path', 'root', 'signature'] as const;
export type StepName = (typeof stepNames)[number];

/** A step of the proof: it holds, it does not (and why), or an earlier one kept it from being looked at. */
export interface ProofStep {
  readonly name: StepName;
  readonly state: 'holds' | 'fails' | 'not-reached';
  readonly reason: FlawReason | null;
}

/** One level of the path: the neighbour's hash, its side, and what the two hash to. Base64. */
export interface Level {
  readonly side: 'left' | 'right';
  readonly neighbour: string;
  readonly hash: string;
}

/** A receipt looked at in this browser, with everything that was computed on the way. */
export interface Proof {
  readonly valid: boolean;
  readonly steps: readonly ProofStep[];
  readonly leafHash: string | null;
  readonly levels: readonly Level[];
  /** The root that the path leads to, and the one that was signed. */
  readonly reached: string | null;
  readonly signedRoot: string | null;
  readonly index: number | null;
  readonly size: number | null;
  readonly log: string | null;
  readonly keyId: string | null;
  /** What `verifyReceipt` says of a bad receipt, in English. */
  readonly explanation: string | null;
}

/**
 * Checks a receipt here, with Web Crypto and without asking the server again, and keeps what each step computed.
 * The verdict is that of `verifyReceipt`, the same code that `kept verify` runs; the steps explain it.
 */
export async function proveReceipt(receipt: unknown, publicKey: string): Promise<Proof> {
  const verdict = await verifyReceipt(receipt, publicKey);
  const claim = readClaim(receipt);
  const seen: { proof: Omit<Proof, 'steps' | 'valid' | 'explanation'> } = { proof: nothingSeen };
  const failed = await firstFlaw(claim, publicKey, seen);
  // A receipt may also be refused for what it says of itself after all four steps hold; then the leaf is at fault.
  const at = failed ?? (verdict.valid ? null : { name: 'leaf' as const, reason: verdict.reason });
  return {
    ...seen.proof,
    valid: verdict.valid,
    explanation: verdict.valid ? null : verdict.explanation,
    steps: stepNames.map((name, position) => {
      if (at === null || position < stepNames.indexOf(at.name)) return { name, state: 'holds', reason: null };
      return { name, state: name === at.name ? 'fails' : 'not-reached', reason: name === at.name ? at.reason : null };
    }),
  };
}

interface Claim {
  readonly leaf: string;
  readonly index: number;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}
interface FailedStep {
  readonly name: StepName;
  readonly reason: FlawReason;
}

const nothingSeen = {
  leafHash: null,
  levels: [],
  reached: null,
  signedRoot: null,
  index: null,
  size: null,
  log: null,
  keyId: null,
} as const;

async function firstFlaw(
  claim: Claim | undefined,
  publicKey: string,
  seen: { proof: Omit<Proof, 'steps' | 'valid' | 'explanation'> },
): Promise<FailedStep | null> {
  if (claim === undefined) return { name: 'leaf', reason: 'malformed-receipt' };
  const leaf = await leafHash(new TextEncoder().encode(claim.leaf));
  seen.proof = { ...seen.proof, leafHash: toBase64(leaf), index: claim.index };

  const levels: Level[] = [];
  const trace: Sha256 = async (node) => {
    const hash = await webSha256(node);
    const [left, right] = [toBase64(node.slice(1, 33)), toBase64(node.slice(33))];
    const below = levels.at(-1)?.hash ?? toBase64(leaf);
    levels.push(
      left === below
        ? { side: 'right', neighbour: right, hash: toBase64(hash) }
        : { side: 'left', neighbour: left, hash: toBase64(hash) },
    );
    return hash;
  };
  try {
    const signed = parseCheckpoint(textOf(claim.checkpoint));
    seen.proof = { ...seen.proof, signedRoot: toBase64(signed.root), size: signed.size, log: signed.origin };
    const proof = claim.proof.map((hash) => Uint8Array.from(atob(hash), (octet) => octet.charCodeAt(0)));
    await verifyInclusion({ ...signed, index: claim.index, leaf, proof }, trace);
  } catch (problem) {
    const reason = problem instanceof Flaw ? problem.reason : 'malformed-proof';
    return { name: reason === 'root-mismatch' ? 'root' : 'path', reason };
  } finally {
    seen.proof = { ...seen.proof, levels, reached: levels.at(-1)?.hash ?? toBase64(leaf) };
  }
  try {
    const key = await parseVerifierKey(publicKey);
    seen.proof = { ...seen.proof, keyId: key.id };
    const signed = parseCheckpoint(await openNote(claim.checkpoint, key));
    if (signed.origin !== key.name) return { name: 'signature', reason: 'other-log' };
  } catch (problem) {
    if (!(problem instanceof Flaw)) throw problem;
    return { name: 'signature', reason: problem.reason };
  }
  return null;
}

/** The note's text without its signatures, unchecked: what the path has to lead to. */
function textOf(checkpoint: string): string {
  const end = checkpoint.lastIndexOf('\n\n');
  return end === -1 ? checkpoint : checkpoint.slice(0, end + 1);
}

function readClaim(receipt: unknown): Claim | undefined {
  if (typeof receipt !== 'object' || receipt === null) return undefined;
  if (!('leaf' in receipt) || !('index' in receipt) || !('proof' in receipt) || !('checkpoint' in receipt)) {
    return undefined;
  }
  const { leaf, index, proof, checkpoint } = receipt;
  if (typeof leaf !== 'string' || typeof index !== 'number' || typeof checkpoint !== 'string') return undefined;
  if (!Array.isArray(proof) || !proof.every((hash) => typeof hash === 'string')) return undefined;
  return { leaf, index, proof, checkpoint };
}
