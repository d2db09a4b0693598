import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import type { Depot } from './depot.ts';
import { failuresOf } from './failure.ts';
import { type Files, storageProblems } from './files.ts';
import { openFolderDepot } from './folder-depot.ts';
import { readS3Url } from './s3-client.ts';
import { openS3Depot } from './s3-depot.ts';
import { type KeySeal, openFile, sealFile } from './sealed-file.ts';

const fail = failuresOf(storageProblems);

/** The folder that files are kept in; undefined where they are in S3-compatible storage. */
export function filesFolder(config: Config): string | undefined {
  const { filesUrl } = config;
  if (filesUrl === undefined) return join(config.dataDirectory, 'files');
  return filesUrl.startsWith('file:') ? fileURLToPath(filesUrl) : undefined;
}

/**
 * Opens the storage; a bucket is not spoken to before the first use.
 * @throws Failure `storage-unavailable` where the folder cannot be made
 */
export function openFiles(config: Config, seal: KeySeal): Files {
  const depot = openDepot(config);
  return {
    async write(key, source, { signal } = {}) {
      checkKey(key);
      const sealed = sealFile(seal, key, source);
      await depot.put(key, sealed.stored, signal);
      return sealed.written();
    },
    read(key, range) {
      checkKey(key);
      const part = async (start: number, end: number | null) => {
        const found = await depot.get(key, start, end);
        if (found === undefined) throw fail('file-not-found', 'There is no such file.');
        return found;
      };
      return openFile(seal, key, part, range);
    },
    async remove(key) {
      checkKey(key);
      await depot.remove(key);
    },
    list(prefix) {
      if (prefix !== '') checkKey(prefix.replace(/\/$/, ''));
      if (prefix !== '' && !prefix.endsWith('/')) throw new Error('a prefix ends in /');
      return depot.list(prefix);
    },
    sweep: (before) => depot.sweep(before),
    close: () => depot.close(),
  };
}

function openDepot(config: Config): Depot {
  const folder = filesFolder(config);
  if (folder !== undefined) return openFolderDepot(folder);
  const place = readS3Url(config.filesUrl ?? '');
  if (place === undefined) throw new Error('the configuration let an address of files pass that is none');
  return openS3Depot(place);
}

/** Keys are made by Kept alone; one that could leave its place is a bug. */
function checkKey(key: string): void {
  if (!/^[A-Za-z0-9][\w-]*(\/[A-Za-z0-9][\w-]*)*$/.test(key)) throw new Error('this is no key of a stored file');
}
