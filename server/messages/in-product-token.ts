import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Database } from '../platform/database.ts';
import { keyOf } from './recipient-key.ts';

/** Whose notices a token opens. */
export interface TokenBearer {
  readonly organisationId: OrganisationId;
  /** As the audiences name the recipient. */
  readonly references: readonly string[];
}

const claimsSchema = z.tuple([idSchema('Organisation'), z.array(z.string()), z.number().int()]);

/**
 * A token that opens one recipient's notices until it expires. It is signed and not stored, so it cannot be taken back:
 * it is short-lived, and all it opens is what was told to its recipient anyway.
 */
export function writeInProductToken(database: Database, bearer: TokenBearer, expiresAt: Date): string {
  const claims = [bearer.organisationId, bearer.references, Math.floor(expiresAt.getTime() / 1000)];
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${text}.${sign(database, text).toString('base64url')}`;
}

/** Undefined where it is not one of ours, was changed, or has expired. Asks no database. */
export function readInProductToken(database: Database, token: string, at: Date): TokenBearer | undefined {
  const [text = '', signature = '', ...rest] = token.split('.');
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(database, text);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Signed by us, so it can be read.
  const [organisationId, references, expires] = claimsSchema.parse(
    JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
  );
  return at.getTime() < expires * 1000 ? { organisationId, references } : undefined;
}

function sign(database: Database, text: string): Buffer {
  return createHmac('sha256', keyOf(database, 'in-product-token')).update(text).digest();
}
