import type { FastifyRequest } from 'fastify';
import type { OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Authoriser, Caller } from '../platform/http.ts';
import { brand } from '../platform/ids.ts';
import { demandAllowed } from './allowlist.ts';
import { accessProblems, organisationHeader } from './contract.ts';
import { findSession } from './find-session.ts';
import { identifyKey } from './identify-key.ts';
import { pickLanguage } from './language.ts';
import type { Access } from './open-access.ts';
import { selectCustomers, selectOrganisation, selectOrganisationBySlug } from './organisation-store.ts';
import { may, type Role } from './permissions.ts';
import { recordRefusedCall } from './record-refused-call.ts';
import { requireFresh, requireOwnFresh } from './require-fresh.ts';
import { type Session, strangerOf } from './session.ts';
import { readSessionCookie } from './session-cookie.ts';

const fail = failuresOf(accessProblems);

/**
 * The organisation of a caller that is in none: the nil UUID, for which every tenant table is empty. A key that creates
 * the first organisation cannot name one yet, and a session may not have chosen.
 */
export const noOrganisation: OrganisationId = brand<'Organisation'>('00000000-0000-0000-0000-000000000000');

/** Who calls, with what decides about their rights. */
export interface Identity extends Caller {
  readonly role: Role;
  /** What an api key was given; nobody else has any. */
  readonly scopes: readonly string[];
  /** Null for a key. */
  readonly session: Session | null;
}

const identities = new WeakMap<FastifyRequest, Identity>();

/**
 * The authoriser of the HTTP side: a session's cookie or a key as bearer token, then the table of rights, then what is to
 * have been shown of late.
 */
export function authoriserOf(access: Access): Authoriser {
  return async (request, permission, demands) => {
    const identity = await identifyCounted(access, request, permission);
    identities.set(request, identity);
    try {
      if (!may(identity.role, permission, identity.scopes)) throw refusal(identity, permission);
      demandAddress(request, permission, identity);
      if (demands?.fresh === true) requireFresh(access, identity);
      if (demands?.fresh === 'own') await requireOwnFresh(access, identity);
    } catch (error) {
      const { organisationId, actor, session } = identity;
      const home = organisationId === noOrganisation ? access.ownOrganisationId : organisationId;
      // Whoever is still signing in is told what is missing, which is no refusal.
      if (session?.owes == null) await recordRefusedCall(access.platform, home, actor, permission, error);
      throw error;
    }
    return identity;
  };
}

/**
 * Tells who calls, within what they and strangers may call. Keys are counted where they are identified; the machine's
 * own is not.
 */
async function identifyCounted(access: Access, request: FastifyRequest, permission: string): Promise<Identity> {
  let identity: Identity;
  try {
    identity = await identify(access, request, isUnplaced(permission));
  } catch (error) {
    await access.limits.call(null, request.ip);
    throw error;
  }
  const { session } = identity;
  if (session !== null) await access.limits.call({ kind: 'session', id: session.id }, request.ip);
  return identity;
}

/**
 * People may be held to certain networks. To look at the session, to end it and to turn to another organisation is
 * possible from everywhere.
 */
function demandAddress(request: FastifyRequest, permission: string, { session }: Identity): void {
  if (permission !== 'access:begin') demandAllowed(request.ip, session?.belonging?.consoleAllowlist ?? []);
}

/** Who calls, as `authorise` found out for this request. */
export function identityOf(request: FastifyRequest): Identity {
  const identity = identities.get(request);
  if (identity === undefined) throw new Error('a route that anybody may call has no identity');
  return identity;
}

/** The session of somebody who calls a route that anybody may call; undefined for strangers and keys. */
export async function findOwnSession(access: Access, request: FastifyRequest): Promise<Session | undefined> {
  const token = readSessionCookie(access.platform.config, request);
  return token === undefined ? undefined : findSession(access.platform, token);
}

/** The session of a person; keys have none. @throws Failure `not-permitted` */
export function sessionOf(request: FastifyRequest): Session {
  const { session } = identityOf(request);
  if (session === null) throw fail('not-permitted', 'A key has no account of its own: sign in.');
  return session;
}

/** What is about no organisation, so that a key need not name one. */
function isUnplaced(permission: string): boolean {
  return ['access:begin', 'access:own', 'access:leave', 'access:operate', 'metrics:read'].includes(permission);
}

function refusal({ session }: Identity, permission: string) {
  if (session?.owes == null) return fail('not-permitted', `${permission} is not among the rights of this caller.`);
  return fail('not-permitted', `This session is not complete: it owes ${session.owes}.`);
}

async function identify(access: Access, request: FastifyRequest, isOptional: boolean): Promise<Identity> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return identifyBearer(access, request, bearer, isOptional);
  const session = await findOwnSession(access, request);
  if (session === undefined) throw fail('not-signed-in', 'Sign in first.');
  return {
    organisationId: session.open?.organisationId ?? noOrganisation,
    actor: { kind: 'person', id: session.personId },
    language: session.language,
    role: session.owes === null && session.open !== null ? session.open.role : strangerOf(session),
    scopes: [],
    session,
    sessionId: session.id,
  };
}

async function identifyBearer(
  access: Access,
  request: FastifyRequest,
  text: string,
  isOptional: boolean,
): Promise<Identity> {
  const language = pickLanguage(request.headers['accept-language']);
  if (!access.localKey.matches(text)) {
    const { id, organisationId, role, scopes } = await identifyKey(access, request, text);
    // It is of one organisation; who believes to speak with another is told so, but not whether there is that one.
    const slug = request.headers[organisationHeader];
    if (slug !== undefined) {
      const own = await access.platform.db.globalTransaction((tx) => selectOrganisation(tx, organisationId));
      if (own?.slug !== slug) throw fail('organisation-not-found', 'This key belongs to another organisation.');
    }
    return { organisationId, actor: { kind: 'key', id }, language, role, scopes, session: null };
  }
  return {
    organisationId: await namedOrganisation(access, request, isOptional),
    actor: { kind: 'key', id: 'local' },
    language,
    role: 'local-key',
    scopes: [],
    session: null,
  };
}

async function namedOrganisation(
  { platform }: Access,
  request: FastifyRequest,
  isOptional: boolean,
): Promise<OrganisationId> {
  const slug = request.headers[organisationHeader];
  return platform.db.globalTransaction(async (tx) => {
    if (typeof slug === 'string') {
      const organisation = await selectOrganisationBySlug(tx, slug);
      if (organisation === undefined) throw fail('organisation-not-found', `There is no organisation ${slug}.`);
      return brand<'Organisation'>(organisation.id);
    }
    // The server's own is meant only where it is named.
    const [only, another] = await selectCustomers(tx, 2);
    if (only !== undefined && another === undefined) return brand<'Organisation'>(only.id);
    if (isOptional) return noOrganisation;
    throw fail(
      'organisation-not-named',
      only === undefined
        ? 'There is no organisation yet. Create one first.'
        : `There are several organisations: name one in the header ${organisationHeader}.`,
    );
  });
}
