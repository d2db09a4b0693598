import { type AnswerOf, endpoints } from '@kept/sdk';
import { type Arguments, type Command, type Context, exitCodes, UsageError } from './command.ts';
import { instantOf } from './dates.ts';
import { instantInWords } from './spans.ts';
import { table } from './terminal.ts';
import { say } from './wording.ts';

type Key = AnswerOf<typeof endpoints.access.listKeys>['items'][number];

const kinds: readonly Key['kind'][] = ['api', 'ingest', 'site'];

export const makeKey: Command = {
  name: 'key make',
  usage: '--kind api|ingest|site --name TEXT [--scope PERMISSION]… [--origin URL]… [--expires DATE]',
  summary: {
    'pt-BR': 'faz uma chave; ela é mostrada só agora',
    en: 'makes a key; it is shown only now',
    es: 'hace una clave; se muestra solo ahora',
  },
  options: {
    kind: { type: 'string' },
    name: { type: 'string' },
    scope: { type: 'string', multiple: true },
    origin: { type: 'string', multiple: true },
    expires: { type: 'string' },
  },
  explained: {
    '--kind KIND': {
      'pt-BR': 'api para programas, ingest para os que só enviam eventos, site para páginas',
      en: 'api for programs, ingest for those that only send events, site for web pages',
      es: 'api para programas, ingest para los que solo envían eventos, site para páginas',
    },
    '--name TEXT': { 'pt-BR': 'para que serve', en: 'what it is for', es: 'para qué sirve' },
    '--scope PERMISSION': {
      'pt-BR': 'um direito de uma chave api, como policy:read; pode repetir',
      en: 'a right of an api key, such as policy:read; may be repeated',
      es: 'un permiso de una clave api, como policy:read; puede repetirse',
    },
    '--origin URL': {
      'pt-BR': 'um endereço cujas páginas podem usar uma chave site; pode repetir',
      en: 'an address whose pages may use a site key; may be repeated',
      es: 'una dirección cuyas páginas pueden usar una clave site; puede repetirse',
    },
    '--expires DATE': {
      'pt-BR': 'até quando vale, inclusive (2027-01-31 ou um instante ISO 8601)',
      en: 'until when it works, that day included (2027-01-31 or an ISO 8601 instant)',
      es: 'hasta cuándo vale, ese día incluido (2027-01-31 o un instante ISO 8601)',
    },
  },
  words: 0,
  async run(context, given) {
    const expires = given.text('expires');
    const body = {
      kind: kindIn(given),
      name: given.needed('name'),
      scopes: [...given.all('scope')],
      origins: [...given.all('origin')],
      expiresAt: expires === undefined ? null : instantOf(context, expires),
    };
    const made = await (await context.connect()).call(endpoints.access.createKey, { body });
    context.terminal.print(given.flag('json') ? JSON.stringify(made) : made.key);
    const words = {
      'pt-BR': 'Guarde-a agora: o Kept só tem o hash. Para revogá-la: kept key revoke {id}',
      en: 'Put it away now: Kept has its hash only. To revoke it: kept key revoke {id}',
      es: 'Guárdela ahora: Kept solo tiene su hash. Para revocarla: kept key revoke {id}',
    };
    if (!given.flag('json')) context.terminal.note(say(context.language, words, { id: made.id }));
    return exitCodes.ok;
  },
};

function kindIn(given: Arguments): Key['kind'] {
  const text = given.needed('kind');
  const kind = kinds.find((candidate) => candidate === text);
  if (kind === undefined) throw new UsageError(`--kind ${text}? ${kinds.join(' · ')}`);
  return kind;
}

export const listKeys: Command = {
  name: 'key list',
  usage: '',
  summary: {
    'pt-BR': 'mostra as chaves da organização',
    en: 'shows the keys of the organisation',
    es: 'muestra las claves de la organización',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const client = await context.connect();
    const keys: Key[] = [];
    for await (const key of client.items(endpoints.access.listKeys)) keys.push(key);
    if (given.flag('json')) terminal.print(JSON.stringify({ items: keys }));
    else if (keys.length === 0) {
      const none = { 'pt-BR': 'Não há chaves.', en: 'There are no keys.', es: 'No hay claves.' };
      terminal.print(say(language, none));
    } else {
      const rows = keys.map((key) => row(context, key));
      for (const line of table(columns(language), rows, terminal)) terminal.print(line);
    }
    return exitCodes.ok;
  },
};

function columns(language: Context['language']) {
  return [
    { title: 'id' },
    { title: say(language, { 'pt-BR': 'Tipo', en: 'Kind', es: 'Tipo' }) },
    { title: say(language, { 'pt-BR': 'Nome', en: 'Name', es: 'Nombre' }) },
    { title: say(language, { 'pt-BR': 'Direitos', en: 'Rights', es: 'Permisos' }), gives: true },
    { title: say(language, { 'pt-BR': 'Último uso', en: 'Last used', es: 'Último uso' }) },
    { title: say(language, { 'pt-BR': 'Estado', en: 'State', es: 'Estado' }) },
  ];
}

const states = {
  active: { 'pt-BR': 'ativa', en: 'active', es: 'activa' },
  expired: { 'pt-BR': 'expirada', en: 'expired', es: 'caducada' },
  revoked: { 'pt-BR': 'revogada', en: 'revoked', es: 'revocada' },
} as const;

function row({ language, terminal }: Context, key: Key): string[] {
  const state = say(language, states[key.state]);
  return [
    key.id,
    key.kind,
    `${key.name} (…${key.lastFour})`,
    [...key.scopes, ...key.origins].join(' '),
    key.lastUsedAt === null ? '' : instantInWords(new Date(key.lastUsedAt), language),
    key.state === 'active' ? state : terminal.paint('gray', state),
  ];
}

export const revokeKey: Command = {
  name: 'key revoke',
  usage: 'KEY',
  summary: {
    'pt-BR': 'revoga uma chave, na hora',
    en: 'revokes a key, at once',
    es: 'revoca una clave, al instante',
  },
  options: {},
  explained: {},
  words: 1,
  async run(context, given) {
    const key = given.neededWord(0, 'KEY');
    await (await context.connect()).call(endpoints.access.revokeKey, { params: { key } });
    const words = { 'pt-BR': 'Chave {key} revogada.', en: 'Key {key} revoked.', es: 'Clave {key} revocada.' };
    context.terminal.print(
      given.flag('json') ? JSON.stringify({ revoked: key }) : say(context.language, words, { key }),
    );
    return exitCodes.ok;
  },
};
