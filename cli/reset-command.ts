import { endpoints } from '@kept/sdk';
import { type Command, exitCodes } from './command.ts';
import { say } from './wording.ts';

export const resetFactors: Command = {
  name: 'reset-factors',
  usage: '--email ADDRESS',
  summary: {
    'pt-BR': 'remove os segundos fatores de quem os perdeu; a pessoa cadastra outros ao entrar',
    en: 'removes the second factors of somebody who lost them; they enrol others when they sign in',
    es: 'quita los segundos factores de quien los perdió; la persona registra otros al entrar',
  },
  options: { email: { type: 'string' } },
  explained: {
    '--email ADDRESS': {
      'pt-BR': 'de quem; certifique-se antes de que é mesmo essa pessoa que pede',
      en: 'whose; make sure first that it is they who ask',
      es: 'de quién; asegúrese antes de que es esa persona quien lo pide',
    },
  },
  words: 0,
  async run(context, given) {
    const email = given.needed('email');
    await (await context.connect()).call(endpoints.access.resetFactors, { body: { email } });
    const words = {
      'pt-BR': 'Os segundos fatores de {email} foram removidos, e todas as suas sessões encerradas.',
      en: 'The second factors of {email} are gone, and all their sessions ended.',
      es: 'Los segundos factores de {email} se quitaron y todas sus sesiones se cerraron.',
    };
    context.terminal.print(
      given.flag('json') ? JSON.stringify({ reset: email }) : say(context.language, words, { email }),
    );
    return exitCodes.ok;
  },
};
