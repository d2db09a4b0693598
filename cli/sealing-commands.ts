import { type AnswerOf, endpoints } from '@kept/sdk';
import { type Command, type Context, exitCodes } from './command.ts';
import { instantInWords } from './spans.ts';
import { table } from './terminal.ts';
import { say } from './wording.ts';

type Sealing = AnswerOf<typeof endpoints.access.describeSealing>;

export const sealingStatus: Command = {
  name: 'keys status',
  usage: '',
  summary: {
    'pt-BR': 'mostra com que chaves os segredos deste servidor estão selados; sai com 1 se algo falta',
    en: 'shows which keys the secrets of this server are sealed with; exits with 1 if something is amiss',
    es: 'muestra con qué claves están sellados los secretos de este servidor; sale con 1 si algo falta',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const sealing = await (await context.connect()).call(endpoints.access.describeSealing);
    const behind = sealing.dataKeys.filter(({ wrappedBy }) => wrappedBy !== sealing.key.name).length;
    const broken = sealing.places.reduce((sum, place) => sum + place.broken, 0);
    if (given.flag('json')) terminal.print(JSON.stringify(sealing));
    else {
      const title = { 'pt-BR': 'Chave de selagem: {name}', en: 'Sealing key: {name}', es: 'Clave de sellado: {name}' };
      terminal.print(say(language, title, { name: sealing.key.name }));
      for (const line of table(keyColumns(context), sealing.dataKeys.map(keyRow(context)), terminal))
        terminal.print(line);
      const places = sealing.places.map(({ place, values, earlier, broken: failing }) =>
        [place, values, earlier, failing].map(String),
      );
      if (places.length > 0) for (const line of table(placeColumns(context), places, terminal)) terminal.print(line);
      if (behind > 0) terminal.note(say(language, notes.behind, { behind }));
      if (broken > 0) terminal.note(say(language, notes.broken, { broken }));
    }
    return behind + broken > 0 ? exitCodes.no : exitCodes.ok;
  },
};

const notes = {
  behind: {
    'pt-BR':
      'Chaves de dados que uma chave anterior ainda abre: {behind}. Termine a troca: kept keys rotate --prepared',
    en: 'Data keys that an earlier key still opens: {behind}. Finish the change: kept keys rotate --prepared',
    es: 'Claves de datos que una clave anterior aún abre: {behind}. Termine el cambio: kept keys rotate --prepared',
  },
  broken: {
    'pt-BR': 'Valores que não estão selados, ou com uma chave que não existe: {broken}.',
    en: 'Values that are not sealed, or with a key that is not there: {broken}.',
    es: 'Valores que no están sellados, o con una clave que no existe: {broken}.',
  },
} as const;

function keyColumns({ language }: Context) {
  return [
    { title: say(language, { 'pt-BR': 'Chave de dados', en: 'Data key', es: 'Clave de datos' }) },
    { title: say(language, { 'pt-BR': 'Uso', en: 'Use', es: 'Uso' }) },
    { title: say(language, { 'pt-BR': 'Feita', en: 'Made', es: 'Hecha' }) },
    { title: say(language, { 'pt-BR': 'Aberta por', en: 'Opened by', es: 'Abierta por' }), gives: true },
  ];
}

const uses = {
  current: { 'pt-BR': 'sela', en: 'seals', es: 'sella' },
  seal: { 'pt-BR': 'abre', en: 'opens', es: 'abre' },
  derive: { 'pt-BR': 'deriva', en: 'derives', es: 'deriva' },
} as const;

function keyRow({ language }: Context): (key: Sealing['dataKeys'][number]) => string[] {
  return (key) => [
    key.id,
    say(language, uses[key.current ? 'current' : key.use]),
    instantInWords(new Date(key.createdAt), language),
    key.wrappedVersion === null ? key.wrappedBy : `${key.wrappedBy} v${key.wrappedVersion}`,
  ];
}

function placeColumns({ language }: Context) {
  return [
    { title: say(language, { 'pt-BR': 'Lugar', en: 'Place', es: 'Lugar' }), gives: true },
    { title: say(language, { 'pt-BR': 'Valores', en: 'Values', es: 'Valores' }) },
    { title: say(language, { 'pt-BR': 'Com chave anterior', en: 'With an earlier key', es: 'Con clave anterior' }) },
    { title: say(language, { 'pt-BR': 'Com defeito', en: 'Broken', es: 'Defectuosos' }) },
  ];
}

export const rotateSealing: Command = {
  name: 'keys rotate',
  usage: '[--prepared]',
  summary: {
    'pt-BR': 'troca a chave que sela os segredos: a anterior não abre mais nada no banco de dados',
    en: 'rotates the key that seals secrets: the earlier one opens nothing in the database any more',
    es: 'rota la clave que sella los secretos: la anterior ya no abre nada en la base de datos',
  },
  options: { prepared: { type: 'boolean' } },
  explained: {
    '--prepared': {
      'pt-BR': 'a chave nova já está na configuração ou no arquivo: não faz outra',
      en: 'the new key stands in the configuration or the file already: makes no other',
      es: 'la clave nueva ya está en la configuración o en el archivo: no hace otra',
    },
  },
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const body = { prepared: given.flag('prepared') };
    const done = await (await context.connect()).call(endpoints.access.rotateSealing, { body });
    const words = {
      'pt-BR': 'Chaves de dados que agora só {name} abre: {keys}.',
      en: 'Data keys that only {name} opens now: {keys}.',
      es: 'Claves de datos que ahora solo {name} abre: {keys}.',
    };
    const figures = { name: done.key.name, keys: done.dataKeys };
    terminal.print(given.flag('json') ? JSON.stringify(done) : say(language, words, figures));
    if (done.key.keeper === 'file' && !given.flag('json')) {
      const backUp = {
        'pt-BR': 'Faça agora uma cópia de segurança do arquivo da chave, longe do banco de dados.',
        en: 'Back up the file of the key now, apart from the database.',
        es: 'Haga ahora una copia de seguridad del archivo de la clave, lejos de la base de datos.',
      };
      terminal.note(say(language, backUp));
    }
    return exitCodes.ok;
  },
};
