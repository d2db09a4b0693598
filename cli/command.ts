import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Client } from '@kept/sdk';
import type { Terminal } from './terminal.ts';
import { type Language, say, type Words } from './wording.ts';

/** What the shell reads. 1 is an answer ("no"), 2 to 4 are failures. */
export const exitCodes = {
  ok: 0,
  /** The command ran, and the answer is no: findings, obstacles, an invalid receipt, a run that did not finish. */
  no: 1,
  /** It was called in a way that makes no sense. */
  usage: 2,
  /** No server answered. */
  unreachable: 3,
  /** The server refused. */
  refused: 4,
  /** A bug in Kept. */
  bug: 70,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What every command is handed. */
export interface Context {
  readonly language: Language;
  readonly terminal: Terminal;
  /** Directory that file names are relative to. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The server's client. @throws UsageError or NoServer when there is nothing to connect to */
  connect(): Promise<Client>;
}

export interface Command {
  /** As it is typed: `hold place`. */
  readonly name: string;
  /** What follows the name: `PLAN [--rows N]`. */
  readonly usage: string;
  readonly summary: Words;
  readonly options: ParseArgsOptionsConfig;
  /** What each option means, in the same order. */
  readonly explained: Readonly<Record<string, Words>>;
  /** At most so many words without a dash. */
  readonly words: number;
  run(context: Context, given: Arguments): Promise<ExitCode>;
}

/** The command line after the command's name. */
export interface Arguments {
  word(place: number): string | undefined;
  text(option: string): string | undefined;
  all(option: string): readonly string[];
  flag(option: string): boolean;
  /** @throws UsageError when it was left out */
  needed(option: string): string;
  /** @throws UsageError when it was left out */
  neededWord(place: number, what: string): string;
}

/** The command cannot be understood; the message is for people and says what would be right. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const everywhere = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  organisation: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** Reads what follows a command's name. @throws UsageError for an option or word it does not know */
export function readArguments(command: Command, args: readonly string[], language: Language): Arguments {
  const parsed = parse(command, args);
  if (parsed.positionals.length > command.words) {
    const words = {
      'pt-BR': 'Não entendo “{word}”.',
      en: 'I do not understand “{word}”.',
      es: 'No entiendo «{word}».',
    };
    throw new UsageError(say(language, words, { word: parsed.positionals[command.words] ?? '' }));
  }
  const missing = (what: string): UsageError => {
    const words = { 'pt-BR': 'Falta {what}.', en: '{what} is missing.', es: 'Falta {what}.' };
    return new UsageError(say(language, words, { what }));
  };
  const all = (option: string): readonly string[] => {
    const value = parsed.values[option];
    const list = Array.isArray(value) ? value : [value];
    return list.filter((item) => typeof item === 'string');
  };
  return {
    word: (place) => parsed.positionals[place],
    text: (option) => all(option).at(-1),
    all,
    flag: (option) => parsed.values[option] === true,
    needed(option) {
      const value = all(option).at(-1);
      if (value === undefined) throw missing(`--${option}`);
      return value;
    },
    neededWord(place, what) {
      const value = parsed.positionals[place];
      if (value === undefined) throw missing(what);
      return value;
    },
  };
}

interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

function parse(command: Command, args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options: { ...everywhere, ...command.options }, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(error.message.split('. To specify')[0] ?? error.message);
    throw error;
  }
}
