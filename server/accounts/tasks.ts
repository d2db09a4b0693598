import { z } from 'zod';
import { onEntry } from '../ledger/listen.ts';
import { idSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { getEvent, type ReceivedEvent } from '../webhooks/get-event.ts';
import { cancelAccount } from './cancel-account.ts';
import { reactivateAccount } from './reactivate-account.ts';

const heardSchema = z.object({ event: idSchema('InboxEvent'), type: z.string() });

/** Events that the organisation's systems send about its accounts. */
export function registerAccountsTasks(platform: Platform): void {
  onEntry(platform, {
    name: 'account-events',
    kinds: ['event.received'],
    async handle({ organisationId, body }) {
      const { event, type } = heardSchema.parse(body);
      if (!type.startsWith('account.')) return;
      try {
        await platform.db.transaction(organisationId, async (tx) => follow(tx, await getEvent(tx, event)));
      } catch (error) {
        // Events inform: one that comes too late for its account, or was purged unheard, is noted and changes nothing.
        if (!(error instanceof Failure) || (error.code !== 'account-ended' && error.code !== 'event-not-found'))
          throw error;
        platform.log.warn({ event, type, code: error.code }, 'an event about an account had no effect');
      }
    },
  });
}

async function follow(tx: Tx, { payload, receivedAt }: ReceivedEvent): Promise<void> {
  if (payload.type === 'account.cancelled') {
    const at = payload.at === undefined ? receivedAt : new Date(payload.at);
    await cancelAccount(tx, payload.account, at, receivedAt);
  }
  if (payload.type === 'account.reactivated') await reactivateAccount(tx, payload.account, receivedAt);
}
