import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { findByHeader, markBounced, noteReply } from './log-store.ts';
import { lockRecord } from './store.ts';

const actor: Actor = { kind: 'system', id: 'messages' };
/** An enhanced status code (RFC 3463) or a reply code: whatever else a report says may hold the address. */
const CODE = /^(?:\d{3} )?\d\.\d{1,3}\.\d{1,3}$|^\d{3}$/;

/** What a mail server reports of a message that it had taken over. */
export interface Bounce {
  /** The header Message-ID of what went out, with or without angle brackets. */
  readonly messageIdHeader: string;
  /** Whether it will not be tried again. */
  readonly permanent: boolean;
  /** `5.1.1`; anything that is no code is left out. */
  readonly code: string | null;
}

/**
 * Notes that a message did not arrive. Safe to repeat: only the first report counts.
 * @returns the message it is about; undefined when it is none of the organisation's
 */
export async function recordBounce(tx: Tx, bounce: Bounce): Promise<Id<'Message'> | undefined> {
  const header = `<${bounce.messageIdHeader.trim().replace(/^<|>$/g, '')}>`;
  const id = await findByHeader(tx, header);
  const message = id === undefined ? undefined : await lockRecord(tx, id);
  if (message === undefined) return undefined;
  const code = bounce.code !== null && CODE.test(bounce.code) ? bounce.code : null;
  if (!bounce.permanent) {
    await noteReply(tx, message.id, code);
    return message.id;
  }
  // Also while it is sent: the report may be faster than our note of the acceptance.
  if (message.state !== 'sent' && message.state !== 'sending') return message.id;
  await markBounced(tx, message.id, code);
  const body = { message: message.id, template: message.template, channel: 'mail', code };
  await recordEntry(tx, { kind: 'message.bounced', actor, body, commitment: message.commitment });
  return message.id;
}
