import { endpoints } from '@kept/sdk';
import { type Command, exitCodes } from './command.ts';
import { instantInWords } from './spans.ts';
import { table } from './terminal.ts';
import { say } from './wording.ts';

export const makeOrganisation: Command = {
  name: 'organisation make',
  usage: 'SLUG --name TEXT',
  summary: {
    'pt-BR': 'cria uma organização no servidor',
    en: 'makes an organisation on the server',
    es: 'crea una organización en el servidor',
  },
  options: { name: { type: 'string' } },
  explained: {
    '--name TEXT': { 'pt-BR': 'nome da organização', en: 'name of the organisation', es: 'nombre de la organización' },
  },
  words: 1,
  async run(context, given) {
    const body = { slug: given.neededWord(0, 'SLUG'), name: given.needed('name') };
    const made = await (await context.connect()).call(endpoints.access.createOrganisation, { body });
    const words = {
      'pt-BR': 'Organização {slug} criada. Agora: kept owner --organisation {slug} --email … --name …',
      en: 'Organisation {slug} made. Now: kept owner --organisation {slug} --email … --name …',
      es: 'Organización {slug} creada. Ahora: kept owner --organisation {slug} --email … --name …',
    };
    const sentence = say(context.language, words, { slug: made.slug });
    context.terminal.print(given.flag('json') ? JSON.stringify(made) : sentence);
    return exitCodes.ok;
  },
};

export const listOrganisations: Command = {
  name: 'organisation list',
  usage: '',
  summary: {
    'pt-BR': 'mostra as organizações do servidor; “kept” é a dele próprio',
    en: 'shows the organisations of the server; “kept” is its own',
    es: 'muestra las organizaciones del servidor; «kept» es la suya propia',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const found = await (await context.connect()).call(endpoints.access.listOrganisations);
    if (given.flag('json')) {
      terminal.print(JSON.stringify(found));
      return exitCodes.ok;
    }
    const columns = [
      { title: 'slug' },
      { title: say(language, { 'pt-BR': 'Nome', en: 'Name', es: 'Nombre' }), gives: true },
      { title: say(language, { 'pt-BR': 'Desde', en: 'Since', es: 'Desde' }) },
    ];
    const rows = found.items.map(({ slug, name, createdAt }) => [
      slug,
      name,
      instantInWords(new Date(createdAt), language),
    ]);
    for (const line of table(columns, rows, terminal)) terminal.print(line);
    return exitCodes.ok;
  },
};
