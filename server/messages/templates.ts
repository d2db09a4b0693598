import type { z } from 'zod';
import type { Language } from '../access/contract.ts';
import type { Json } from '../platform/contract.ts';
import type { ComposedMail } from './compose-mail.ts';
import type { Category } from './contract.ts';

/**
 * A kind of message. Each domain registers its own: `retention` registers `contract-end-confirmation`.
 * `render` is pure: the same figures give the same message. It parses its figures and ends in `composeMail`.
 */
export interface MailTemplate {
  readonly name: string;
  /** Whether it may be declined. What every announcement needs, link and headers to decline, is added to it. */
  readonly category: Category;
  /** Made-up figures with which people look at it before it is ever sent. */
  readonly sample: Json | ((language: Language) => Json);
  /** Whether it holds what opens something, such as a link to set a password: then it is stored sealed. */
  readonly holdsSecret?: true;
  /** Whether this server itself speaks, as in all mail about signing in: it keeps the server's name as sender. */
  readonly asServer?: true;
  /** Whether a person wrote it, as an answer: then it does not say that a machine made it (RFC 3834). */
  readonly byPerson?: true;
  /** What its figures are, where `POST /v1/messages` takes it. Kept itself sends the others. */
  readonly sendable?: z.ZodType;
  render(language: Language, figures: Json): ComposedMail;
}

const registered = new Map<string, MailTemplate>();

/**
 * Makes a template known to this process; done while the server is put together.
 * @throws Error when another template has the name
 */
export function registerTemplate(template: MailTemplate): void {
  const known = registered.get(template.name);
  if (known !== undefined && known !== template) throw new Error(`two templates are called ${template.name}`);
  registered.set(template.name, template);
}

/** @throws Error when nobody registered it */
export function templateNamed(name: string): MailTemplate {
  const template = registered.get(name);
  if (template === undefined) throw new Error(`no template is called ${name}`);
  return template;
}

/** For a name that somebody else says. */
export function findTemplate(name: string): MailTemplate | undefined {
  return registered.get(name);
}

/** All there are, in alphabetical order. */
export function allTemplates(): MailTemplate[] {
  return [...registered.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The figures with which it is looked at. */
export function sampleOf(template: MailTemplate, language: Language): Json {
  return typeof template.sample === 'function' ? template.sample(language) : template.sample;
}
