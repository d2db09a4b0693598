import { type Client, endpoints, KeptError } from '@kept/sdk';
import { type Command, type Context, exitCodes } from './command.ts';
import { readNamedFile } from './files.ts';
import { findingLines } from './findings.ts';
import { say } from './wording.ts';

const unpublished = {
  'pt-BR': 'Nada mudou: esta versão já está em vigor ({hash}).',
  en: 'Nothing changed: this version is in force already ({hash}).',
  es: 'Nada cambió: esta versión ya está en vigor ({hash}).',
};
const published = {
  'pt-BR': 'Publicada: versão {number} ({hash}).',
  en: 'Published: version {number} ({hash}).',
  es: 'Publicada: versión {number} ({hash}).',
};

export const publishPolicy: Command = {
  name: 'publish policy',
  usage: 'FILE',
  summary: { 'pt-BR': 'publica uma política', en: 'publishes a policy', es: 'publica una política' },
  options: {},
  explained: {},
  words: 1,
  async run(context, given) {
    const file = given.neededWord(0, 'FILE');
    const source = readNamedFile(context, file);
    const client = await context.connect();
    const parent = await policyInForce(client);
    const answer = await client.call(endpoints.policy.publishPolicy, { body: { source, parent } });
    return report(context, file, answer, given.flag('json'));
  },
};

export const publishMap: Command = {
  name: 'publish map',
  usage: 'FILE',
  summary: { 'pt-BR': 'publica um mapa de dados', en: 'publishes a data map', es: 'publica un mapa de datos' },
  options: {},
  explained: {},
  words: 1,
  async run(context, given) {
    const file = given.neededWord(0, 'FILE');
    const source = readNamedFile(context, file);
    const client = await context.connect();
    const parent = await mapInForce(client);
    const answer = await client.call(endpoints.datamap.publishDataMap, { body: { source, parent } });
    return report(context, file, answer, given.flag('json'));
  },
};

type Answer = Parameters<typeof findingLines>[1];

function report(
  context: Context,
  file: string,
  answer: { version: { hash: string; number: number }; findings: Answer; changed: boolean },
  json: boolean,
) {
  const { language, terminal } = context;
  if (json) terminal.print(JSON.stringify(answer));
  else {
    const { hash, number } = answer.version;
    if (answer.findings.length > 0)
      for (const line of findingLines(file, answer.findings, language, terminal)) terminal.note(line);
    terminal.print(say(language, answer.changed ? published : unpublished, { number, hash: hash.slice(0, 12) }));
  }
  return exitCodes.ok;
}

/** The hash that a new version names as its parent; null before the first. */
async function policyInForce(client: Client): Promise<string | null> {
  return (await client.call(endpoints.policy.listPromises)).version?.hash ?? null;
}

async function mapInForce(client: Client): Promise<string | null> {
  try {
    return (await client.call(endpoints.datamap.readDataMap)).version.hash;
  } catch (error) {
    if (error instanceof KeptError && error.code === 'no-data-map') return null;
    throw error;
  }
}
