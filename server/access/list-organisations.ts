import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { Organisation } from './contract.ts';
import { selectIsFirst, selectOrganisation, selectOrganisations } from './organisation-store.ts';

/** Every organisation of this server, oldest first, 10,000 at most; for schedules that visit each of them. */
export async function listOrganisations(platform: Platform): Promise<readonly Organisation[]> {
  return platform.db.globalTransaction((tx) => selectOrganisations(tx, 10_000));
}

export async function findOrganisation(platform: Platform, id: OrganisationId): Promise<Organisation | undefined> {
  return platform.db.globalTransaction((tx) => selectOrganisation(tx, id));
}

/** Whether it was the first to be made here: it is whose server this is. */
export async function isFirstOrganisation(platform: Platform, id: OrganisationId): Promise<boolean> {
  return platform.db.globalTransaction((tx) => selectIsFirst(tx, id));
}
