import { recordEntries } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { accessProblems } from './contract.ts';
import { deleteRecoveryCodes, deleteTotp } from './factor-store.ts';
import type { Access } from './open-access.ts';
import { deletePasskeys } from './passkey-store.ts';
import { selectBelongings, selectPersonByEmail } from './person-store.ts';
import { deleteSessionsOf } from './session-store.ts';
import { voidTokens } from './token-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Takes every second factor of a person away on the word of the server's operator, because it is lost. All their
 * sessions end, the password stays, and who has a role that needs a factor owes a new one at the next sign-in. Members
 * cannot do this to each other: whoever was talked into it would open the door.
 * @throws Failure `member-not-found`
 */
export async function resetFactors(access: Access, email: string, actor: Actor): Promise<void> {
  const { platform } = access;
  const found = await platform.db.globalTransaction(async (tx) => {
    const person = await selectPersonByEmail(tx, email);
    return person === undefined ? undefined : { person, belongings: await selectBelongings(tx, person.id) };
  });
  if (found === undefined) throw fail('member-not-found', 'Nobody here has this e-mail address.');
  const { person, belongings } = found;
  await platform.db.transaction(belongings[0]?.organisationId ?? access.ownOrganisationId, async (tx) => {
    await deleteTotp(tx, person.id);
    await deletePasskeys(tx, person.id);
    await deleteRecoveryCodes(tx, person.id);
    // A link that was made before may carry the factor that is lost.
    await voidTokens(tx, { kind: 'link', personId: person.id });
    const sessions = await deleteSessionsOf(tx, person.id);
    await recordEntries(tx, [
      { kind: 'access.factor-changed', actor, body: { person: person.id, factor: 'all', act: 'reset' } },
      { kind: 'access.sessions-ended', actor, body: { person: person.id, sessions, reason: 'factors-reset' } },
    ]);
    await access.queueMail(tx, {
      template: 'factors-reset',
      to: person.email,
      language: person.language,
      figures: { name: person.name, at: tx.at.toISOString() },
      idempotencyKey: `factors-reset:${newId(tx.at)}`,
    });
  });
}
