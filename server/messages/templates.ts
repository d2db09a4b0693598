import type { Language } from '../access/contract.ts';
import type { Json } from '../platform/contract.ts';
import type { ComposedMail } from './compose-mail.ts';

/**
 * A kind of message. Each domain registers its own: `retention` registers `contract-end-confirmation`.
 * `render` is pure: the same figures give the same message. It parses its figures and ends in `composeMail`.
 */
export interface MailTemplate {
  readonly name: string;
  /** Whether it holds what opens something, such as a link to set a password: then it is stored sealed. */
  readonly holdsSecret?: true;
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
