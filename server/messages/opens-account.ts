import { listOrganisations } from '../access/list-organisations.ts';
import type { Platform } from '../platform/platform.ts';
import { domainOf } from './send-over-smtp.ts';
import { isSealedUnder } from './store.ts';

const LOCAL = /^<[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@/;

/**
 * Whether a mail that came in is one of this server with a link that opens something, such as one for a new password.
 * Whoever signs in with the address of a mailbox gets it there, and those who answer mail are not to follow it. It may
 * stand with any organisation, since mail about signing in is mostly the server's own.
 */
export async function opensAccount(platform: Platform, messageId: string | null): Promise<boolean> {
  if (messageId === null || !LOCAL.test(messageId)) return false;
  if (!messageId.endsWith(`@${domainOf(platform.config.mailFrom)}>`)) return false;
  for (const { id } of await listOrganisations(platform))
    if (await platform.db.transaction(id, (tx) => isSealedUnder(tx, messageId))) return true;
  return false;
}
