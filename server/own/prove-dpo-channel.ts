import { listOrganisations } from '../access/list-organisations.ts';
import { type ExaminedMailbox, examineMailboxes, type Soundness } from '../messages/examine-mailboxes.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { reason } from '../policy/reasons.ts';
import { ageless, type Proved, placeOf, proved } from './prove-server.ts';

/**
 * Whoever writes to a data protection officer reaches them: each mailbox can be read, was read within the hour, and a
 * mail that Kept sent to it of late arrived.
 * @param reach the organisation whose mailboxes are meant; `server`: those of all organisations, which may have none
 */
export async function proveDpoChannel(platform: Platform, reach: OrganisationId | 'server'): Promise<Proved> {
  const organisations = reach === 'server' ? (await listOrganisations(platform)).map(({ id }) => id) : [reach];
  const mailboxes: ExaminedMailbox[] = [];
  for (const id of organisations) mailboxes.push(...(await platform.db.transaction(id, examineMailboxes)));
  const examined = mailboxes.length;
  if (examined === 0)
    return reach === 'server'
      ? ageless('kept', reason('no-mailboxes'))
      : ageless('unproven', reason('mailbox-missing'));
  const count = (soundness: Soundness) => mailboxes.filter((mailbox) => mailbox.soundness === soundness).length;
  const [failing, silent, fresh, untested] = [count('failing'), count('silent'), count('new'), count('untested')];
  const place = placeOf('mailboxes', examined, { due: fresh, broken: failing + silent });
  if (failing > 0) {
    const what = [...new Set(mailboxes.flatMap(({ error }) => error ?? []))].sort().join(', ');
    return proved(place, reason('mailbox-failing', { failing, examined, what }));
  }
  if (silent > 0) return proved(place, reason('mailbox-silent', { failing: silent, examined }));
  if (untested > 0)
    return { ...proved(place, reason('mailbox-untested', { failing: untested, examined })), status: 'unproven' };
  return proved(place, fresh > 0 ? reason('mailbox-new', { failing: fresh, examined }) : null);
}
