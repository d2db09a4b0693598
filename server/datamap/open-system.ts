import { type ConnectedSystem, SystemUnreachable } from '../connectors/connector.ts';
import { openSystem } from '../connectors/open-system.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { findPolicyInForce } from '../policy/find-policy.ts';
import type { DataMap } from './contract.ts';
import { findCredential } from './find-credential.ts';

/**
 * Connects to the system of a dataset, or to a system by its name, with the organisation's credential of the
 * name in the map. The caller closes it.
 * @throws SystemUnreachable where there is no such credential, or nobody answers
 */
export async function openDatasetSystem(
  platform: Platform,
  organisationId: OrganisationId,
  map: DataMap,
  wanted: string | { readonly system: string },
): Promise<ConnectedSystem> {
  const name = typeof wanted === 'string' ? map.datasets[wanted]?.system : wanted.system;
  const system = name === undefined ? undefined : map.systems[name];
  if (name === undefined || system === undefined) {
    throw new Error(
      `the data map has no ${typeof wanted === 'string' ? `dataset ${wanted}` : `system ${wanted.system}`}`,
    );
  }
  const credential = await findCredential(platform, organisationId, system.credential);
  if (credential.value === null) {
    throw new SystemUnreachable(
      `No credential is known under “${system.credential}”, which the system ${name} needs.`,
      credential.remedy,
      undefined,
    );
  }
  const policy = await platform.db.transaction(organisationId, findPolicyInForce);
  return await openSystem({
    kind: system.kind,
    name,
    credential: credential.value,
    timeZone: policy?.timeZone ?? 'UTC',
    log: platform.log,
  });
}
