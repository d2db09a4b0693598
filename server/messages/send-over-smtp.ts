import { createTransport } from 'nodemailer';
import type { Language } from '../access/contract.ts';
import type { DkimKey } from '../platform/dkim-key.ts';
import type { MessageReason } from './contract.ts';
import type { Sender } from './sender.ts';
import type { SmtpRoute } from './smtp-route.ts';

/** A message as it goes out. */
export interface OutgoingMail {
  readonly from: Sender;
  /** One bare address. */
  readonly to: string;
  /** The header of this name, with angle brackets; the same at every attempt. */
  readonly messageId: string;
  /** The header of this name. */
  readonly date: Date;
  readonly language: Language;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly replyTo: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[] | null;
  /** Of an announcement: the address where it is declined (RFC 2369, RFC 8058). */
  readonly optOutUrl: string | null;
  /** Whether somebody wrote it. */
  readonly byPerson: boolean;
}

/** What came of it. `reply` are the server's codes, without its words: those may repeat the address. */
export type SmtpOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'for-now' | 'for-good'; readonly reason: MessageReason; readonly reply: string | null };

/**
 * Gives one message to the mail server. Resolves to what came of it; throws only for a mistake of ours.
 * @param dkim signs it, headers of declining included, so that a mail program trusts its button
 */
export async function sendOverSmtp(route: SmtpRoute, mail: OutgoingMail, dkim?: DkimKey): Promise<SmtpOutcome> {
  const transport = createTransport({
    host: route.host,
    port: route.port,
    secure: route.tls === 'implicit',
    requireTLS: route.tls === 'required',
    ignoreTLS: route.tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(route.credentials === null ? {} : { auth: { user: route.credentials.user, pass: route.credentials.password } }),
    // The greeting names the domain of the sender, not this machine.
    name: domainOf(mail.from.address),
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    // What a message says never makes Kept open a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim !== undefined && { dkim: { ...dkim, headerFieldNames: SIGNED_HEADERS } }),
  });
  try {
    await transport.sendMail({
      from: { ...mail.from },
      ...(mail.replyTo !== null && { replyTo: { name: '', address: mail.replyTo } }),
      ...(mail.inReplyTo !== null && { inReplyTo: mail.inReplyTo }),
      ...(mail.references !== null && { references: [...mail.references] }),
      to: { name: '', address: mail.to },
      messageId: mail.messageId,
      date: mail.date,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: headersOf(mail),
    });
    return { kind: 'accepted' };
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome === null) throw error;
    return outcome;
  } finally {
    transport.close();
  }
}

function headersOf({ language, byPerson, optOutUrl }: OutgoingMail): Record<string, string | PreparedHeader> {
  return {
    // For readers that speak it aloud.
    'Content-Language': language,
    // RFC 3834: no out-of-office answers.
    ...(!byPerson && { 'Auto-Submitted': 'auto-generated' }),
    ...(optOutUrl !== null && { 'List-Unsubscribe': unfolded(`<${optOutUrl}>`) }),
    // RFC 8058: only for an address that is reached over TLS.
    ...(optOutUrl?.startsWith('https:') === true && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
  };
}

interface PreparedHeader {
  readonly prepared: true;
  readonly value: string;
}

/** As it is: mail programs are not at one about an address that is broken into lines. */
function unfolded(value: string): PreparedHeader {
  return { prepared: true, value };
}

/** RFC 6376 5.4.1, and what RFC 8058 demands. */
const SIGNED_HEADERS = [
  'From',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Language',
  'Auto-Submitted',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':');

/** The domain of a sender written as `Name <local@domain>` or `local@domain`. */
export function domainOf(from: string): string {
  return /@([^@<>\s]+?)>?$/.exec(from.trim())?.[1] ?? 'localhost';
}

interface SmtpError {
  readonly code: string;
  readonly command: string;
  readonly responseCode: number | null;
  readonly response: string;
}

/** What an error of the transport means for the message; null when it is no error of mail at all. */
export function outcomeOf(error: unknown): SmtpOutcome | null {
  const said = asSmtpError(error);
  if (said === null) return null;
  const reply = replyCodes(said.response, said.responseCode);
  switch (said.code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return { kind: 'for-now', reason: 'sign-in-refused', reply };
    case 'ETLS':
      return { kind: 'for-now', reason: 'server-insecure', reply };
    case 'ECONNECTION':
    case 'ESOCKET':
      return { kind: 'for-now', reason: isAboutTls(error) ? 'server-insecure' : 'server-unreachable', reply };
    case 'ETIMEDOUT':
    case 'EDNS':
    case 'EPROTOCOL':
      return { kind: 'for-now', reason: 'server-unreachable', reply };
    case 'EENVELOPE':
    case 'EMESSAGE':
      return refusal(said, reply);
    default:
      return null;
  }
}

/** RFC 5321: 4yz is for now, 5yz is for good, but 503 speaks of the session and not of the message. */
function refusal(said: SmtpError, reply: string | null): SmtpOutcome {
  if (said.responseCode === null)
    return said.command === 'API'
      ? { kind: 'for-good', reason: 'address-invalid', reply: null }
      : { kind: 'for-now', reason: 'server-unreachable', reply: null };
  const forGood = said.responseCode >= 500 && said.responseCode !== 503;
  return forGood ? { kind: 'for-good', reason: 'refused', reply } : { kind: 'for-now', reason: 'server-busy', reply };
}

/** `550 5.1.1` of `550 5.1.1 <ana@example.org>: no such user`. */
function replyCodes(response: string, code: number | null): string | null {
  const found = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/.exec(response);
  if (found === null) return code === null ? null : String(code);
  return [found[1], found[2]].filter((part) => part !== undefined).join(' ');
}

/** Node and OpenSSL say what is wrong with a certificate or a handshake in their own code or their words. */
function isAboutTls(error: unknown): boolean {
  const text = `${property(error, 'message')} ${property(error, 'originalCode')}`;
  return /certificate|CERT_|SELF_SIGNED|ALTNAME|SSL|TLS/i.test(text);
}

function asSmtpError(error: unknown): SmtpError | null {
  const code = property(error, 'code');
  if (!(error instanceof Error) || code === '') return null;
  const responseCode = Number(property(error, 'responseCode'));
  return {
    code,
    command: property(error, 'command'),
    responseCode: responseCode > 0 ? responseCode : null,
    response: property(error, 'response'),
  };
}

function property(of: unknown, name: string): string {
  const value = typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
