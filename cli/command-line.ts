import { KeptError } from '@kept/sdk';
import { type Command, type Context, type ExitCode, exitCodes, readArguments, UsageError } from './command.ts';
import { commands } from './commands.ts';
import { connect, NoServer } from './connection.ts';
import { commandHelp, overview } from './help.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { type Language, languageOf, say } from './wording.ts';

/** Runs one command line and resolves to the exit code. Nothing is thrown: even a bug is reported and has its code. */
export async function runCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  const language = languageOf(environment);
  const terminal = openTerminal({ out: process.stdout, err: process.stderr, in: process.stdin }, environment);
  const json = args.includes('--json');
  try {
    return await dispatch(args, environment, language, terminal);
  } catch (error) {
    return report(error, language, terminal, json);
  }
}

async function dispatch(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  language: Language,
  terminal: Terminal,
): Promise<ExitCode> {
  const [first] = args;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    for (const line of overview(language, terminal)) terminal.print(line);
    return first === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const found = findCommand(args);
  if (found === undefined) throw await unknownCommand(args, language);
  const { command, rest } = found;
  const given = readArguments(command, rest, language);
  if (given.flag('help')) {
    for (const line of commandHelp(command, language, terminal)) terminal.print(line);
    return exitCodes.ok;
  }
  // npm runs scripts in the repository's root; file names are relative to where the person is.
  const directory = environment['npm_lifecycle_event'] === 'kept' ? environment['INIT_CWD'] : undefined;
  const context: Context = {
    language,
    terminal,
    directory: directory ?? process.cwd(),
    environment,
    connect: async () => connect(environment, process.cwd(), given.text('organisation'), language),
  };
  return command.run(context, given);
}

/** The longest name that the line begins with: `hold place` before `hold`. */
function findCommand(args: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return { command, rest: args.slice(length) };
  }
  return undefined;
}

async function unknownCommand(args: readonly string[], language: Language): Promise<UsageError> {
  const { nearestNames } = await import('@kept/sdk/policy');
  const [first = '', second = ''] = args;
  const family = commands.filter((command) => command.name.startsWith(`${first} `)).map((command) => command.name);
  const typed = family.length > 0 && !second.startsWith('-') ? `${first} ${second}`.trim() : first;
  const names = commands.map((command) => command.name);
  const near = family.length > 0 ? family : nearestNames(typed, names);
  const words = {
    'pt-BR':
      near.length > 0
        ? 'Não existe o comando “{typed}”. Seria {near}?'
        : 'Não existe o comando “{typed}”. Veja “kept help”.',
    en:
      near.length > 0
        ? 'There is no command “{typed}”. Did you mean {near}?'
        : 'There is no command “{typed}”. See “kept help”.',
    es:
      near.length > 0
        ? 'No existe el comando «{typed}». ¿Quizá {near}?'
        : 'No existe el comando «{typed}». Vea «kept help».',
  };
  const listed = new Intl.ListFormat(language, { type: 'disjunction' }).format(near.map((name) => `“kept ${name}”`));
  return new UsageError(say(language, words, { typed, near: listed }));
}

/** Says what went wrong: for people on standard error, with `--json` as one object on standard output. */
function report(error: unknown, language: Language, terminal: Terminal, json: boolean): ExitCode {
  const { code, exit } = classify(error);
  const detail = error instanceof Error ? error.message : String(error);
  const issues = error instanceof KeptError ? error.issues : [];
  if (json) terminal.print(JSON.stringify({ error: { code, detail, issues } }));
  else {
    terminal.note(terminal.paint('red', title(error, language)) + detail);
    for (const issue of issues) terminal.note(`  ${issue.path === '' ? '' : `${issue.path}: `}${issue.message}`);
    if (error instanceof KeptError && error.code === 'unreachable') terminal.note(startHint(language));
    if (error instanceof KeptError && error.instance !== undefined) terminal.note(`  id ${error.instance}`);
    if (exit === exitCodes.bug && error instanceof Error) terminal.note(error.stack ?? '');
  }
  return exit;
}

function classify(error: unknown): { code: string; exit: ExitCode } {
  if (error instanceof UsageError) return { code: 'usage', exit: exitCodes.usage };
  if (error instanceof NoServer) return { code: 'no-server', exit: exitCodes.unreachable };
  if (error instanceof KeptError) {
    return { code: error.code, exit: error.code === 'unreachable' ? exitCodes.unreachable : exitCodes.refused };
  }
  return { code: 'bug', exit: exitCodes.bug };
}

function title(error: unknown, language: Language): string {
  if (error instanceof UsageError || error instanceof NoServer) return '';
  if (error instanceof KeptError) return `${error.title}: `;
  return `${say(language, { 'pt-BR': 'Erro no Kept', en: 'A bug in Kept', es: 'Error de Kept' })}: `;
}

function startHint(language: Language): string {
  return say(language, {
    'pt-BR': '  Inicie-o com “kept serve”, ou confira KEPT_ADDRESS.',
    en: '  Start it with “kept serve”, or look at KEPT_ADDRESS.',
    es: '  Inícielo con «kept serve», o revise KEPT_ADDRESS.',
  });
}
