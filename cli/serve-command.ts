import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Command, type Context, exitCodes } from './command.ts';
import { say } from './wording.ts';

/** Where the server's program is, seen from this file. */
const serverProgram = fileURLToPath(new URL('../server/main.ts', import.meta.url));

export const serve: Command = {
  name: 'serve',
  usage: '',
  summary: {
    'pt-BR': 'inicia o servidor, vazio da primeira vez, e diz então onde configurá-lo',
    en: 'starts the server, empty the first time, and says then where to set it up',
    es: 'inicia el servidor, vacío la primera vez, y dice entonces dónde configurarlo',
  },
  options: {},
  explained: {},
  words: 0,
  run: (context) =>
    new Promise((resolve, reject) => {
      // It tells us over the channel when it is ready, and stops in order when we are gone in whatever way.
      const child = spawn(process.execPath, [serverProgram], {
        env: context.environment,
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      });
      child.on('message', (message) => tellSetup(context, message));
      // Ctrl-C reaches both of us; we wait until the server has drained.
      const forward = (signal: NodeJS.Signals) => child.kill(signal);
      process.on('SIGTERM', forward);
      process.on('SIGINT', () => {});
      child.once('error', reject);
      child.once('exit', (code) => resolve(code === 0 ? exitCodes.ok : exitCodes.no));
    }),
};

/** Says where a server without organisations is set up: its first message holds the link, which works once. */
function tellSetup({ terminal, language }: Context, message: unknown): void {
  if (typeof message !== 'object' || message === null || !('setup' in message)) return;
  const { setup } = message;
  if (typeof setup !== 'string') return;
  const words = {
    'pt-BR':
      'Este servidor ainda está vazio. Configure-o aqui, uma vez; o link vale enquanto o servidor estiver em execução:',
    en: 'This server is empty so far. Set it up here, once; the link works as long as the server runs:',
    es: 'Este servidor todavía está vacío. Configúrelo aquí, una vez; el enlace vale mientras el servidor esté en ejecución:',
  };
  terminal.note(`\n${say(language, words)}\n  ${terminal.paint('cyan', setup)}\n`);
}
