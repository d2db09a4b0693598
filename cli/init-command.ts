import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Client, endpoints } from '@kept/sdk';
import { type Command, type Context, exitCodes, UsageError } from './command.ts';
import { say } from './wording.ts';

export const init: Command = {
  name: 'init',
  usage: '--credential NAME --name TEXT [--country BR] [--time-zone ZONE] [--out DIR]',
  summary: {
    'pt-BR': 'esboça uma política e um mapa de dados a partir de um PostgreSQL em uso',
    en: 'drafts a policy and a data map from a live PostgreSQL schema',
    es: 'esboza una política y un mapa de datos a partir de un PostgreSQL en uso',
  },
  options: {
    credential: { type: 'string' },
    name: { type: 'string' },
    country: { type: 'string' },
    'time-zone': { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
  },
  explained: {
    '--credential NAME': {
      'pt-BR': 'nome da credencial com o endereço do banco (KEPT_SECRET_NAME ou o arquivo de segredos)',
      en: 'name of the credential with the database’s address (KEPT_SECRET_NAME or the secrets file)',
      es: 'nombre de la credencial con la dirección de la base (KEPT_SECRET_NAME o el archivo de secretos)',
    },
    '--name TEXT': { 'pt-BR': 'nome da organização', en: 'name of the organisation', es: 'nombre de la organización' },
    '--country BR': { 'pt-BR': 'país, ISO 3166', en: 'country, ISO 3166', es: 'país, ISO 3166' },
    '--time-zone ZONE': { 'pt-BR': 'fuso horário IANA', en: 'IANA time zone', es: 'zona horaria IANA' },
    '--out DIR': {
      'pt-BR': 'onde escrever policy.yaml e data-map.yaml',
      en: 'where to write policy.yaml and data-map.yaml',
      es: 'dónde escribir policy.yaml y data-map.yaml',
    },
    '--force': {
      'pt-BR': 'substitui arquivos existentes',
      en: 'replaces files that are there',
      es: 'reemplaza archivos existentes',
    },
  },
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const out = resolve(context.directory, given.text('out') ?? '.');
    const files = { policy: resolve(out, 'policy.yaml'), dataMap: resolve(out, 'data-map.yaml') };
    for (const file of Object.values(files))
      if (existsSync(file) && !given.flag('force')) {
        const words = {
          'pt-BR': '{file} já existe; use --out com outro diretório ou --force.',
          en: '{file} is there already; use --out with another directory, or --force.',
          es: '{file} ya existe; use --out con otro directorio o --force.',
        };
        throw new UsageError(say(language, words, { file }));
      }
    const client = await context.connect();
    await ensureOrganisation(context, client, given.needed('name'));
    const draft = await client.call(endpoints.datamap.draftDataMap, {
      body: {
        credential: given.needed('credential'),
        organisation: given.needed('name'),
        country: given.text('country') ?? 'BR',
        timeZone: given.text('time-zone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
    });
    if (given.flag('json')) {
      terminal.print(JSON.stringify(draft));
      return exitCodes.ok;
    }
    writeFileSync(files.policy, draft.policy);
    writeFileSync(files.dataMap, draft.dataMap);
    for (const note of draft.notes) terminal.note(`· ${note}`);
    const words = {
      'pt-BR': 'Escritos {policy} e {map}. São esboços: leia-os, corrija-os e confira com “kept check”.',
      en: 'Wrote {policy} and {map}. They are drafts: read them, correct them and look with “kept check”.',
      es: 'Escritos {policy} y {map}. Son esbozos: léalos, corríjalos y revise con «kept check».',
    };
    terminal.print(say(language, words, { policy: files.policy, map: files.dataMap }));
    return exitCodes.ok;
  },
};

/** A server that was just set up knows no organisation yet: the one whose policy is drafted is its first. */
async function ensureOrganisation({ language, terminal }: Context, client: Client, name: string): Promise<void> {
  const { items } = await client.call(endpoints.access.listOrganisations);
  // The server's own, of that name, is there from the beginning.
  if (items.some(({ slug }) => slug !== 'kept')) return;
  const { slug } = await client.call(endpoints.access.createOrganisation, { body: { slug: slugOf(name), name } });
  const words = {
    'pt-BR': '· A organização {name} foi criada, com o nome curto {slug}.',
    en: '· The organisation {name} was created, with the short name {slug}.',
    es: '· Se creó la organización {name}, con el nombre corto {slug}.',
  };
  terminal.note(say(language, words, { name, slug }));
}

/** `mare-sul` of `Maré & Sul`: what addresses and the command line can hold. */
function slugOf(name: string): string {
  const letters = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = letters
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return slug === '' || slug === 'kept' ? 'organisation' : slug;
}
