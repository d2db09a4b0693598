import type { FastifyRequest } from 'fastify';
import type { OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Authoriser, Caller } from '../platform/http.ts';
import { brand } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { accessProblems, organisationHeader, sessionCookie } from './contract.ts';
import { pickLanguage } from './language.ts';
import type { LocalKey } from './local-key.ts';
import { may, type Role } from './permissions.ts';
import { selectOrganisationBySlug, selectOrganisations, selectSession } from './store.ts';
import { hashToken } from './token.ts';

const fail = failuresOf(accessProblems);

/**
 * The organisation of a key that names none, on access's own routes: the nil UUID, for which every tenant table is
 * empty. Whoever creates the first organisation cannot name one yet.
 */
export const noOrganisation: OrganisationId = brand<'Organisation'>('00000000-0000-0000-0000-000000000000');

/** Who calls, with the role that decides what they may do. */
export interface Identity extends Caller {
  readonly role: Role;
  readonly expiresAt: Date | null;
}

/** The authoriser of the HTTP side: a session's cookie, or the local key as bearer token. */
export function authoriserOf(platform: Platform, localKey: LocalKey): Authoriser {
  return async (request, permission) => {
    // Neither is about one organisation.
    const optional = permission.startsWith('access:') || permission === 'metrics:read';
    const identity = await identify(platform, localKey, request, optional);
    if (!may(identity.role, permission))
      throw fail('not-permitted', `${permission} is not among the rights of this caller.`);
    return identity;
  };
}

/**
 * Tells who calls.
 * @param optional whether a key may leave its organisation open
 * @throws Failure `not-signed-in`, `organisation-not-found` or `organisation-not-named`
 */
export async function identify(
  platform: Platform,
  localKey: LocalKey,
  request: FastifyRequest,
  optional: boolean,
): Promise<Identity> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    if (!localKey.matches(bearer))
      throw fail(
        'not-signed-in',
        'The key is not the one in local.key of the data directory; it changes at every start.',
      );
    return {
      organisationId: await namedOrganisation(platform, request, optional),
      actor: { kind: 'key', id: 'local' },
      language: pickLanguage(request.headers['accept-language']),
      role: 'local-key',
      expiresAt: null,
    };
  }
  const token = request.cookies[sessionCookie];
  const session =
    token === undefined ? undefined : await platform.db.globalTransaction((tx) => selectSession(tx, hashToken(token)));
  if (session === undefined) throw fail('not-signed-in', 'Sign in with a link; on the server: kept link');
  return {
    organisationId: session.organisationId,
    actor: { kind: 'person', id: session.personId },
    language: session.language,
    role: 'owner',
    expiresAt: session.expiresAt,
  };
}

async function namedOrganisation(
  platform: Platform,
  request: FastifyRequest,
  optional: boolean,
): Promise<OrganisationId> {
  const slug = request.headers[organisationHeader];
  return platform.db.globalTransaction(async (tx) => {
    if (typeof slug === 'string') {
      const organisation = await selectOrganisationBySlug(tx, slug);
      if (organisation === undefined) throw fail('organisation-not-found', `There is no organisation ${slug}.`);
      return organisation.id;
    }
    const [only, another] = await selectOrganisations(tx, 2);
    if (only !== undefined && another === undefined) return only.id;
    if (optional) return noOrganisation;
    throw fail(
      'organisation-not-named',
      only === undefined
        ? 'There is no organisation yet. Create one first.'
        : `There are several organisations: name one in the header ${organisationHeader}.`,
    );
  });
}
