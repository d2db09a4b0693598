import { headOfDataMap, wasDataMapPublished } from '../datamap/find-publication.ts';
import { publishDataMap } from '../datamap/publish-data-map.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { filesFolder } from '../platform/storage.ts';
import { headOfPolicy, wasPublished } from '../policy/find-publication.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { approvePlan } from '../retention/decide-plan.ts';
import { planNewRules } from '../retention/plan-disposal.ts';
import { readOwnDataMap, readOwnPolicy } from './own-documents.ts';

/** Who publishes what this version ships, and so approves what follows from it. */
export const publisher: Actor = { kind: 'system', id: 'own' };

/**
 * Brings into force what this version of Kept promises about its own data, and where that lies; approves the plan that
 * follows. What was in force once is not published again: whoever runs the server may have changed it since, and a new
 * version of Kept is the next occasion. Safe to call at every start.
 */
export async function publishOwn(platform: Platform, organisationId: OrganisationId): Promise<void> {
  const { db } = platform;
  await db.transaction(organisationId, async (tx) => {
    const source = readOwnPolicy();
    if (await wasPublished(tx, source)) return;
    await publishPolicy(tx, { source, parent: await headOfPolicy(tx), actor: publisher });
  });
  const source = readOwnDataMap(filesFolder(platform.config) === undefined ? 's3' : 'folder');
  const { known, parent } = await db.transaction(organisationId, async (tx) => ({
    known: await wasDataMapPublished(tx, source),
    parent: await headOfDataMap(tx),
  }));
  if (!known) await publishDataMap(platform, organisationId, { source, parent, actor: publisher });
  await approveOwn(platform, organisationId);
}

/** Rules that nobody approved are what was just published; where something stands in their way, a person reads what. */
async function approveOwn(platform: Platform, organisationId: OrganisationId): Promise<void> {
  const plan = await planNewRules(platform, organisationId, publisher);
  if (plan === null) return;
  try {
    await platform.db.transaction(organisationId, (tx) => approvePlan(platform, tx, plan.id, plan.rows, publisher));
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'plan-has-obstacles') throw error;
    const obstacles = [...new Set(error.issues?.map(({ message }) => message))];
    platform.log.warn({ obstacles }, 'Kept cannot dispose of its own data yet');
  }
}
