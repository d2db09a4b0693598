import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems, type Method } from './contract.ts';
import type { Access } from './open-access.ts';
import { selectBelongings, selectPersonByEmail } from './person-store.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';
import { takeCode } from './show-code.ts';
import { newToken } from './token.ts';
import { insertToken } from './token-store.ts';

const fail = failuresOf(accessProblems);

const LINK_MS = 10 * 60_000;

/**
 * Makes a token that stands for a person's password, once, within ten minutes. With a code of their authenticator it
 * also stands for that. Both a link that is made and a code that does not fit are recorded.
 * @param actor the operator
 * @throws Failure `member-not-found`, `organisation-not-found` or `code-refused`
 */
export async function createSignInLink(
  access: Access,
  wanted: { readonly email: string; readonly organisation?: string | undefined; readonly code?: string | undefined },
  actor: Actor,
): Promise<{ token: string; expiresAt: Date }> {
  const { platform, ownOrganisationId } = access;
  const { person, chosen, home } = await platform.db.globalTransaction(async (tx) => {
    const person = await selectPersonByEmail(tx, wanted.email);
    if (person === undefined) throw fail('member-not-found', 'Nobody here has this e-mail address.');
    const belongings = await selectBelongings(tx, person.id);
    const chosen = belongings.find(({ organisation }) => organisation.slug === wanted.organisation);
    if (wanted.organisation !== undefined && chosen === undefined)
      throw fail('organisation-not-found', `This person is no member of ${wanted.organisation}.`);
    return { person, chosen, home: (chosen ?? belongings[0])?.organisationId ?? ownOrganisationId };
  });
  const token = newToken();
  const expiresAt = await platform.db.transaction(home, async (tx) => {
    const methods: Method[] = ['link'];
    if (wanted.code !== undefined) {
      const shown = await takeCode(access, tx, person.id, wanted.code);
      if (shown === undefined) {
        await recordSignInRefusal(tx, person.id, { method: 'link', reason: 'code-refused' });
        return undefined;
      }
      methods.push(shown);
    }
    const until = new Date(tx.at.getTime() + LINK_MS);
    await insertToken(tx, {
      hash: token.hash,
      kind: 'link',
      personId: person.id,
      methods,
      expiresAt: until,
      // The operator who hands over the link answers for the address it was made for.
      email: person.email,
      ...(chosen !== undefined && { organisationId: chosen.organisationId }),
    });
    await recordEntry(tx, { kind: 'access.link-made', actor, body: { person: person.id } });
    return until;
  });
  if (expiresAt === undefined) throw fail('code-refused', 'The code does not fit, or was used already.');
  return { token: token.text, expiresAt };
}
