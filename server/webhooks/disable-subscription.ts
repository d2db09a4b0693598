import { listAddressees } from '../access/list-addressees.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { queueMail } from '../messages/queue-mail.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { DISABLED_MAIL } from './disabled-mail.ts';
import { findSubscriptionRow, updateState } from './subscription-store.ts';
import type { DisabledReason } from './subscriptions-contract.ts';

const system: Actor = { kind: 'system', id: 'webhooks' };

/**
 * Stops sending to a receiver that is gone or accepted nothing for days, and tells the organisation's owners and
 * administrators. What waits keeps waiting, and the cursor stands still: whoever enables it again loses nothing.
 */
export async function disableSubscription(
  platform: Platform,
  organisation: OrganisationId,
  id: Id<'Subscription'>,
  reason: DisabledReason,
): Promise<void> {
  await platform.db.transaction(organisation, async (tx) => {
    const found = await findSubscriptionRow(tx, id, { lock: true });
    // A person was faster, or another process.
    if (found === undefined || found.state !== 'active') return;
    await updateState(tx, id, 'disabled', reason);
    const failingSince = found.health.failingSince?.toISOString() ?? null;
    const entry = await recordEntry(tx, {
      kind: 'webhooks.subscription-disabled',
      actor: system,
      body: { subscription: id, reason, failingSince },
    });
    const told = await listAddressees(tx, { roles: ['owner', 'admin'], joinedBy: tx.at, after: null, limit: 1_000 });
    for (const { person, email, language } of told) {
      if (email === null) continue;
      await queueMail(tx, {
        template: DISABLED_MAIL,
        to: email,
        language,
        figures: { subscription: found.name, host: new URL(found.url).host, reason, failingSince },
        idempotencyKey: `webhook-disabled:${entry}:${person}`,
      });
    }
  });
}
