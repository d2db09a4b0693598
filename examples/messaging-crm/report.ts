import { KeptError } from '@kept/sdk';
import { endLines } from '../../cli/end-lines.ts';
import { runLines } from '../../cli/run-lines.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { type Language, say, type Words } from '../../cli/wording.ts';
import type { ContractEnd, Run } from './conduct.ts';
import type { Owner } from './owner.ts';

/** What the demonstration says while it works: short sentences, one per thing that is done. */
export interface Reporter {
  /** Said of --fresh. */
  deleted(paths: readonly string[]): void;
  loaded(rows: number, files: number): void;
  consoleBuilt(problem: string | null): void;
  approved(rows: number): void;
  ran(run: Run): void;
  ends(ends: readonly ContractEnd[]): void;
  /** Said last: where the console is, and who enters with what. */
  ready(link: string, owner: Owner): void;
  stopped(inOrder: boolean): void;
  failed(error: unknown): void;
  usage(): void;
  alreadyRuns(address: string, pid: number): string;
  freshNeedsEmbedded(): string;
  serverEnded(log: string): string;
  bar(): { update(done: number, expected: number): void; done(): void };
}

export function reporterOn(terminal: Terminal, language: Language): Reporter {
  const tell = (words: Words, figures: Readonly<Record<string, string | number>> = {}) =>
    terminal.note(say(language, words, figures));
  return {
    deleted: (paths) => {
      if (paths.length === 0) tell(texts.nothingDeleted);
      for (const path of paths) tell(texts.deleted, { path });
    },
    loaded: (rows, files) => {
      if (rows > 0 || files > 0) tell(texts.loaded, { rows, files });
    },
    consoleBuilt: (problem) => {
      if (problem !== null) tell(texts.consoleFailed, { problem });
    },
    approved: (rows) => tell(texts.approved, { rows }),
    ran: (run) => {
      terminal.print('');
      for (const line of runLines(run, language, terminal)) terminal.print(line);
    },
    ends: (ends) => {
      if (ends.length === 0) return;
      terminal.print('');
      for (const line of endLines(ends, language, terminal)) terminal.print(line);
    },
    ready: (link, owner) => {
      const lines: readonly (readonly [Words, string])[] = [
        [texts.console, terminal.paint('cyan', link)],
        [texts.email, owner.email],
        [texts.password, owner.password],
        [texts.authenticator, owner.secret],
      ];
      const width = Math.max(...lines.map(([words]) => words[language].length));
      terminal.print('');
      for (const [words, value] of lines) terminal.print(`${words[language].padEnd(width)}  ${value}`);
      tell(texts.stay, { email: owner.email });
    },
    stopped: (inOrder) => {
      if (inOrder) tell(texts.stopped);
    },
    failed: (error) => {
      const message = error instanceof Error ? error.message : String(error);
      const title = error instanceof KeptError ? `${error.title}: ` : '';
      terminal.note(terminal.paint('red', title) + message);
      // What is no message for people is a bug, and its place helps to mend it.
      if (error instanceof TypeError || error instanceof RangeError) terminal.note(error.stack ?? '');
    },
    usage: () => tell(texts.usage),
    alreadyRuns: (address, pid) => say(language, texts.alreadyRuns, { address, pid: String(pid) }),
    freshNeedsEmbedded: () => say(language, texts.freshNeedsEmbedded),
    serverEnded: (log) => say(language, texts.serverEnded, { log }),
    bar: () => {
      const bar = terminal.bar();
      return {
        update: (done, expected) =>
          bar.update(done, expected, say(language, texts.progress, { done, expected: Math.round(expected) })),
        done: () => bar.done(),
      };
    },
  };
}

const texts = {
  nothingDeleted: {
    'pt-BR': 'Não havia nada a apagar.',
    en: 'There was nothing to delete.',
    es: 'No había nada que borrar.',
  },
  deleted: { 'pt-BR': 'Apagado: {path}', en: 'Deleted {path}', es: 'Borrado: {path}' },
  loaded: {
    'pt-BR': 'Banco de dados do produto: {rows} registros e {files} arquivos carregados.',
    en: 'Product database: loaded {rows} rows and {files} files.',
    es: 'Base de datos del producto: {rows} registros y {files} archivos cargados.',
  },
  consoleFailed: {
    'pt-BR': 'O console não pôde ser construído; o restante funciona.\n{problem}',
    en: 'The console could not be built; everything else works.\n{problem}',
    es: 'La consola no pudo construirse; lo demás funciona.\n{problem}',
  },
  approved: {
    'pt-BR': 'Plano lido e aprovado: {rows} registros e arquivos vão sair.',
    en: 'Plan read and approved: {rows} rows and files are to go.',
    es: 'Plan leído y aprobado: {rows} registros y archivos van a salir.',
  },
  progress: { 'pt-BR': '{done} de {expected}', en: '{done} of {expected}', es: '{done} de {expected}' },
  console: { 'pt-BR': 'Console:', en: 'Console:', es: 'Consola:' },
  email: { 'pt-BR': 'E-mail:', en: 'E-mail:', es: 'Correo:' },
  password: { 'pt-BR': 'Senha:', en: 'Password:', es: 'Contraseña:' },
  authenticator: {
    'pt-BR': 'Segredo do autenticador (TOTP):',
    en: 'Authenticator secret (TOTP):',
    es: 'Secreto del autenticador (TOTP):',
  },
  stay: {
    'pt-BR':
      'O link entra uma vez, por dez minutos. Depois: e-mail, senha e o código do aplicativo autenticador em que você pôs o segredo;\n“npm run -s kept -- link --email {email}” dispensa a senha. Ctrl-C encerra.',
    en: 'The link signs in once, within ten minutes. Later: e-mail, password and the code of an authenticator app that was given the secret;\n“npm run -s kept -- link --email {email}” saves the password. Ctrl-C stops.',
    es: 'El enlace entra una vez, durante diez minutos. Después: correo, contraseña y el código de la aplicación de autenticación a la que dio el secreto;\n«npm run -s kept -- link --email {email}» ahorra la contraseña. Ctrl-C termina.',
  },
  stopped: {
    'pt-BR': 'Encerrado. Tudo fica guardado para a próxima vez.',
    en: 'Stopped. Everything is kept for the next time.',
    es: 'Terminado. Todo queda guardado para la próxima vez.',
  },
  usage: {
    'pt-BR':
      'npm start [-- --fresh] [-- --scale N]\n  --fresh    apaga o que uma demonstração anterior fez e começa de novo\n  --scale N  tamanho dos dados; 1 são cerca de 300.000 mensagens',
    en: 'npm start [-- --fresh] [-- --scale N]\n  --fresh    deletes what an earlier demonstration made and begins again\n  --scale N  size of the data; 1 is about 300,000 messages',
    es: 'npm start [-- --fresh] [-- --scale N]\n  --fresh    borra lo que hizo una demostración anterior y comienza de nuevo\n  --scale N  tamaño de los datos; 1 son unos 300.000 mensajes',
  },
  alreadyRuns: {
    'pt-BR':
      'Um Kept já está em execução em {address} (processo {pid}). Encerre-o, ou indique outro KEPT_DATA_DIR e outra KEPT_PORT.',
    en: 'A Kept already runs at {address} (process {pid}). Stop it, or set another KEPT_DATA_DIR and KEPT_PORT.',
    es: 'Ya hay un Kept en ejecución en {address} (proceso {pid}). Deténgalo, o indique otro KEPT_DATA_DIR y otro KEPT_PORT.',
  },
  freshNeedsEmbedded: {
    'pt-BR':
      'Com DATABASE_URL, --fresh não apaga nada: o banco é seu. Apague nele os bancos do Kept e messaging_crm, e comece sem --fresh.',
    en: 'With DATABASE_URL, --fresh deletes nothing: the server is yours. Drop Kept’s database and messaging_crm there, and start without --fresh.',
    es: 'Con DATABASE_URL, --fresh no borra nada: el servidor es suyo. Borre allí la base de Kept y messaging_crm, y comience sin --fresh.',
  },
  serverEnded: {
    'pt-BR': 'O servidor terminou inesperadamente; o que ele disse está em {log}. Comece de novo: nada se perdeu.',
    en: 'The server ended unexpectedly; what it said is in {log}. Start again: nothing is lost.',
    es: 'El servidor terminó inesperadamente; lo que dijo está en {log}. Comience de nuevo: nada se perdió.',
  },
} as const satisfies Record<string, Words>;
