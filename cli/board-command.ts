import { endpoints } from '@kept/sdk';
import { boardLines } from './board-table.ts';
import { type Command, exitCodes } from './command.ts';

export const board: Command = {
  name: 'board',
  usage: '[--measure] [--strict]',
  summary: {
    'pt-BR': 'mostra cada promessa com sua prova',
    en: 'shows each promise with its proof',
    es: 'muestra cada promesa con su prueba',
  },
  options: { measure: { type: 'boolean' }, strict: { type: 'boolean' } },
  explained: {
    '--measure': {
      'pt-BR': 'mede antes nos sistemas reais',
      en: 'measures in the real stores first',
      es: 'mide antes en los sistemas reales',
    },
    '--strict': {
      'pt-BR': 'termina com 1 se alguma promessa estiver quebrada',
      en: 'ends with 1 when a promise is broken',
      es: 'termina con 1 si alguna promesa está incumplida',
    },
  },
  words: 0,
  async run(context, given) {
    const client = await context.connect();
    const seen = given.flag('measure')
      ? await client.call(endpoints.policy.measurePromises, { body: {} })
      : await client.call(endpoints.policy.listPromises);
    if (given.flag('json')) context.terminal.print(JSON.stringify(seen));
    else for (const line of boardLines(seen, context.language, context.terminal)) context.terminal.print(line);
    return given.flag('strict') && seen.counts.broken > 0 ? exitCodes.no : exitCodes.ok;
  },
};
