import type { Id, OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';

/** Where the public pages of notices stand. */
export const NOTICES_PATH = '/notices';

/** What a page's address names. */
export interface NoticeOnPage {
  readonly organisationId: OrganisationId;
  readonly notice: Id<'Notice'>;
}

/**
 * The last part of a page's address: organisation and notice, 43 letters. It names the organisation, since the rows of
 * one cannot be searched without knowing whose they are.
 */
export function pageKeyOf({ organisationId, notice }: NoticeOnPage): string {
  return Buffer.from(`${organisationId}${notice}`.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Undefined where it is no such key. */
export function readPageKey(key: string): NoticeOnPage | undefined {
  const octets = Buffer.from(key, 'base64url');
  // Base64 has several spellings of the same octets; one is ours.
  if (octets.length !== 32 || octets.toString('base64url') !== key) return undefined;
  return {
    organisationId: brand<'Organisation'>(uuidOf(octets.subarray(0, 16))),
    notice: brand<'Notice'>(uuidOf(octets.subarray(16))),
  };
}

function uuidOf(octets: Buffer): string {
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
