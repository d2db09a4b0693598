/**
 * Checks what a ledger claims, with nothing but the claim and a public key: no network, no database, no Node. It runs
 * in Node and in browsers on `globalThis.crypto.subtle`.
 *
 * Hashing and proofs are those of RFC 6962 and RFC 9162 (section 2.1), notes and checkpoints those of C2SP signed-note
 * and tlog-checkpoint, so any other implementation of these can check Kept's ledger too.
 */

/** Octets that Web Crypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** SHA-256. Replaceable, since Web Crypto's one-shot digest is some thirty times slower in Node than `crypto.hash`. */
export type Sha256 = (data: Bytes) => Bytes | Promise<Bytes>;

/** SHA-256 of the platform, the default everywhere here. */
export const webSha256: Sha256 = async (data) => new Uint8Array(await crypto.subtle.digest('SHA-256', data));

/** Everything that can be wrong with a claim. */
export type FlawReason =
  | 'malformed-receipt'
  | 'malformed-entry'
  | 'malformed-key'
  | 'malformed-checkpoint'
  | 'malformed-proof'
  | 'unknown-signer'
  | 'wrong-signature'
  | 'other-log'
  | 'index-out-of-range'
  | 'root-mismatch'
  | 'unsupported-platform';

/** A claim that does not hold; `message` says why, for people. */
export class Flaw extends Error {
  readonly reason: FlawReason;

  constructor(reason: FlawReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'Flaw';
    this.reason = reason;
  }
}

/** Who may sign: what a verifier key (`name+hash+base64`) says. */
export interface VerifierKey {
  readonly name: string;
  /** First four octets of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key), as hex. */
  readonly id: string;
  /** Signature type of signed-note: 1 is Ed25519, the only one that Kept signs with so far. */
  readonly algorithm: number;
  readonly publicKey: Bytes;
}

/** A signed tree head: this log had these entries. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

/** What a receipt proves to be in the log. */
export interface ReceiptEntry {
  readonly id: string;
  readonly organisation: string;
  readonly kind: string;
  readonly at: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly body: unknown;
  readonly commitment: string | null;
}

/** A self-contained proof, as Kept hands it out; see `receiptSchema` of the contract. */
export interface Receipt {
  readonly format: 'kept-receipt-1';
  readonly leaf: string;
  readonly index: number;
  readonly proof: string[];
  readonly checkpoint: string;
}

export type ReceiptVerdict =
  | {
      readonly valid: true;
      readonly entry: ReceiptEntry;
      /** Origin of the log. */
      readonly log: string;
      readonly index: number;
      /** Entries in the log when the checkpoint was signed. */
      readonly size: number;
      /** Root hash of the checkpoint, base64. */
      readonly root: string;
    }
  | { readonly valid: false; readonly reason: FlawReason; readonly explanation: string };

/**
 * Checks a receipt offline.
 * @param receipt the parsed JSON of a receipt, from anywhere
 * @param publicKey verifier key of the log, obtained by a way that the receipt's giver does not control
 * @returns what it proves, or precisely why it proves nothing; it never throws for a bad receipt
 */
export async function verifyReceipt(
  receipt: unknown,
  publicKey: string,
  options: { sha256?: Sha256 } = {},
): Promise<ReceiptVerdict> {
  const sha256 = options.sha256 ?? webSha256;
  try {
    const claim = readReceipt(receipt);
    const key = await parseVerifierKey(publicKey, sha256);
    const checkpoint = parseCheckpoint(await openNote(claim.checkpoint, key));
    if (checkpoint.origin !== key.name) {
      throw new Flaw('other-log', `the checkpoint is of the log ${checkpoint.origin}, the key of ${key.name}`);
    }
    const proof = claim.proof.map((hash) => hashOf(hash, 'malformed-proof'));
    const leaf = await leafHash(new TextEncoder().encode(claim.leaf), sha256);
    await verifyInclusion({ ...checkpoint, index: claim.index, leaf, proof }, sha256);
    return {
      valid: true,
      entry: readEntry(claim.leaf),
      log: checkpoint.origin,
      index: claim.index,
      size: checkpoint.size,
      root: toBase64(checkpoint.root),
    };
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    return { valid: false, reason: error.reason, explanation: error.message };
  }
}

/**
 * Checks that a leaf is in a tree (RFC 9162, 2.1.3.2).
 * @throws Flaw
 */
export async function verifyInclusion(
  claim: { index: number; size: number; leaf: Bytes; proof: readonly Bytes[]; root: Bytes },
  sha256: Sha256 = webSha256,
): Promise<void> {
  checkCount(claim.size, 'size');
  checkCount(claim.index, 'index');
  if (claim.index >= claim.size) {
    throw new Flaw('index-out-of-range', `entry ${claim.index} cannot be in a log of ${claim.size} entries`);
  }
  let node = claim.index;
  let last = claim.size - 1;
  let hash = claim.leaf;
  for (const sibling of claim.proof) {
    if (last === 0) throw new Flaw('malformed-proof', 'the proof is longer than the tree is high');
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(sibling, hash, sha256);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = await nodeHash(hash, sibling, sha256);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new Flaw('malformed-proof', 'the proof ends before it reaches the root');
  if (!equal(hash, claim.root)) {
    throw new Flaw('root-mismatch', 'the entry, its index and its proof do not lead to the root that was signed');
  }
}

/**
 * Checks that a tree is a prefix of another (RFC 9162, 2.1.4.2): nothing was changed or removed in between.
 * @throws Flaw
 */
export async function verifyConsistency(
  claim: { from: number; to: number; fromRoot: Bytes; toRoot: Bytes; proof: readonly Bytes[] },
  sha256: Sha256 = webSha256,
): Promise<void> {
  const { from, to, fromRoot, toRoot, proof } = claim;
  checkCount(from, 'first size');
  checkCount(to, 'second size');
  if (from > to) throw new Flaw('index-out-of-range', `a log of ${from} entries cannot become one of ${to}`);
  if (from === 0 || from === to) {
    if (proof.length > 0) throw new Flaw('malformed-proof', 'nothing is to be proven, yet there is a proof');
    if (from === to && !equal(fromRoot, toRoot)) throw new Flaw('root-mismatch', 'the same size has two roots');
    return;
  }
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : [...proof];
  const [start, ...rest] = path;
  if (start === undefined || proof.length === 0) throw new Flaw('malformed-proof', 'the proof is empty');
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [first, second] = [start, start];
  for (const sibling of rest) {
    if (last === 0) throw new Flaw('malformed-proof', 'the proof is longer than the tree is high');
    if (node % 2 === 1 || node === last) {
      first = await nodeHash(sibling, first, sha256);
      second = await nodeHash(sibling, second, sha256);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      second = await nodeHash(second, sibling, sha256);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new Flaw('malformed-proof', 'the proof ends before it reaches the root');
  if (!equal(first, fromRoot)) throw new Flaw('root-mismatch', 'the proof does not lead to the first root');
  if (!equal(second, toRoot)) throw new Flaw('root-mismatch', 'the proof does not lead to the second root');
}

/** RFC 6962 hash of a leaf: SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array, sha256: Sha256 = webSha256): Bytes | Promise<Bytes> {
  const input = new Uint8Array(1 + data.length);
  input.set(data, 1);
  return sha256(input);
}

/** RFC 6962 hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Bytes, right: Bytes, sha256: Sha256 = webSha256): Bytes | Promise<Bytes> {
  if (left.length !== 32 || right.length !== 32) throw new Flaw('malformed-proof', 'a hash has 32 octets');
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 33);
  return sha256(input);
}

/**
 * Reads a verifier key, `name+hash+base64(algorithm ‖ public key)` of signed-note.
 * @throws Flaw where it is malformed, its hash is not that of the key, or its algorithm is not known
 */
export async function parseVerifierKey(text: string, sha256: Sha256 = webSha256): Promise<VerifierKey> {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const [, name, id, encoded] = match ?? [];
  if (name === undefined || id === undefined || encoded === undefined) {
    throw new Flaw('malformed-key', 'a verifier key looks like name+hash+base64');
  }
  const data = fromBase64(encoded, 'malformed-key');
  const algorithm = data[0];
  const publicKey = data.slice(1);
  if (algorithm !== 1) throw new Flaw('malformed-key', `signature algorithm ${algorithm} is not known here`);
  if (publicKey.length !== 32) throw new Flaw('malformed-key', 'an Ed25519 public key has 32 octets');
  if ((await keyId(name, data, sha256)) !== id) throw new Flaw('malformed-key', 'the hash is not that of the key');
  return { name, id, algorithm, publicKey };
}

/** Key id of signed-note: the first four octets of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key), as hex. */
export async function keyId(name: string, algorithmAndKey: Bytes, sha256: Sha256 = webSha256): Promise<string> {
  const prefix = new TextEncoder().encode(`${name}\n`);
  const input = new Uint8Array(prefix.length + algorithmAndKey.length);
  input.set(prefix);
  input.set(algorithmAndKey, prefix.length);
  return toHex((await sha256(input)).slice(0, 4));
}

/**
 * Opens a signed note (C2SP signed-note): its text, if this key signed it. Signatures of other keys are ignored.
 * @throws Flaw
 */
export async function openNote(note: string, key: VerifierKey): Promise<string> {
  const { text, signatures } = splitNote(note);
  const own = signatures.filter((signature) => signature.name === key.name && signature.id === key.id);
  if (own.length === 0) {
    const names = signatures.map((signature) => `${signature.name}+${signature.id}`).join(', ');
    throw new Flaw('unknown-signer', `the note is signed by ${names}, not by ${key.name}+${key.id}`);
  }
  const message = new TextEncoder().encode(text);
  for (const signature of own) {
    if (!(await verifyEd25519(key.publicKey, signature.octets, message))) {
      throw new Flaw('wrong-signature', `the signature of ${key.name}+${key.id} is not of this text`);
    }
  }
  return text;
}

/** A signature line of a note, unchecked. */
export interface NoteSignature {
  readonly name: string;
  /** Key id, hex. */
  readonly id: string;
  readonly octets: Bytes;
}

/**
 * Takes a signed note apart without checking any signature.
 * @throws Flaw where it is not a signed note
 */
export function splitNote(note: string): { text: string; signatures: readonly NoteSignature[] } {
  const malformed = (why: string) => new Flaw('malformed-checkpoint', `this is not a signed note: ${why}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: signed-note forbids exactly these.
  if (/[\u0000-\u0009\u000b-\u001f\ufffd]/.test(note) || !note.isWellFormed()) {
    throw malformed('it holds control characters');
  }
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw malformed('it has no blank line before its signatures');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2);
  if (!lines.endsWith('\n')) throw malformed('it does not end with a line of a signature');
  const signatures = lines.slice(0, -1).split('\n').map(readSignature);
  if (signatures.length > 100) throw malformed('it has more than a hundred signatures');
  return { text, signatures };
}

/**
 * Reads the text of a checkpoint (C2SP tlog-checkpoint).
 * @throws Flaw
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, ...others] = text.split('\n');
  if (origin === undefined || origin === '' || size === undefined || root === undefined || others.at(-1) !== '') {
    throw new Flaw('malformed-checkpoint', 'a checkpoint has lines for origin, size and root hash');
  }
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw new Flaw('malformed-checkpoint', `“${size}” is not the size of a log`);
  }
  return { origin, size: Number(size), root: hashOf(root, 'malformed-checkpoint') };
}

/** Standard base64 with padding (RFC 4648, section 4). */
export function toBase64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}

/** Base64 whose padding is complete and whose unused bits are zero, so that no octets have two spellings. */
const canonicalBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$/;

/**
 * Reads standard base64; anything but the one canonical encoding is refused.
 * @throws Flaw with the given reason
 */
export function fromBase64(text: string, reason: FlawReason = 'malformed-receipt'): Bytes {
  if (!canonicalBase64.test(text)) throw new Flaw(reason, 'this is not base64');
  const characters = atob(text);
  const octets = new Uint8Array(characters.length);
  for (let at = 0; at < octets.length; at += 1) octets[at] = characters.charCodeAt(at);
  return octets;
}

function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function hashOf(text: string, reason: FlawReason): Bytes {
  const octets = fromBase64(text, reason);
  if (octets.length !== 32) throw new Flaw(reason, 'a hash has 32 octets');
  return octets;
}

function readSignature(line: string): NoteSignature {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
  if (name === undefined || encoded === undefined) {
    throw new Flaw('malformed-checkpoint', 'this is not a signed note: a line of its signatures is malformed');
  }
  const data = fromBase64(encoded, 'malformed-checkpoint');
  if (data.length < 5) throw new Flaw('malformed-checkpoint', 'this is not a signed note: a signature is too short');
  return { name, id: toHex(data.slice(0, 4)), octets: data.slice(4) };
}

async function verifyEd25519(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (cause.name === 'NotSupportedError') {
      throw new Flaw('unsupported-platform', 'this browser cannot check Ed25519 signatures', { cause });
    }
    throw new Flaw('malformed-key', 'this is not an Ed25519 public key', { cause });
  }
}

function readReceipt(value: unknown): Receipt {
  const bad = (why: string) => new Flaw('malformed-receipt', `this is not a receipt of Kept: ${why}`);
  if (!isRecord(value)) throw bad('it is not a JSON object');
  const { format, leaf, index, proof, checkpoint } = value;
  if (format !== 'kept-receipt-1') throw bad(`its format is ${JSON.stringify(format)}, not "kept-receipt-1"`);
  if (typeof leaf !== 'string') throw bad('“leaf” is not a text');
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) throw bad('“index” is not an index');
  if (!Array.isArray(proof) || !proof.every((hash) => typeof hash === 'string')) throw bad('“proof” is not hashes');
  if (typeof checkpoint !== 'string') throw bad('“checkpoint” is not a text');
  return { format, leaf, index, proof, checkpoint };
}

function readEntry(leaf: string): ReceiptEntry {
  const bad = (why: string, cause?: unknown) =>
    new Flaw('malformed-entry', `the leaf is in the log but is not an entry of Kept: ${why}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(leaf);
  } catch (cause) {
    throw bad('it is not JSON', cause);
  }
  if (!isRecord(value) || value['format'] !== 'kept-entry-1') throw bad('its format is not "kept-entry-1"');
  const { id, organisation, kind, at, actor, body, commitment } = value;
  if (typeof id !== 'string' || typeof organisation !== 'string' || typeof kind !== 'string' || typeof at !== 'string')
    throw bad('a field is missing');
  if (!isRecord(actor) || typeof actor['kind'] !== 'string' || typeof actor['id'] !== 'string')
    throw bad('it does not say who acted');
  if (commitment !== undefined && typeof commitment !== 'string') throw bad('its commitment is not a text');
  const who = { kind: actor['kind'], id: actor['id'] };
  return { id, organisation, kind, at, actor: who, body, commitment: commitment ?? null };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new Flaw('index-out-of-range', `the ${what} is not a count`);
}

/** Sizes may exceed 2^31, where bit operators of JavaScript end. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  let odd = value;
  while (odd % 2 === 0) odd /= 2;
  return odd === 1;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
