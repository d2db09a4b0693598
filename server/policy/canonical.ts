import canonicalize from 'canonicalize';
import type { Json } from '../platform/contract.ts';

/** Canonical JSON (RFC 8785): one text per value, whatever the order or spelling of its source. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('a value that is no JSON has no canonical form');
  return text;
}

/** SHA-256 of a text in UTF-8, 64 hexadecimal digits. This is what names a version of a policy or of a data map. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The hash that names a version of a document, of the document as it is written (defaults left out). */
export async function versionHash(written: Json): Promise<string> {
  return await sha256Hex(canonicalJson(written));
}
