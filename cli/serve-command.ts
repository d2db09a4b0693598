import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Command, exitCodes } from './command.ts';

/** Where the server's program is, seen from this file. */
const serverProgram = fileURLToPath(new URL('../server/main.ts', import.meta.url));

export const serve: Command = {
  name: 'serve',
  usage: '',
  summary: {
    'pt-BR': 'inicia o servidor, vazio da primeira vez',
    en: 'starts the server, empty the first time',
    es: 'inicia el servidor, vacío la primera vez',
  },
  options: {},
  explained: {},
  words: 0,
  run: (context) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [serverProgram], { env: context.environment, stdio: 'inherit' });
      // Ctrl-C reaches both of us; we wait until the server has drained.
      const forward = (signal: NodeJS.Signals) => child.kill(signal);
      process.on('SIGTERM', forward);
      process.on('SIGINT', () => {});
      child.once('error', reject);
      child.once('exit', (code) => resolve(code === 0 ? exitCodes.ok : exitCodes.no));
    }),
};
