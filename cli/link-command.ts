import { endpoints } from '@kept/sdk';
import { type Command, exitCodes } from './command.ts';
import { say } from './wording.ts';

export const link: Command = {
  name: 'link',
  usage: '--email ADDRESS [--code CODE]',
  summary: {
    'pt-BR': 'faz um endereço que vale pela senha de uma pessoa, uma vez, por dez minutos',
    en: 'makes a link that stands for a person’s password, once, within ten minutes',
    es: 'hace un enlace que vale por la contraseña de una persona, una vez, durante diez minutos',
  },
  options: { email: { type: 'string' }, code: { type: 'string' } },
  explained: {
    '--email ADDRESS': { 'pt-BR': 'quem vai entrar', en: 'who is to sign in', es: 'quién va a entrar' },
    '--code CODE': {
      'pt-BR': 'o que o aplicativo autenticador mostra agora; com ele nada mais é perguntado',
      en: 'what the authenticator app shows now; with it nothing else is asked',
      es: 'lo que muestra ahora la aplicación de autenticación; con él no se pregunta nada más',
    },
  },
  words: 0,
  async run(context, given) {
    const email = given.needed('email');
    const code = given.text('code');
    const organisation = given.text('organisation') ?? (context.environment['KEPT_ORGANISATION'] || undefined);
    const client = await context.connect();
    const made = await client.call(endpoints.access.createSignInLink, { body: { email, code, organisation } });
    context.terminal.print(given.flag('json') ? JSON.stringify(made) : made.url);
    if (code === undefined && !given.flag('json')) context.terminal.note(say(context.language, asksForMore));
    return exitCodes.ok;
  },
};

const asksForMore = {
  'pt-BR': 'O link vale pela senha; o segundo fator é pedido em seguida.',
  en: 'The link stands for the password; the second factor is asked for next.',
  es: 'El enlace vale por la contraseña; el segundo factor se pide a continuación.',
};
