import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { accessProblems, type Language } from './contract.ts';
import { adoptServer, makeOwner } from './create-owner.ts';
import type { Access } from './open-access.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { insertOrganisation, selectHasPeople } from './organisation-store.ts';
import { hashPassword } from './password-hash.ts';
import { insertPerson } from './person-store.ts';
import { sendVerification } from './send-verification.ts';
import { hashToken, newToken } from './token.ts';
import { insertToken, selectToken, takeToken, voidTokens } from './token-store.ts';
import { refuseWeakPassword } from './weak-password.ts';

const fail = failuresOf(accessProblems);

/** As long as a server that nobody sets up may reasonably run; the next start prints another. */
const SETUP_MS = 30 * 24 * 60 * 60_000;

/**
 * Makes the token with which an empty server is set up, to be printed where it was started; undefined once somebody has
 * an account here. Those of earlier starts no longer work.
 */
export async function offerSetup({ platform }: Access): Promise<string | undefined> {
  const token = newToken();
  return platform.db.globalTransaction(async (tx) => {
    await voidTokens(tx, { kind: 'setup' });
    if (await selectHasPeople(tx)) return undefined;
    await insertToken(tx, { hash: token.hash, kind: 'setup', expiresAt: new Date(tx.at.getTime() + SETUP_MS) });
    return token.text;
  });
}

export interface WantedServer {
  readonly token: string;
  readonly organisation: { readonly slug: string; readonly name: string };
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly language: Language;
}

/**
 * Makes the first organisation and its owner, and signs them in. Where mail can be sent, the address is verified by
 * mail; where it cannot, whoever set the server up answers for it.
 * @throws Failure `link-invalid`, `slug-taken` or `password-too-weak`
 */
export async function setUp(access: Access, wanted: WantedServer): Promise<OpenedSession> {
  const { platform, ownOrganisationId } = access;
  const { organisation, name, email, language } = wanted;
  const tokenHash = hashToken(wanted.token);
  const offered = await platform.db.globalTransaction((tx) => selectToken(tx, tokenHash));
  if (offered?.kind !== 'setup') throw invalid();
  refuseWeakPassword(wanted.password, [email, organisation.name, organisation.slug]);
  const passwordHash = await hashPassword(wanted.password);
  const organisationId = newId<'Organisation'>(platform.clock.now());
  const personId = newId<'Person'>(platform.clock.now());
  const isEmailVerified = platform.config.smtpUrl === undefined;
  const actor: Actor = { kind: 'person', id: personId };
  await platform.db.transaction(organisationId, async (tx) => {
    if ((await takeToken(tx, tokenHash, ['setup'])) === undefined || (await selectHasPeople(tx))) throw invalid();
    if (!(await insertOrganisation(tx, { id: organisationId, ...organisation, language })))
      throw fail('slug-taken', `There is an organisation ${organisation.slug} already.`);
    await insertPerson(tx, { id: personId, name, email, isEmailVerified, passwordHash, language });
    await makeOwner(tx, personId);
    await recordEntry(tx, { kind: 'access.set-up', actor, body: { person: personId } });
  });
  await adoptServer(access, personId, actor);
  if (!isEmailVerified)
    await platform.db.transaction(ownOrganisationId, (tx) =>
      sendVerification(access, tx, { personId, name, email, language }),
    );
  return openSession(access, { personId, methods: ['password'], organisationId });
}

function invalid() {
  return fail('link-invalid', 'This server is set up already, or was started anew: take the link it printed last.');
}
