import type { OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { openMailParser } from './mail-parser.ts';
import { isSignedAsMailgun, isSignedAsStandard, type SignedHeaders } from './mail-signature.ts';
import { mailboxProblems } from './mailbox-contract.ts';
import { openSecret } from './mailbox-secret.ts';
import { findMailbox, type MailboxId, type MailboxRow, markRead } from './mailbox-store.ts';
import { takeMail } from './take-mail.ts';

const fail = failuresOf(mailboxProblems);

/** What a provider brought. */
export interface BroughtMail {
  readonly headers: SignedHeaders;
  readonly body: Buffer;
}

/**
 * Takes a mail that the provider's webhook brought. A mailbox that is not there, is switched off, or is not the sender's
 * answers like a wrong signature.
 * @returns whether the mail was new
 * @throws Failure `mail-refused`
 */
export async function receiveMail(
  platform: Platform,
  organisationId: OrganisationId,
  id: MailboxId,
  brought: BroughtMail,
): Promise<boolean> {
  const mailbox = await platform.db.transaction(organisationId, (tx) => findMailbox(tx, id));
  const raw = mailbox === undefined || !mailbox.enabled ? null : await signedMail(platform, mailbox, brought);
  if (mailbox === undefined || raw === null) throw refused();
  // Two deliveries of the same mail at once wait for each other.
  const lock = await platform.db.lock(`messages.mailbox ${id}`, 'exclusive');
  const parser = openMailParser();
  try {
    const mail = await parser.parse(raw, true);
    return await takeMail(platform, organisationId, mailbox, mail, (tx) => markRead(tx, id));
  } finally {
    await parser.close();
    await lock.release();
  }
}

/**
 * Whether a mailbox that takes mail like this is there; asked before a body is read, so that strangers send none.
 * @throws Failure `mail-refused`
 */
export async function admitMail(platform: Platform, organisationId: OrganisationId, id: MailboxId): Promise<void> {
  const mailbox = await platform.db.transaction(organisationId, (tx) => findMailbox(tx, id));
  if (mailbox?.scheme == null || !mailbox.enabled) throw refused();
}

function refused() {
  return fail('mail-refused', 'No mailbox here takes mail signed like this.');
}

/** The raw mail, once it is known who sent it; null otherwise. */
async function signedMail(platform: Platform, mailbox: MailboxRow, brought: BroughtMail): Promise<Buffer | null> {
  const at = platform.clock.now();
  if (mailbox.scheme === 'standard')
    return isSignedAsStandard(brought.headers, brought.body, secretsOf(platform, mailbox, at), at)
      ? brought.body
      : null;
  if (mailbox.scheme === 'mailgun') return mailOfForm(brought, secretsOf(platform, mailbox, at), at);
  return null;
}

/** Those that are accepted: the one in use, and for a day the one before it. */
function secretsOf(platform: Platform, mailbox: MailboxRow, at: Date): string[] {
  const { id, sealedSecret, earlierSealedSecret, earlierUntil } = mailbox;
  const sealed = [sealedSecret];
  if (earlierSealedSecret !== null && earlierUntil !== null && earlierUntil > at) sealed.push(earlierSealedSecret);
  return sealed.map((one) => openSecret(platform, id, one));
}

async function mailOfForm(brought: BroughtMail, secrets: readonly string[], at: Date): Promise<Buffer | null> {
  const form = await readForm(brought);
  const field = (name: string) => {
    const value = form?.get(name);
    return typeof value === 'string' ? value : '';
  };
  const proof = { timestamp: field('timestamp'), token: field('token'), signature: field('signature') };
  if (!isSignedAsMailgun(proof, secrets, at)) return null;
  const mail = form?.get('body-mime');
  if (typeof mail === 'string') return Buffer.from(mail);
  return mail === null || mail === undefined ? null : Buffer.from(await mail.arrayBuffer());
}

/** Null where the body is no form. */
async function readForm({ headers, body }: BroughtMail): Promise<FormData | null> {
  const type = headers['content-type'] ?? '';
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type)) return null;
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    // Whatever is wrong with it is the sender's to mend.
    return null;
  }
}
