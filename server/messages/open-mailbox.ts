import { isIP } from 'node:net';
import { ImapFlow, type ImapFlowError } from 'imapflow';
import type { Platform } from '../platform/platform.ts';
import { guardedHost } from './mailbox-host.ts';
import type { ImapServer } from './mailbox-store.ts';
import { MailboxTrouble } from './mailbox-trouble.ts';

/** The largest mail that is taken whole, in octets; mail servers seldom let larger ones in. */
export const MOST_MAIL_BYTES = 40 * 1024 * 1024;

/** A folder that is open for reading; nothing on the server is changed, not even that a mail was read. */
export interface OpenFolder {
  readonly uidValidity: string;
  readonly mails: number;
  readonly tellsOfNew: boolean;
  readonly client: ImapFlow;
  close(): Promise<void>;
}

/**
 * Connects, signs in and opens the folder.
 * @throws MailboxTrouble
 */
export async function openFolder(platform: Platform, server: ImapServer, password: string): Promise<OpenFolder> {
  const address = await guardedHost(platform, server);
  const client = new ImapFlow({
    host: address,
    // What the certificate is compared with: the name that was asked for, never the address it led to.
    servername: isIP(server.host) === 0 ? server.host : '',
    port: server.port,
    secure: server.security === 'tls',
    doSTARTTLS: server.security === 'starttls',
    auth: { user: server.user, pass: password },
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    logger: false,
    disableAutoIdle: true,
    // A server cannot make this process hold more than the largest mail.
    disableCompression: true,
    maxLineLength: 1024 * 1024,
    maxLiteralSize: MOST_MAIL_BYTES + 1024,
    maxResponseSize: MOST_MAIL_BYTES + 2 * 1024 * 1024,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    clientInfo: { name: 'Kept' },
  });
  // What goes wrong after the connection stands is thrown by the command that notices.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const mailbox = await client.mailboxOpen(server.folder, { readOnly: true });
    return {
      uidValidity: String(mailbox.uidValidity),
      mails: mailbox.exists,
      tellsOfNew: client.capabilities.has('IDLE'),
      client,
      close: () => closeQuietly(client),
    };
  } catch (error) {
    client.close();
    throw troubleOf(error);
  }
}

/** What an error of the connection means; anything that is none of it is a mistake of ours and thrown as it is. */
export function troubleOf(error: unknown): unknown {
  if (error instanceof MailboxTrouble || !(error instanceof Error)) return error;
  const { authenticationFailed, code = '', responseStatus, command, mailboxMissing, tlsFailed }: ImapFlowError = error;
  const trouble = (reason: MailboxTrouble['reason']) => new MailboxTrouble(reason, { cause: error });
  if (authenticationFailed === true) return trouble('sign-in-refused');
  if (mailboxMissing === true) return trouble('folder-missing');
  if (tlsFailed === true) return trouble('server-insecure');
  if (/TLS|SSL|CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|UPGRADE|STARTTLS/.test(code)) return trouble('server-insecure');
  if (/certificate|STARTTLS|wrong version number/i.test(error.message)) return trouble('server-insecure');
  if (/^(SELECT|EXAMINE)$/i.test(command ?? '')) return trouble('folder-missing');
  if (UNREACHABLE.has(code)) return trouble('server-unreachable');
  if (FAULTY.test(code) || responseStatus !== undefined) return trouble('server-faulty');
  return error;
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EPIPE',
  'ETIMEDOUT',
  'ETIMEOUT',
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
  'NoConnection',
  'EConnectionClosed',
  'StateLogout',
  'ClosedAfterConnectText',
  'ClosedAfterConnectTLS',
]);
const FAULTY =
  /^(ParserError|Unexpected|InvalidResponse|ResponseProcessingFailed|.*TooLarge|ETHROTTLE|MAX_IMAP|Missing|Download)/;

async function closeQuietly(client: ImapFlow): Promise<void> {
  try {
    await client.logout();
  } catch {
    // The connection was lost already, which a reader that needs it has noticed.
    client.close();
  }
}
