import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import type { Platform } from '../platform/platform.ts';
import { isPublic } from '../platform/public-address.ts';
import type { MailboxSecurity } from './mailbox-contract.ts';
import { MailboxTrouble } from './mailbox-trouble.ts';

/**
 * Resolves the host of a mail server and judges what it leads to; the connection then goes to the very address that was
 * judged. Only public addresses, but for hosts the operator named; in clear only to this machine itself (GDPR Art. 32,
 * LGPD Art. 46).
 * @throws MailboxTrouble `host-unknown`, `host-refused`, `server-insecure`
 */
export async function guardedHost(platform: Platform, host: string, security: MailboxSecurity): Promise<string> {
  const addresses = await resolve(host);
  const [first] = addresses;
  if (first === undefined) throw new MailboxTrouble('host-unknown');
  const isAllowed = platform.config.outboundAllow.includes(host.toLowerCase());
  if (!isAllowed && addresses.some((address) => !isPublic(address))) throw new MailboxTrouble('host-refused');
  if (security === 'none' && ipaddr.process(first).range() !== 'loopback') throw new MailboxTrouble('server-insecure');
  return first;
}

async function resolve(host: string): Promise<string[]> {
  const literal = host.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(literal)) return [ipaddr.process(literal).toString()];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    throw new MailboxTrouble(code === 'ENOTFOUND' || code === 'ENODATA' ? 'host-unknown' : 'server-unreachable', {
      cause,
    });
  }
}
