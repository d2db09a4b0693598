import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Client, createClient } from '@kept/sdk';
import { type Language, say } from './wording.ts';

/** Nothing is running where it was looked for; the message says what to do. */
export class NoServer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoServer';
  }
}

/** What the server writes into its data directory when it is ready. */
export interface LocalServer {
  readonly address: string;
  readonly key: string;
  readonly pid: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const dataDirectoryOf = (environment: Environment, directory: string): string =>
  resolve(directory, environment['KEPT_DATA_DIR'] || '.kept');

/**
 * A client of the server named by KEPT_ADDRESS and KEPT_KEY, else of the one of the data directory.
 * @throws NoServer
 */
export function connect(
  environment: Environment,
  directory: string,
  organisation: string | undefined,
  language: Language,
): Client {
  const named = organisation ?? (environment['KEPT_ORGANISATION'] || undefined);
  const address = environment['KEPT_ADDRESS'];
  if (address !== undefined && address !== '')
    return createClient({ address, key: environment['KEPT_KEY'] || undefined, organisation: named });
  const data = dataDirectoryOf(environment, directory);
  const local = findLocalServer(data);
  if (local === undefined) {
    const words = {
      'pt-BR':
        'Nenhum Kept em execução foi encontrado em {data}. Inicie-o com “kept serve” (ou “npm start” para a demonstração), ou indique KEPT_ADDRESS e KEPT_KEY.',
      en: 'No running Kept was found in {data}. Start it with “kept serve” (or “npm start” for the demonstration), or set KEPT_ADDRESS and KEPT_KEY.',
      es: 'No se encontró ningún Kept en ejecución en {data}. Inícielo con «kept serve» (o «npm start» para la demostración), o indique KEPT_ADDRESS y KEPT_KEY.',
    };
    throw new NoServer(say(language, words, { data }));
  }
  return createClient({ address: local.address, key: local.key, organisation: named });
}

/** The server that last became ready in this data directory; undefined where none did or its process is gone. */
export function findLocalServer(dataDirectory: string): LocalServer | undefined {
  const file = join(dataDirectory, 'server.json');
  if (!existsSync(file)) return undefined;
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof content !== 'object' || content === null) return undefined;
  if (!('address' in content && 'keyFile' in content && 'pid' in content)) return undefined;
  const { address, keyFile, pid } = content;
  if (typeof address !== 'string' || typeof keyFile !== 'string' || typeof pid !== 'number') return undefined;
  if (!isAlive(pid)) return undefined;
  return { address, key: readFileSync(keyFile, 'utf8').trim(), pid };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
