import type { Mailbox, MailboxInput } from '../../server/messages/mailbox-contract.ts';

/** What the form of a mailbox holds: the fields of both kinds, so that changing one's mind loses nothing. */
export interface MailboxDraft {
  readonly kind: Mailbox['kind'];
  readonly name: string;
  readonly mailAddress: string;
  readonly enabled: boolean;
  readonly subaddressing: boolean;
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  readonly scheme: 'standard' | 'mailgun';
  readonly signingKey: string;
}

export const blankMailbox: MailboxDraft = {
  kind: 'imap',
  name: '',
  mailAddress: '',
  enabled: true,
  subaddressing: false,
  host: '',
  port: 993,
  security: 'tls',
  user: '',
  password: '',
  folder: 'INBOX',
  scheme: 'standard',
  signingKey: '',
};

export function draftOfMailbox({
  kind,
  name,
  mailAddress,
  enabled,
  subaddressing,
  imap,
  webhook,
}: Mailbox): MailboxDraft {
  return {
    ...blankMailbox,
    kind,
    name,
    mailAddress,
    enabled,
    subaddressing,
    ...(imap ?? {}),
    ...(webhook === null ? {} : { scheme: webhook.scheme }),
  };
}

export function inputOf(draft: MailboxDraft): MailboxInput {
  const { kind, name, mailAddress, enabled, subaddressing, signingKey, scheme } = draft;
  const basics = { name: name.trim(), mailAddress: mailAddress.trim(), enabled, subaddressing };
  if (kind === 'webhook')
    return { kind, ...basics, scheme, ...(scheme === 'mailgun' && signingKey !== '' && { signingKey }) };
  return { kind, ...basics, ...serverOf(draft) };
}

/** The server as a test of the settings takes it; without a password, that of the stored mailbox. */
export function serverOf({ host, port, security, user, folder, password }: MailboxDraft) {
  return { host: host.trim(), port, security, user, folder, ...(password !== '' && { password }) };
}
