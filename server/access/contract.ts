import { z } from 'zod';
import { actorSchema, endpoint, idSchema, instantSchema, problems } from '../platform/contract.ts';

/** Languages that Kept speaks; a person's own. */
export const languageSchema = z.enum(['pt-BR', 'en', 'es']);
export type Language = z.infer<typeof languageSchema>;

/** The tenant: whose policy it is. */
export const organisationSchema = z.object({
  id: idSchema('Organisation'),
  /** Short name for addresses and the command line, unique. */
  slug: z.string(),
  name: z.string(),
  createdAt: instantSchema,
});
export type Organisation = z.infer<typeof organisationSchema>;

/** Who is signed in, and where. */
export const sessionSchema = z.object({
  organisation: organisationSchema,
  actor: actorSchema,
  language: languageSchema,
  /** What this caller may do, as `folder:act`. */
  permissions: z.array(z.string()),
  /** Null for a caller with a key, which has no session to end. */
  expiresAt: instantSchema.nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

const slugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, at most 63, no hyphen first');

export const accessProblems = problems({
  'not-signed-in': { status: 401, title: 'Nobody is signed in' },
  'not-permitted': { status: 403, title: 'This caller may not do this' },
  'organisation-not-found': { status: 404, title: 'There is no such organisation' },
  'organisation-not-named': { status: 400, title: 'Which organisation is meant is not clear' },
  'slug-taken': { status: 409, title: 'Another organisation has this short name' },
  'link-invalid': { status: 410, title: 'This sign-in link was used or has expired' },
});

/**
 * Callers with the local key (`Authorization: Bearer <key>`) name the organisation by its slug in this header. Where
 * there is only one, it may be left out.
 */
export const organisationHeader = 'kept-organisation';

/** The cookie of a session; HttpOnly, so scripts never see it. */
export const sessionCookie = 'kept_session';

export const createOrganisation = endpoint({
  method: 'POST',
  path: '/v1/access/organisations',
  summary: 'Creates an organisation (local key only)',
  permission: 'access:write',
  body: z.object({ slug: slugSchema, name: z.string().trim().min(1).max(200) }),
  answer: organisationSchema,
  status: 201,
  problems: ['slug-taken'],
});

export const listOrganisations = endpoint({
  method: 'GET',
  path: '/v1/access/organisations',
  summary: 'Lists the organisations: all for the local key, its own for a session',
  permission: 'access:read',
  answer: z.object({ items: z.array(organisationSchema) }),
});

export const createOwnerLink = endpoint({
  method: 'POST',
  path: '/v1/access/owner-links',
  summary: 'Makes a link that signs the local owner in once, within ten minutes (local key only)',
  permission: 'access:write',
  body: z.object({ organisation: slugSchema }),
  answer: z.object({ url: z.url(), expiresAt: instantSchema }),
  status: 201,
  problems: ['organisation-not-found'],
});

export const getSession = endpoint({
  method: 'GET',
  path: '/v1/access/session',
  summary: 'Tells who is signed in',
  permission: 'access:read',
  answer: sessionSchema,
  problems: ['not-signed-in'],
});

export const endSession = endpoint({
  method: 'DELETE',
  path: '/v1/access/session',
  summary: 'Signs out',
  permission: 'access:read',
  answer: z.null(),
  status: 204,
});
