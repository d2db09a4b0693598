import type { Batch } from '../connectors/connector.ts';
import type { HoldTarget } from './contract.ts';
import type { Work } from './drive.ts';

/**
 * Removes the files of rows about to go; their rows go only if the files did. A file that is held itself stays, and so
 * its row does. An unreachable volume is thrown on: the batch is undone and no row goes.
 */
export function attachmentRemover(work: Work, holds: readonly HoldTarget[]): Batch['removeAttachments'] {
  return async (paths) => {
    const held = heldFiles(work, holds);
    const refused = new Set<string>();
    const going = new Map<string, string[]>();
    for (const { system, path } of paths) {
      if (held.has(`${system}\n${path}`)) refused.add(`${system}\n${path}`);
      else going.set(system, [...(going.get(system) ?? []), path]);
    }
    for (const [name, files] of going) {
      const folder = await work.drive.systems.get(name);
      for (const path of await folder.removeFiles(files)) refused.add(`${name}\n${path}`);
    }
    return paths.filter(({ system, path }) => refused.has(`${system}\n${path}`)).map(({ key }) => key);
  };
}

/** Single files under a hold. A hold on all of a folder keeps the rows themselves, see exclusion.ts. */
function heldFiles(work: Work, holds: readonly HoldTarget[]): Set<string> {
  const { datasets } = work.drive.basis.map;
  return new Set(
    holds.flatMap((hold) => {
      if (hold.kind !== 'rows') return [];
      const binding = datasets[hold.dataset];
      return binding?.folder === undefined ? [] : hold.keys.map(([path]) => `${binding.system}\n${path}`);
    }),
  );
}
