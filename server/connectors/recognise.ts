import type { Forbidden, HashKind } from './connector.ts';

/**
 * Whether a stored value is an envelope: the prefix, then base64 (either alphabet) or bytes of nonce, ciphertext and
 * tag. A token in clear fails by its length, its alphabet, its entropy or its well-known beginning.
 */
export function isEnvelope(value: string | Buffer, prefix: string | null): boolean {
  const bytes = typeof value === 'string' ? envelopeBytes(value, prefix) : value;
  // 12 bytes of nonce and 16 of tag around at least one byte (AES-GCM, ChaCha20-Poly1305).
  if (bytes === null || bytes.length < 29) return false;
  if (isReadable(bytes) || (typeof value === 'string' && prefix === null && knownToken.test(value))) return false;
  return entropy(bytes) >= expectedEntropy(bytes.length);
}

/** Tokens that announce themselves: JSON Web Tokens, and those of well-known platforms. */
const knownToken =
  /^(eyJ|ya29\.|1\/\/|EAA|gh[opusr]_|github_pat_|glpat-|xox[abpors]-|sk_|pk_|rk_|shp(at|ca|pa|ss)_|APP_USR-|TEST-|Bearer |AKIA|AIza)/;

function envelopeBytes(value: string, prefix: string | null): Buffer | null {
  if (prefix !== null && !value.startsWith(prefix)) return null;
  const body = prefix === null ? value : value.slice(prefix.length);
  // Several fields (nonce, ciphertext, tag) may stand apart.
  const fields = body.split(/[.:$]/).filter((field) => field !== '');
  if (fields.length === 0 || !fields.every((field) => /^[A-Za-z0-9+/_-]+={0,2}$/.test(field))) return null;
  return Buffer.concat(fields.map((field) => Buffer.from(field, 'base64')));
}

/** Text that was merely encoded: nearly every byte is a printable character. */
function isReadable(bytes: Buffer): boolean {
  const printable = bytes.filter((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a).length;
  return printable / bytes.length > 0.9;
}

/** Shannon entropy of the bytes, bits per byte. */
function entropy(bytes: Buffer): number {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  return bits;
}

/** Random bytes of this length have nearly log2(length) bits each; a tenth and a half less is far beyond chance. */
function expectedEntropy(length: number): number {
  return Math.min(Math.log2(length), 8) * 0.85;
}

const email = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/u;
const cpfOrCnpj = /(?<!\d)(\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2})(?!\d)/;
const bareNumber = /(?<![\d.])(\d{14}|\d{11})(?![\d.])/g;
const phone = /(?<![\d.])(\+\d{1,3}[\s.-]?\(?\d{1,4}\)?([\s.-]?\d{2,5}){2,4}|\(\d{2,3}\)\s?\d{4,5}[\s-]?\d{4})(?!\d)/;
const ipv4 = /(?<![\d.])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])/g;
const ipv6 = /(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){7})[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}(?![\w:])/i;

/** Whether a text holds an e-mail address, telephone number, CPF or CNPJ, or an IP address that is not zeroed. */
export function holdsIdentifier(text: string): boolean {
  if (email.test(text) || cpfOrCnpj.test(text) || phone.test(text)) return true;
  for (const [address] of text.matchAll(ipv4)) if (!address.endsWith('.0')) return true;
  const [address] = ipv6.exec(text) ?? [];
  if (address !== undefined && !address.endsWith('::')) return true;
  // Bare digits of the right length are common (instants, order numbers): only the check digits tell.
  for (const [digits] of text.matchAll(bareNumber)) if (hasCheckDigits(digits)) return true;
  return false;
}

/** Whether a stored value is a hash of one of these kinds, by its form. */
export function isHash(value: string | Buffer, kinds: readonly HashKind[]): boolean {
  return kinds.some((kind) => {
    if (kind === 'sha-256') return isDigest(value);
    return typeof value === 'string' && passwordHashes[kind].test(value);
  });
}

const passwordHashes = {
  argon2id: /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{16,}\$[A-Za-z0-9+/]{22,}$/,
  bcrypt: /^\$2[aby]\$(1\d|2\d|3[01])\$[./A-Za-z0-9]{53}$/,
};

/** 32 bytes that are no text: a token of 32 letters in clear is as long as its digest. */
function isDigest(value: string | Buffer): boolean {
  if (typeof value === 'string') return /^[0-9a-f]{64}$/i.test(value);
  return value.length === 32 && !isReadable(value);
}

/** Whether a text holds one of the things that are never recorded. */
export function holdsForbidden(text: string, forbidden: readonly Forbidden[]): boolean {
  return forbidden.some((kind) => {
    if (kind === 'payment-card') return holdsCardNumber(text);
    return kind === 'identifier' ? holdsIdentifier(text) : secretInClear.test(text);
  });
}

/** Private keys, bearer tokens and those of `knownToken`, wherever in the text they stand. */
const secretInClear =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|(?<![\w-])(eyJ[\w-]{8,}\.[\w-]+\.|ya29\.|gh[opusr]_\w{20,}|github_pat_|glpat-|xox[abpors]-|[spr]k_(live|test)_|APP_USR-\d|AKIA[0-9A-Z]{12}|AIza[\w-]{20,}|[Bb]earer\s+[\w.~+/-]{16,}|(password|senha|contraseña|secret)\s*[=:]\s*\S{6,})/;

const cardNumber =
  /(?<![\w-])[2-6]\d{3}([ -]?\d{4}){2}([ -]?\d{1,7})?(?![\w-])|(?<![\w-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\w-])/g;

/** Thirteen to nineteen digits of a card's beginning whose last is right (ISO/IEC 7812-1, annex B). */
function holdsCardNumber(text: string): boolean {
  for (const [found] of text.matchAll(cardNumber)) {
    const digits = found.replaceAll(/\D/g, '');
    if (digits.length >= 13 && digits.length <= 19 && isLuhn(digits)) return true;
  }
  return false;
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** The check digits of a CPF (11 digits) or CNPJ (14), Receita Federal's modulo 11. */
function hasCheckDigits(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  const weights = digits.length === 11 ? [10, 9, 8, 7, 6, 5, 4, 3, 2] : [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
  const first = checkDigit(digits.slice(0, weights.length), weights);
  const longer = digits.length === 11 ? [11, ...weights] : [6, ...weights];
  const second = checkDigit(digits.slice(0, longer.length), longer);
  return digits.endsWith(`${first}${second}`);
}

function checkDigit(digits: string, weights: readonly number[]): number {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}
