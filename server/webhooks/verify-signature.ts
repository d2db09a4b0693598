import { createHmac, timingSafeEqual } from 'node:crypto';
import { failuresOf } from '../platform/failure.ts';
import { endpointProblems, type RefusalReason, type Scheme } from './endpoints-contract.ts';

const fail = failuresOf(endpointProblems);

/** What of a request is signed, and where the signature stands. */
export interface SignedRequest {
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The octets as they came. */
  readonly body: Buffer;
}

/** So many secrets an endpoint can have, and so many are always computed with. */
export const mostSecrets = 3;
/** More signatures than this no sender sends. */
const MOST_SIGNATURES = 20;

/** What a scheme reads from a request. */
interface Claim {
  /** As octets; those that cannot be read are left out. */
  readonly signatures: readonly Buffer[];
  /** What stands before the body, and after it. */
  readonly before: string;
  readonly after: string;
  /** When it was signed, in milliseconds since 1970; null where the scheme signs no time. */
  readonly signedAtMs: number | null;
  readonly toleranceMs: number;
  readonly missing: 'signature-missing' | 'timestamp-missing' | null;
}

type Hash = 'sha256' | 'sha512' | 'sha1';

/**
 * Whether a request was signed with one of the secrets. All secrets are tried, stand-ins where there are fewer, and all
 * signatures compared in constant time, so that how long it takes tells nothing.
 * @param secrets as they were entered; none: for an endpoint that is not there
 * @returns null when it was; else why not
 */
export function verifySignature(
  scheme: Scheme,
  secrets: readonly string[],
  request: SignedRequest,
  at: Date,
): RefusalReason | null {
  const claim = claimOf(scheme, request.headers);
  const hash: Hash = scheme.kind === 'hmac' ? scheme.hash : 'sha256';
  let matches = 0;
  for (let index = 0; index < mostSecrets; index += 1) {
    const secret = secrets[index];
    const key = secret === undefined ? standIn : keyOf(scheme, secret);
    const expected = createHmac(hash, key).update(claim.before).update(request.body).update(claim.after).digest();
    for (const signature of claim.signatures) {
      const same = signature.length === expected.length && timingSafeEqual(signature, expected);
      if (same && secret !== undefined) matches += 1;
    }
  }
  if (claim.missing !== null) return claim.missing;
  if (matches === 0) return 'signature-wrong';
  if (claim.signedAtMs !== null && Math.abs(at.getTime() - claim.signedAtMs) > claim.toleranceMs)
    return 'timestamp-outside';
  return null;
}

const standIn = Buffer.alloc(32);

/** The scheme by which a request is looked at for which there is no endpoint. */
export const noScheme: Scheme = { kind: 'standard-webhooks', toleranceSeconds: 300 };

function claimOf(scheme: Scheme, headers: ReadonlyMap<string, string>): Claim {
  switch (scheme.kind) {
    case 'standard-webhooks':
      return standardClaim(headers, scheme.toleranceSeconds);
    case 'stripe':
      return stripeClaim(headers, scheme.toleranceSeconds);
    case 'meta':
      return bareClaim(headers.get('x-hub-signature-256'), 'sha256=', 'hex');
    case 'shopify':
      return bareClaim(headers.get('x-shopify-hmac-sha256'), '', 'base64');
    case 'hmac':
      return genericClaim(scheme, headers);
  }
}

/** Standard Webhooks: `{webhook-id}.{webhook-timestamp}.{body}`, several signatures `v1,<base64>` with spaces between. */
function standardClaim(headers: ReadonlyMap<string, string>, toleranceSeconds: number): Claim {
  const id = headers.get('webhook-id') ?? '';
  const time = headers.get('webhook-timestamp') ?? '';
  const given = (headers.get('webhook-signature') ?? '').split(' ').slice(0, MOST_SIGNATURES);
  const ofOurs = given.filter((text) => text.startsWith('v1,')).map((text) => text.slice('v1,'.length));
  return {
    signatures: ofOurs.flatMap((text) => decode(text, 'base64')),
    before: `${id}.${time}.`,
    after: '',
    ...timed(time, 'seconds', toleranceSeconds),
    missing: missing(id !== '' && ofOurs.length > 0, time),
  };
}

/** Stripe: `t=<seconds>,v1=<hex>,v1=<hex>`; `{t}.{body}` is signed. */
function stripeClaim(headers: ReadonlyMap<string, string>, toleranceSeconds: number): Claim {
  const parts = (headers.get('stripe-signature') ?? '').split(',').map((part) => part.trim());
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  const given = parts.filter((part) => part.startsWith('v1=')).slice(0, MOST_SIGNATURES);
  return {
    signatures: given.flatMap((part) => decode(part.slice(3), 'hex')),
    before: `${time}.`,
    after: '',
    ...timed(time, 'seconds', toleranceSeconds),
    missing: missing(given.length > 0, time),
  };
}

/** Nothing but the body is signed. */
function bareClaim(given: string | undefined, prefix: string, encoding: Encoding): Claim {
  const { signatures, isThere } = prefixed(given, prefix, encoding);
  return {
    signatures,
    before: '',
    after: '',
    signedAtMs: null,
    toleranceMs: 0,
    missing: isThere ? null : 'signature-missing',
  };
}

function genericClaim(scheme: Scheme & { readonly kind: 'hmac' }, headers: ReadonlyMap<string, string>): Claim {
  const { signatures, isThere } = prefixed(headers.get(scheme.header), scheme.prefix, scheme.encoding);
  const { timestamp } = scheme;
  const time = timestamp === null ? '' : (headers.get(timestamp.header) ?? '');
  const [before = '', after = ''] = scheme.signs.split('{body}').map((part) => part.replaceAll('{timestamp}', time));
  if (timestamp === null)
    return { ...bareClaim(headers.get(scheme.header), scheme.prefix, scheme.encoding), before, after };
  return {
    signatures,
    before,
    after,
    ...timed(time, timestamp.unit, timestamp.toleranceSeconds),
    missing: missing(isThere, time),
  };
}

function missing(hasSignature: boolean, time: string): Claim['missing'] {
  if (!hasSignature) return 'signature-missing';
  // What a comparison with the clock could not be made with is as good as not there.
  return /^\d{1,16}$/.test(time) ? null : 'timestamp-missing';
}

function timed(time: string, unit: 'seconds' | 'milliseconds', toleranceSeconds: number) {
  const number = /^\d{1,16}$/.test(time) ? Number(time) : 0;
  return { signedAtMs: unit === 'seconds' ? number * 1000 : number, toleranceMs: toleranceSeconds * 1000 };
}

type Encoding = 'hex' | 'base64' | 'base64url';

function prefixed(given: string | undefined, prefix: string, encoding: Encoding) {
  const isThere = given?.startsWith(prefix) === true && given.length > prefix.length;
  return { isThere, signatures: isThere ? decode(given.slice(prefix.length), encoding) : [] };
}

const alphabets = {
  hex: /^([0-9a-fA-F]{2})+$/,
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
  base64url: /^[A-Za-z0-9_-]+={0,2}$/,
} as const;

/** Strictly: `Buffer.from` would leave out what it does not know. */
function decode(text: string, encoding: Encoding): Buffer[] {
  return alphabets[encoding].test(text) ? [Buffer.from(text, encoding)] : [];
}

/** The key that a secret stands for. */
function keyOf(scheme: Scheme, secret: string): Buffer {
  if (scheme.kind === 'standard-webhooks') return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return Buffer.from(secret, scheme.kind === 'hmac' && scheme.secretIs !== 'text' ? scheme.secretIs : 'utf8');
}

/**
 * Refuses a secret that the scheme cannot compute with, or that is easily guessed.
 * @throws Failure `secret-unusable`
 */
export function demandUsableSecret(scheme: Scheme, secret: string): void {
  if (scheme.kind === 'standard-webhooks') {
    const text = secret.replace(/^whsec_/, '');
    const { length } = keyOf(scheme, secret);
    if (!alphabets.base64.test(text) || length < 16 || length > 64)
      throw fail('secret-unusable', 'A secret of Standard Webhooks is whsec_ and the Base64 of 16 to 64 octets.');
  }
  if (scheme.kind !== 'hmac' || scheme.secretIs === 'text') return;
  if (!alphabets[scheme.secretIs].test(secret) || keyOf(scheme, secret).length < 8)
    throw fail('secret-unusable', `This secret is not ${scheme.secretIs} of 8 octets or more.`);
}

/**
 * Refuses a description of a signature that says nothing computable.
 * @throws Failure `scheme-unusable`
 */
export function demandUsableScheme(scheme: Scheme): void {
  if (scheme.kind !== 'hmac') return;
  const { signs, timestamp, header } = scheme;
  if (signs.split('{body}').length !== 2)
    throw fail('scheme-unusable', 'What is signed has to name {body}, once: else a signature says nothing about it.');
  if ((timestamp !== null) !== signs.includes('{timestamp}'))
    throw fail(
      'scheme-unusable',
      'A timestamp protects only where what is signed names {timestamp}; say both or none.',
    );
  if (timestamp?.header === header) throw fail('scheme-unusable', 'Signature and timestamp stand in two headers.');
}
