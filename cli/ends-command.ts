import { endpoints } from '@kept/sdk';
import type { ContractEnd } from './answers.ts';
import { type Command, exitCodes } from './command.ts';
import { endLines } from './end-lines.ts';
import { say } from './wording.ts';

export const ends: Command = {
  name: 'ends',
  usage: '',
  summary: {
    'pt-BR': 'mostra contratos encerrados ou em carência',
    en: 'shows contracts that ended or are in their grace period',
    es: 'muestra contratos terminados o en período de gracia',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const client = await context.connect();
    const items: ContractEnd[] = [];
    for await (const end of client.items(endpoints.retention.listContractEnds)) items.push(end);
    if (given.flag('json')) terminal.print(JSON.stringify({ items }));
    else if (items.length === 0) {
      const none = {
        'pt-BR': 'Nenhum contrato cancelado.',
        en: 'No contract was cancelled.',
        es: 'Ningún contrato cancelado.',
      };
      terminal.print(say(language, none));
    } else for (const line of endLines(items, language, terminal)) terminal.print(line);
    return exitCodes.ok;
  },
};
