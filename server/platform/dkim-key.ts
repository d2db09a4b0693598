import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What mail is signed with (RFC 6376), in nodemailer's words. */
export interface DkimKey {
  readonly domainName: string;
  readonly keySelector: string;
  /** PEM. */
  readonly privateKey: string;
}

/** What the environment says about it. */
export interface DkimSettings {
  readonly file: string | undefined;
  readonly selector: string | undefined;
  /** The sender of mail, whose domain publishes the public key. */
  readonly mailFrom: string;
}

/** The key, undefined where none is configured, or what is wrong with which variable. */
export function readDkimKey(
  settings: DkimSettings,
): DkimKey | undefined | { readonly path: string; readonly message: string } {
  const { file, selector, mailFrom } = settings;
  if (file === undefined && selector === undefined) return undefined;
  if (file === undefined)
    return { path: 'KEPT_DKIM_KEY_FILE', message: 'name the key that KEPT_DKIM_SELECTOR is about' };
  if (selector === undefined)
    return {
      path: 'KEPT_DKIM_SELECTOR',
      message: 'write the name under which the public key is published, as in selector._domainkey.example.com',
    };
  const domainName = /@([^@<>\s]+?)>?$/.exec(mailFrom.trim())?.[1];
  if (domainName === undefined)
    return { path: 'KEPT_MAIL_FROM', message: 'set the sender whose domain publishes the key of KEPT_DKIM_KEY_FILE' };
  const key = readKey(file);
  if (key === undefined)
    return { path: 'KEPT_DKIM_KEY_FILE', message: `${file} cannot be read as a private key in PEM` };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  // RFC 8301: signers must use at least 1024 bits and should use 2048; Ed25519 (RFC 8463) is checked by few.
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048)
    return { path: 'KEPT_DKIM_KEY_FILE', message: 'use an RSA key of at least 2048 bits (openssl genrsa 2048)' };
  return { domainName, keySelector: selector, privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function readKey(file: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(file, 'utf8'));
  } catch {
    // Neither what it says nor why OpenSSL refuses it may be repeated: both may quote the key.
    return undefined;
  }
}
