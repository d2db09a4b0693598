import { type AnswerOf, type Client, endpoints } from '@kept/sdk';
import { type Command, type Context, exitCodes, UsageError } from './command.ts';
import { type Language, say } from './wording.ts';

const languages: readonly Language[] = ['pt-BR', 'en', 'es'];

export const owner: Command = {
  name: 'owner',
  usage: '--email ADDRESS --name NAME [--language pt-BR|en|es]',
  summary: {
    'pt-BR': 'torna alguém responsável pela organização; serve também quando ninguém mais consegue entrar',
    en: 'makes somebody an owner of the organisation; also where nobody can sign in any more',
    es: 'hace a alguien responsable de la organización; también cuando ya nadie puede entrar',
  },
  options: { email: { type: 'string' }, name: { type: 'string' }, language: { type: 'string' } },
  explained: {
    '--email ADDRESS': {
      'pt-BR': 'quem já está no servidor, ou uma nova pessoa',
      en: 'of somebody who is on the server already, or new',
      es: 'de alguien que ya está en el servidor, o de una persona nueva',
    },
    '--name NAME': { 'pt-BR': 'como se chama', en: 'what they are called', es: 'cómo se llama' },
    '--language L': {
      'pt-BR': 'em que idioma o Kept fala com a pessoa',
      en: 'in which language Kept speaks to them',
      es: 'en qué idioma le habla Kept',
    },
  },
  words: 0,
  async run(context, given) {
    const email = given.needed('email');
    const name = given.needed('name');
    const language = languageIn(given.text('language') ?? context.language);
    const client = await context.connect();
    const organisation =
      given.text('organisation') ??
      (context.environment['KEPT_ORGANISATION'] || (await onlyOrganisation(context, client)));
    const made = await client.call(endpoints.access.createOwner, { body: { organisation, name, email, language } });
    if (given.flag('json')) context.terminal.print(JSON.stringify(made));
    else tell(context, email, organisation, made);
    return exitCodes.ok;
  },
};

function languageIn(text: string): Language {
  const language = languages.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (language === undefined) throw new UsageError(`--language ${text}? ${languages.join(' · ')}`);
  return language;
}

/** The one there is beside the server's own. @throws UsageError where that is not clear */
async function onlyOrganisation(context: Context, client: Client): Promise<string> {
  const { items } = await client.call(endpoints.access.listOrganisations);
  const slugs = items.map(({ slug }) => slug).filter((slug) => slug !== 'kept');
  const [only, another] = slugs;
  if (only !== undefined && another === undefined) return only;
  const words =
    only === undefined
      ? {
          'pt-BR': 'Ainda não há organização; “kept organisation make” faz uma.',
          en: 'There is no organisation yet; “kept organisation make” makes one.',
          es: 'Todavía no hay ninguna organización; «kept organisation make» hace una.',
        }
      : {
          'pt-BR': 'Há várias organizações; indique uma com --organisation: {slugs}',
          en: 'There are several organisations; name one with --organisation: {slugs}',
          es: 'Hay varias organizaciones; indique una con --organisation: {slugs}',
        };
  throw new UsageError(say(context.language, words, { slugs: slugs.join(', ') }));
}

function tell(
  { language, terminal }: Context,
  email: string,
  organisation: string,
  { totp }: AnswerOf<typeof endpoints.access.createOwner>,
): void {
  const done = {
    'pt-BR': '{email} é responsável por {organisation}.',
    en: '{email} is an owner of {organisation}.',
    es: '{email} es responsable de {organisation}.',
  };
  terminal.print(say(language, done, { email, organisation }));
  if (totp !== null) {
    const secret = {
      'pt-BR': 'Segredo para o aplicativo autenticador, mostrado só agora:',
      en: 'Secret for the authenticator app, shown only now:',
      es: 'Secreto para la aplicación de autenticación, se muestra solo ahora:',
    };
    terminal.print(say(language, secret));
    terminal.print(`  ${terminal.paint('bold', totp.secret)}`);
    terminal.print(`  ${totp.uri}`);
  }
  const next = {
    'pt-BR': 'Para entrar: kept link --email {email}',
    en: 'To sign in: kept link --email {email}',
    es: 'Para entrar: kept link --email {email}',
  };
  terminal.note(say(language, next, { email }));
}
