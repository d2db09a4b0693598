import { z } from 'zod';
import { type Language, type Role, roleSchema } from '../access/contract.ts';
import type { AccessMail } from '../access/mail-queue.ts';
import type { Json } from '../platform/contract.ts';
import { type AccessMailWords, wordsOfAccessMail } from './access-mail-words.ts';
import { composeMail, type MailBlock } from './compose-mail.ts';
import { type MailTemplate, registerTemplate } from './templates.ts';

/** Makes the mails of sign-in known: what access has to say to people, whose templates cannot stand below messages. */
export function registerAccessMail(): void {
  for (const template of templates) registerTemplate(template);
}

/** Their links open something, and the database must not give it away. */
const secret: readonly AccessMail[] = ['email-verification', 'password-reset', 'invitation'];

const linkSchema = z.object({ name: z.string(), url: z.string(), expiresAt: z.string() });
const placeSchema = z.object({
  name: z.string(),
  device: z.string().nullable(),
  address: z.string().nullable(),
  country: z.string().nullable(),
  at: z.string(),
});
const invitationSchema = z.object({
  organisation: z.string(),
  /** Null for the operator of the server. */
  invitedBy: z.string().nullable(),
  role: roleSchema,
  url: z.string(),
  expiresAt: z.string(),
});

const templates: readonly MailTemplate[] = [
  linkMail('email-verification', (words) => words.verification),
  linkMail('password-reset', (words) => words.reset),
  placeMail('password-changed', (words) => words.passwordChanged),
  placeMail('new-device', (words) => words.newDevice),
  momentMail('email-changed', (words) => words.emailChanged),
  momentMail('factors-reset', (words) => words.factorsReset),
  template('invitation', invitationSchema, (figures, language, words) => ({
    subject: words.invitation.subject(figures.organisation),
    blocks: [
      text(words.invitation.what(figures.organisation, figures.invitedBy, roleInWords(figures.role, words))),
      { kind: 'link', label: words.invitation.link, url: figures.url },
      text(words.invitation.until(inWords(figures.expiresAt, language))),
      text(words.invitation.stranger),
    ],
  })),
];

/** A mail whose point is a link that works once. */
function linkMail(
  name: AccessMail,
  pick: (words: AccessMailWords) => AccessMailWords['verification' | 'reset'],
): MailTemplate {
  return template(name, linkSchema, (figures, language, words) => {
    const own = pick(words);
    return {
      subject: own.subject,
      blocks: [
        greeting(words, figures.name),
        text(own.what),
        { kind: 'link', label: own.link, url: figures.url },
        text(own.until(inWords(figures.expiresAt, language))),
        text(own.stranger),
      ],
    };
  });
}

/** A mail that tells what was done with an account, and from where. */
function placeMail(
  name: AccessMail,
  pick: (words: AccessMailWords) => AccessMailWords['passwordChanged' | 'newDevice'],
): MailTemplate {
  return template(name, placeSchema, (figures, language, words) => {
    const own = pick(words);
    const place = [
      `${words.when}: ${inWords(figures.at, language)}`,
      ...(figures.device === null
        ? []
        : [`${words.device}: ${figures.device === 'unknown' ? words.unknown : figures.device}`]),
      ...(figures.address === null ? [] : [`${words.address}: ${figures.address}`]),
      ...(figures.country === null ? [] : [`${words.country}: ${countryInWords(figures.country, language)}`]),
    ];
    return {
      subject: own.subject,
      blocks: [greeting(words, figures.name), text(own.what), { kind: 'list', items: place }, text(own.todo)],
    };
  });
}

/** A mail that tells what was done with an account, and when. */
function momentMail(
  name: AccessMail,
  pick: (words: AccessMailWords) => AccessMailWords['emailChanged' | 'factorsReset'],
): MailTemplate {
  return template(name, z.object({ name: z.string(), at: z.string() }), (figures, language, words) => {
    const own = pick(words);
    const blocks = [greeting(words, figures.name), text(own.what), text(inWords(figures.at, language)), text(own.todo)];
    return { subject: own.subject, blocks };
  });
}

function template<Figures>(
  name: AccessMail,
  schema: z.ZodType<Figures>,
  draft: (
    figures: Figures,
    language: Language,
    words: AccessMailWords,
  ) => { readonly subject: string; readonly blocks: readonly MailBlock[] },
): MailTemplate {
  return {
    name,
    category: 'transactional',
    sample: (language) => sampleOfAccessMail(name, language),
    asServer: true,
    ...(secret.includes(name) && { holdsSecret: true }),
    render(language: Language, figures: Json) {
      const words = wordsOfAccessMail[language];
      return composeMail(language, { ...draft(schema.parse(figures), language, words), footer: words.footer });
    },
  };
}

const SAMPLE_AT = '2026-11-20T14:02:11.000Z';

/** Made up; the links lead nowhere. */
function sampleOfAccessMail(name: AccessMail, language: Language): Json {
  const person = language === 'es' ? 'Ana Sosa' : 'Ana Souza';
  const url = 'https://kept.example/sample';
  switch (name) {
    case 'invitation':
      return { organisation: 'Maré', invitedBy: person, role: 'dpo', url, expiresAt: SAMPLE_AT };
    case 'email-verification':
    case 'password-reset':
      return { name: person, url, expiresAt: SAMPLE_AT };
    case 'password-changed':
    case 'new-device':
      return { name: person, device: 'Firefox, Linux', address: '203.0.113.7', country: 'BR', at: SAMPLE_AT };
    case 'email-changed':
    case 'factors-reset':
      return { name: person, at: SAMPLE_AT };
  }
}

function text(words: string): MailBlock {
  return { kind: 'paragraph', text: words };
}

function greeting(words: AccessMailWords, name: string): MailBlock {
  return text(words.greeting(name));
}

function roleInWords(role: Role, words: AccessMailWords): string {
  return words.roles[role];
}

/** The reader's time zone is not known, so it is the universal one, and says so. */
function inWords(instant: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
    .format(new Date(instant))
    .concat(' UTC');
}

function countryInWords(code: string, language: Language): string {
  return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
}
