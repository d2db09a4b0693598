import { isIP } from 'node:net';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import type { MailboxSecurity } from './mailbox-contract.ts';
import { MailboxTrouble } from './mailbox-trouble.ts';

/**
 * Resolves the host of a mail server and judges what it leads to; the connection then goes to the very address that was
 * judged. Only public addresses, but for hosts the operator named; in clear only to this machine itself (GDPR Art. 32,
 * LGPD Art. 46).
 * @throws MailboxTrouble `host-unknown`, `host-refused`, `server-insecure`
 */
export async function guardedHost(
  platform: Platform,
  server: { readonly host: string; readonly port: number; readonly security: MailboxSecurity },
): Promise<string> {
  const address = await locate(platform, server.host, server.port);
  if (server.security === 'none' && !isThisMachine(address)) throw new MailboxTrouble('server-insecure');
  return address;
}

async function locate(platform: Platform, host: string, port: number): Promise<string> {
  try {
    return await platform.outbound.locate(host, port);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new MailboxTrouble(cause.code === 'outbound-refused' ? 'host-refused' : 'host-unknown', { cause });
  }
}

function isThisMachine(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith('127.') : address === '::1';
}
