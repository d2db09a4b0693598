import { singleLine } from './compose-mail.ts';

/** Who a mail is from. */
export interface Sender {
  readonly name: string;
  /** One bare address. */
  readonly address: string;
}

/**
 * The sender of a message: the server's address, which its domain vouches for, under the organisation's name.
 * @param mailFrom `Name <local@domain>` or `local@domain`, checked by the configuration
 * @param fromName null: the name in `mailFrom`
 */
export function senderOf(mailFrom: string, fromName: string | null): Sender {
  const parts = /^(?:"?(.*?)"?\s*)<([^<>]+)>$/.exec(mailFrom.trim());
  const [, name = '', address = mailFrom.trim()] = parts ?? [];
  return { name: singleLine(fromName ?? name), address };
}

/** As people read it: `Maré <kept@example.org>`. */
export function senderInWords({ name, address }: Sender): string {
  return name === '' ? address : `${name} <${address}>`;
}
