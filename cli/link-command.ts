import { endpoints } from '@kept/sdk';
import { type Command, exitCodes } from './command.ts';

export const link: Command = {
  name: 'link',
  usage: '',
  summary: {
    'pt-BR': 'faz um endereço que abre o console uma vez, por dez minutos',
    en: 'makes a link that opens the console once, within ten minutes',
    es: 'hace un enlace que abre la consola una vez, durante diez minutos',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const client = await context.connect();
    const { organisation } = await client.call(endpoints.access.getSession);
    const made = await client.call(endpoints.access.createOwnerLink, { body: { organisation: organisation.slug } });
    context.terminal.print(given.flag('json') ? JSON.stringify(made) : made.url);
    return exitCodes.ok;
  },
};
