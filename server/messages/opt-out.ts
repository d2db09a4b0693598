import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { messagesProblems } from './contract.ts';
import { isMailAddress } from './mail-address.ts';
import type { OptOutVia } from './opt-out-contract.ts';
import { endOptOut, findInForce, insertOptOut, lockRecipient, type OptOutRecord } from './opt-out-store.ts';
import { recipientKeyOf } from './recipient-key.ts';

const fail = failuresOf(messagesProblems);
const system: Actor = { kind: 'system', id: 'messages' };

/** Who said so, and how. */
interface Said {
  readonly address: string;
  readonly via: OptOutVia;
  /** Left out where the person themselves said so, by link or button. */
  readonly actor?: Actor;
}

/**
 * From now on no announcement of the organisation goes to this address, also none that is queued already. What stands
 * is not changed by saying it again. GDPR Art. 21(2) and (3); LGPD Art. 18 § 2.
 * @throws Failure `address-invalid`
 */
export async function optOut(tx: Tx, said: Said): Promise<void> {
  await optOutByKey(tx, keyOfAddress(tx, said.address), said);
}

/**
 * Takes the opt-out back, because the person said so.
 * @throws Failure `address-invalid`
 */
export async function optIn(tx: Tx, said: Said): Promise<void> {
  await optInByKey(tx, keyOfAddress(tx, said.address), said);
}

/** Whether the address wants no announcements of the organisation. */
export async function isOptedOut(tx: Tx, address: string): Promise<boolean> {
  return (await findInForce(tx, recipientKeyOf(tx, address))) !== undefined;
}

/**
 * The opt-out in force, however it came.
 * @throws Failure `address-invalid`
 */
export async function findOptOut(tx: Tx, address: string): Promise<OptOutRecord | undefined> {
  return findInForce(tx, keyOfAddress(tx, address));
}

/** The same for who comes with a link, which holds the key and not the address. */
export async function optOutByKey(tx: Tx, recipientKey: Buffer, said: Omit<Said, 'address'>): Promise<void> {
  await lockRecipient(tx, recipientKey);
  const id = newId<'OptOut'>(tx.at);
  if (!(await insertOptOut(tx, { id, recipientKey, via: said.via }))) return;
  await recordEntry(tx, {
    kind: 'message.opted-out',
    actor: said.actor ?? system,
    body: { optOut: id, via: said.via },
  });
}

export async function optInByKey(tx: Tx, recipientKey: Buffer, said: Omit<Said, 'address'>): Promise<void> {
  await lockRecipient(tx, recipientKey);
  const ended = await endOptOut(tx, recipientKey);
  if (ended === undefined) return;
  await recordEntry(tx, {
    kind: 'message.opted-in',
    actor: said.actor ?? system,
    body: { optOut: ended, via: said.via },
  });
}

function keyOfAddress(tx: Tx, address: string): Buffer {
  if (!isMailAddress(address)) throw fail('address-invalid', 'Write one address, such as ana@example.org.');
  return recipientKeyOf(tx, address);
}
