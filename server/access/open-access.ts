import type { OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { ensureOwnOrganisation } from './ensure-own-organisation.ts';
import { type Limits, openLimits } from './limit-attempts.ts';
import { type LocalKey, writeLocalKey } from './local-key.ts';
import type { MailFinder, MailQueue } from './mail-queue.ts';
import { noteOrigins } from './note-origins.ts';
import { type Discoveries, rememberDiscoveries } from './remember-discoveries.ts';

/** What the acts of access work with. */
export interface Access {
  readonly platform: Platform;
  readonly localKey: LocalKey;
  /** To be asked before anything is looked up that somebody could guess. */
  readonly limits: Limits;
  readonly queueMail: MailQueue;
  readonly findMail: MailFinder;
  /** What identity providers said of themselves of late. */
  readonly discoveries: Discoveries;
  /** Where this server listens, told by the HTTP side once it does; for links where no public address is set. */
  readonly listening: { at: string };
  /** The organisation that is this server itself: home of whatever concerns no other. */
  readonly ownOrganisationId: OrganisationId;
}

/**
 * Writes the local key of this start and makes the server's own organisation. From then on
 * entries are recorded with who caused them.
 * @throws Failure `slug-taken`
 */
export async function openAccess(
  platform: Platform,
  mail: { readonly queueMail: MailQueue; readonly findMail: MailFinder },
): Promise<Access> {
  const own = await ensureOwnOrganisation(platform);
  noteOrigins(platform);
  return {
    platform,
    localKey: writeLocalKey(platform.config.dataDirectory),
    limits: openLimits(platform, platform.seal.derive('rate-limit')),
    ...mail,
    discoveries: rememberDiscoveries(platform.clock),
    listening: { at: `http://${platform.config.host}:${platform.config.port}` },
    ownOrganisationId: brand<'Organisation'>(own.id),
  };
}
