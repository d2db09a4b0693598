import { type ConnectedSystem, SystemUnreachable } from '../connectors/connector.ts';
import { openSystem } from '../connectors/open-system.ts';
import type { Platform } from '../platform/platform.ts';
import type { DataMap } from './contract.ts';

/**
 * Connects to the system of a dataset, or to a system by its name, with the credential that the environment or the
 * secrets file holds under the name in the map. The caller closes it.
 * @throws SystemUnreachable where there is no such credential, or nobody answers
 */
export async function openDatasetSystem(
  platform: Platform,
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
  const credential = platform.config.secret(system.credential);
  if (credential === undefined) {
    throw new SystemUnreachable(
      `No credential is known under “${system.credential}”, which the system ${name} needs.`,
      `Set ${variableOf(system.credential)} in the environment, or “${system.credential}” in the secrets file.`,
      undefined,
    );
  }
  return await openSystem({ kind: system.kind, name, credential, log: platform.log });
}

function variableOf(credential: string): string {
  return `KEPT_SECRET_${credential.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}
