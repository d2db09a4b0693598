import type { Access } from '../access/open-access.ts';
import * as contract from '../access/sealing-contract.ts';
import type { HttpServer } from '../platform/http.ts';
import { describeKeys } from './describe-keys.ts';
import { rotateKeys } from './rotate-keys.ts';

/** The keys that seal secrets. They stand here since sealed values lie in every folder. */
export function registerKeysRoutes(http: HttpServer, { platform, ownOrganisationId }: Access): void {
  http.route(contract.describeSealing, () => describeKeys(platform));

  http.route(contract.rotateSealing, async ({ caller, body }) => {
    const options = { isPrepared: body.prepared };
    const { dataKeys, keeper, name } = await rotateKeys(platform, ownOrganisationId, caller.actor, options);
    return { dataKeys, key: { keeper, name } };
  });
}
