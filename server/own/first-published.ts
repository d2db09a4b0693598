import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { findFirstPublication } from '../policy/find-publication.ts';

/** Since when there is a policy to be measured by. */
export async function firstPublishedAt(platform: Platform, organisationId: OrganisationId): Promise<Date> {
  const { db, clock } = platform;
  return (await db.transaction(organisationId, findFirstPublication)) ?? clock.now();
}
