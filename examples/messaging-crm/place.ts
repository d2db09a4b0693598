import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateOptions } from './people.ts';

/** Where the demonstration keeps what it makes, below the data directory of Kept. */
export interface Place {
  readonly dataDirectory: string;
  readonly home: string;
  readonly volumes: string;
  readonly mail: string;
  readonly serverLog: string;
  readonly secretsFile: string;
  readonly stateFile: string;
  /** What the owner knows: password and authenticator. */
  readonly ownerFile: string;
}

export function placeIn(dataDirectory: string): Place {
  const home = join(dataDirectory, 'examples', 'messaging-crm');
  return {
    dataDirectory,
    home,
    volumes: join(home, 'volumes'),
    mail: join(home, 'mail'),
    serverLog: join(home, 'server.log'),
    secretsFile: join(dataDirectory, 'secrets.json'),
    stateFile: join(home, 'state.json'),
    ownerFile: join(home, 'owner.json'),
  };
}

/**
 * What the data that is there was generated from, or will be: written before anything else, so that an interrupted
 * start goes on with the same.
 */
export function originOf(place: Place, begin: { seed: number; scale: number; now: Date }): GenerateOptions {
  mkdirSync(place.home, { recursive: true });
  if (!existsSync(place.stateFile)) {
    // Whole minutes read better, and nothing depends on less.
    const at = new Date(Math.floor(begin.now.getTime() / 60_000) * 60_000);
    writeWhole(place.stateFile, JSON.stringify({ seed: begin.seed, scale: begin.scale, at }));
  }
  const state: unknown = JSON.parse(readFileSync(place.stateFile, 'utf8'));
  if (typeof state !== 'object' || state === null || !('seed' in state && 'scale' in state && 'at' in state))
    throw new Error(`${place.stateFile} is not what the demonstration wrote; begin again with --fresh`);
  return { seed: Number(state.seed), scale: Number(state.scale), at: new Date(String(state.at)) };
}

/**
 * Adds the example's credentials to the secrets file of the data directory, under the short name of its organisation;
 * what else is in it stays.
 */
export function writeSecrets(place: Place, organisation: string, secrets: Readonly<Record<string, string>>): void {
  const known: unknown = existsSync(place.secretsFile) ? JSON.parse(readFileSync(place.secretsFile, 'utf8')) : {};
  const all = new Map<string, unknown>(Object.entries(typeof known === 'object' ? (known ?? {}) : {}));
  const own = all.get(organisation);
  all.set(organisation, { ...(typeof own === 'object' ? own : {}), ...secrets });
  const content = Object.fromEntries(all);
  writeWhole(place.secretsFile, `${JSON.stringify(content, null, 2)}\n`);
}

/**
 * Deletes what an earlier demonstration made. Only a data directory that a demonstration made is touched.
 * @returns what was deleted, empty when there was nothing
 * @throws Error when a server still runs on it, or somebody else's data is there
 */
export function clear(place: Place): string[] {
  if (!existsSync(place.dataDirectory)) return [];
  if (!existsSync(place.stateFile)) {
    const own = ['postgres', 'server.json', 'local.key'].filter((name) => existsSync(join(place.dataDirectory, name)));
    if (own.length === 0) return [];
    throw new Error(
      `${place.dataDirectory} holds data of a Kept that no demonstration made, so --fresh leaves it alone. Set KEPT_DATA_DIR to another directory.`,
    );
  }
  rmSync(place.dataDirectory, { recursive: true });
  return [place.dataDirectory];
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
