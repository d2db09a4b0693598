import { createHash, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';

/** A new secret of an authenticator app, Base32, 160 random bits. */
export function newTotpSecret(): string {
  return generateSecret();
}

/** What the app reads from a QR code. */
export function totpUri(secret: string, email: string): string {
  return generateURI({ issuer: 'Kept', label: email, secret });
}

/**
 * The time step that a code belongs to, with 30 seconds of leeway to both sides (RFC 6238, 5.2); undefined when it fits
 * none. Whoever takes it must see to it that none works twice.
 */
export function totpStep(secret: string, code: string, at: Date): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const epoch = Math.floor(at.getTime() / 1000);
  const found = verifySync({ secret, token: code, epoch, epochTolerance: 30 });
  return found.valid && 'timeStep' in found ? found.timeStep : undefined;
}

/** Without what people put in to read it better. */
export function bareCode(text: string): string {
  return text.replaceAll(/[\s-]/g, '').toUpperCase();
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODES = 10;

/** Ten recovery codes with 80 random bits each, such as `7K3M-…`, in Crockford's alphabet: nothing looks alike. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () => {
    // 256 is a multiple of 32, so each letter is as likely.
    const letters = Array.from(randomBytes(16), (octet) => ALPHABET[octet % 32]).join('');
    return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
  });
}

/** What is stored of a recovery code. With 80 random bits it cannot be guessed, so a fast hash suffices. */
export function hashRecoveryCode(personId: string, code: string): Buffer {
  const read = bareCode(code).replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return createHash('sha256').update(`recovery-code\0${personId}\0${read}`).digest();
}
