import type { Id, OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';

/** An endpoint of an organisation: what its address says. */
export interface EndpointPlace {
  readonly organisationId: OrganisationId;
  readonly endpoint: Id<'Endpoint'>;
}

const ADDRESS = /^[A-Za-z0-9_-]{43}$/;
const nil = '00000000-0000-0000-0000-000000000000';

/** What an address says that was never given out: what is asked for it finds nothing, in the same time. */
const nowhere: EndpointPlace = { organisationId: brand<'Organisation'>(nil), endpoint: brand<'Endpoint'>(nil) };

/**
 * The last part of an endpoint's address, 43 characters: its organisation and itself. So whatever comes is looked for
 * within one organisation, and no table has to tell across all of them. Its own id cannot be guessed.
 */
export function writeAddress({ organisationId, endpoint }: EndpointPlace): string {
  return Buffer.from(`${organisationId}${endpoint}`.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Whatever is no address says the nil UUIDs. */
export function readAddress(text: string): EndpointPlace {
  if (!ADDRESS.test(text)) return nowhere;
  const hex = Buffer.from(text, 'base64url').toString('hex');
  return {
    organisationId: brand<'Organisation'>(uuid(hex.slice(0, 32))),
    endpoint: brand<'Endpoint'>(uuid(hex.slice(32))),
  };
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
