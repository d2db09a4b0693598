import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Context, UsageError } from './command.ts';
import { say } from './wording.ts';

/** Reads a file the person named, `-` for standard input. @throws UsageError where it cannot be read */
export function readNamedFile(context: Context, name: string): string {
  try {
    return readFileSync(name === '-' ? 0 : resolve(context.directory, name), 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const words = {
      'pt-BR': 'O arquivo {name} não pode ser lido ({code}).',
      en: 'The file {name} cannot be read ({code}).',
      es: 'No se puede leer el archivo {name} ({code}).',
    };
    throw new UsageError(say(context.language, words, { name, code: String(error.code) }));
  }
}
