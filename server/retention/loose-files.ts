import type { Attachment, ConnectedSystem, Target } from '../connectors/connector.ts';
import { targetOf } from '../datamap/target-of.ts';
import type { Basis } from './basis.ts';
import type { Systems } from './systems.ts';

/** A folder whose files belong to rows, and the columns that name them. */
export interface Volume {
  readonly system: string;
  readonly files: Target;
  readonly namedBy: readonly { readonly system: string; readonly target: Target; readonly attachment: Attachment }[];
}

/** The folder behind a dataset: the dataset itself, or where its rows' files are. */
export function volumesOf(basis: Pick<Basis, 'map'>, dataset: string): Volume[] {
  const { map } = basis;
  const binding = map.datasets[dataset];
  if (binding === undefined) return [];
  if (binding.folder !== undefined) {
    const files = targetOf(map, dataset);
    return [{ system: binding.system, files, namedBy: namersOf(basis, binding.system, dataset) }];
  }
  return binding.attachments
    .filter((attachment) => attachment.dataset === undefined)
    .map(({ system }) => ({ system, files: wholeFolder, namedBy: namersOf(basis, system, null) }));
}

const wholeFolder: Target = {
  name: '.',
  key: [],
  subjects: {},
  attachments: [],
  files: { match: '**/*', clock: 'modified' },
  bulkOnly: false,
  breakCycleAt: [],
};

function namersOf(basis: Pick<Basis, 'map'>, system: string, files: string | null): Volume['namedBy'] {
  return Object.entries(basis.map.datasets).flatMap(([name, binding]) =>
    binding.attachments
      .filter((attachment) => attachment.system === system)
      // A column that does not say which files it means may mean any of the system's.
      .filter((attachment) => files === null || attachment.dataset === undefined || attachment.dataset === files)
      .map(({ column }) => ({
        system: binding.system,
        target: targetOf(basis.map, name),
        attachment: { column, system },
      })),
  );
}

export interface LooseFile {
  readonly path: string;
  readonly modifiedAt: Date;
}

/**
 * Files that no row names, by merging sorted streams: memory does not grow with their number. `each` is called for
 * every file of the volume before its verdict, so that a caller can count.
 */
export async function* looseFiles(
  volume: Volume,
  systems: Systems,
  each: (file: LooseFile) => void = () => undefined,
): AsyncGenerator<LooseFile> {
  const folder = await systems.get(volume.system);
  const named: Sorted[] = [];
  try {
    // Names are read before the listing begins: a file written and named meanwhile is younger than any tolerance.
    for (const { system, target, attachment } of volume.namedBy)
      named.push(await Sorted.open(await systems.get(system), target, attachment));
    for await (const { path, modifiedAt } of folder.listFiles(volume.files)) {
      each({ path, modifiedAt });
      let known = false;
      for (const names of named) known = (await names.has(path)) || known;
      if (!known) yield { path, modifiedAt };
    }
  } finally {
    for (const names of named) await names.close();
  }
}

/** A sorted stream of paths that is asked for ascending paths. */
class Sorted {
  readonly #stream: AsyncIterator<string>;
  #next: string | null = null;

  private constructor(stream: AsyncIterator<string>) {
    this.#stream = stream;
  }

  static async open(system: ConnectedSystem, target: Target, attachment: Attachment): Promise<Sorted> {
    const sorted = new Sorted(system.readAttachmentPaths(target, attachment)[Symbol.asyncIterator]());
    await sorted.#advance();
    return sorted;
  }

  async has(path: string): Promise<boolean> {
    while (this.#next !== null && compareBytes(this.#next, path) < 0) await this.#advance();
    return this.#next === path;
  }

  async close(): Promise<void> {
    await this.#stream.return?.();
  }

  async #advance(): Promise<void> {
    const { value, done } = await this.#stream.next();
    this.#next = done === true ? null : value;
  }
}

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
