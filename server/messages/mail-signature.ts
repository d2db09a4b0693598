import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the clock of whoever signs may be from ours (Standard Webhooks: five minutes). */
const TOLERANCE_MS = 5 * 60_000;

/** Headers of a request, lower case, each once. */
export type SignedHeaders = Readonly<Record<string, string | undefined>>;

/**
 * Whether one of the secrets signed this body, of late: Standard Webhooks 1.0, `v1` signatures (HMAC-SHA256).
 * @param secrets as they were given out, `whsec_…`
 */
export function isSignedAsStandard(
  headers: SignedHeaders,
  body: Uint8Array,
  secrets: readonly string[],
  at: Date,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (id === undefined || timestamp === undefined || signatures === undefined) return false;
  if (!isOfLate(timestamp, at)) return false;
  const shown = signatures
    .split(' ')
    .slice(0, 20)
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'));
  return secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
    return shown.some((one) => one.length === right.length && timingSafeEqual(one, right));
  });
}

/**
 * Whether Mailgun sent this form: an HMAC-SHA256 over timestamp and token, in hex. It does not cover the mail, which
 * TLS does; a form that is sent again brings the same mail, which is taken once.
 */
export function isSignedAsMailgun(
  form: { readonly timestamp: string; readonly token: string; readonly signature: string },
  secrets: readonly string[],
  at: Date,
): boolean {
  if (!isOfLate(form.timestamp, at) || !/^[\w-]{10,100}$/.test(form.token)) return false;
  const shown = Buffer.from(form.signature, 'hex');
  return secrets.some((secret) => {
    const right = createHmac('sha256', secret).update(`${form.timestamp}${form.token}`).digest();
    return shown.length === right.length && timingSafeEqual(shown, right);
  });
}

/** @param timestamp seconds since 1970 */
function isOfLate(timestamp: string, at: Date): boolean {
  if (!/^\d{9,11}$/.test(timestamp)) return false;
  return Math.abs(Number(timestamp) * 1000 - at.getTime()) <= TOLERANCE_MS;
}
