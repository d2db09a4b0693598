import { z } from 'zod';
import { actorSchema, endpoint, idSchema, instantSchema, problems } from '../platform/contract.ts';

/** Languages that Kept speaks; a person's own. */
export const languageSchema = z.enum(['pt-BR', 'en', 'es']);
export type Language = z.infer<typeof languageSchema>;

/** What a member of an organisation is there for; the table of rights is in permissions.ts. */
export const roleSchema = z.enum(['owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor']);
export type Role = z.infer<typeof roleSchema>;

/** The ways in which a person can show who they are. */
export const methodSchema = z.enum(['password', 'totp', 'recovery-code', 'passkey', 'provider', 'link']);
export type Method = z.infer<typeof methodSchema>;

/** The tenant: whose policy it is. */
export const organisationSchema = z.object({
  id: idSchema('Organisation'),
  /** Short name for addresses and the command line, unique. */
  slug: z.string(),
  name: z.string(),
  createdAt: instantSchema,
});
export type Organisation = z.infer<typeof organisationSchema>;

/** What a session still owes before it opens anything; null where it is complete. */
export const owedSchema = z
  .enum(['second-factor', 'second-factor-enrolment', 'email-verification', 'organisation'])
  .nullable();
export type Owed = z.infer<typeof owedSchema>;

const ownFreshBySchema = z.enum(['second-factor', 'password', 'sign-in']);
export type OwnFreshBy = z.infer<typeof ownFreshBySchema>;

/** Who is signed in, and where. */
export const sessionSchema = z.object({
  /** Null while none was chosen, or while the session owes something. */
  organisation: organisationSchema.nullable(),
  /** All that this person belongs to; empty for a key, and while a second factor is owed. */
  organisations: z.array(z.object({ organisation: organisationSchema, role: roleSchema })),
  actor: actorSchema,
  /** Null for a key. */
  person: z.object({ id: idSchema('Person'), name: z.string(), email: z.string() }).nullable(),
  role: roleSchema.nullable(),
  language: languageSchema,
  /** What this caller may do, as `folder:act`; empty while the session owes something. */
  permissions: z.array(z.string()),
  owes: owedSchema,
  /** Second factors that can be shown: for signing in and for sensitive acts. */
  factors: z.array(z.enum(['totp', 'passkey', 'recovery-code'])),
  /** Until when a second factor counts as fresh for sensitive acts; null where none does. */
  freshUntil: instantSchema.nullable(),
  /**
   * What is asked for before an act that is about the person alone (export, deletion): the second factor of who has one,
   * else the password, else a new sign-in. Null for a key.
   */
  ownFreshBy: ownFreshBySchema.nullable(),
  /** Until when that counts as shown; null where it does not. */
  ownFreshUntil: instantSchema.nullable(),
  /** Null for a caller with a key, which has no session to end. */
  expiresAt: instantSchema.nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

export const slugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, at most 63, no hyphen first')
  .refine((slug) => slug !== 'kept', 'this is the name of the server’s own organisation');
const nameSchema = z.string().trim().min(1).max(200);
export const emailSchema = z.email().max(254);
/** Length counts, not kinds of characters (NIST SP 800-63B-4, 3.1.1.2). */
export const newPasswordSchema = z.string().min(12, 'use at least 12 characters').max(200);
const passwordSchema = z.string().min(1).max(200);
export const tokenSchema = z.string().min(20).max(200);
/** What an authenticator app shows, or a recovery code; spaces and hyphens do not count. */
export const codeSchema = z.string().trim().min(6).max(40);
/** What `@simplewebauthn/browser` takes and gives; checked by the library on the server. */
export const webauthnSchema = z.record(z.string(), z.json());

export const accessProblems = problems({
  'not-signed-in': { status: 401, title: 'Nobody is signed in' },
  'not-permitted': { status: 403, title: 'This caller may not do this' },
  'second-factor-needed': { status: 403, title: 'This needs a second factor' },
  'password-needed': { status: 403, title: 'This needs your password once more' },
  'address-not-allowed': { status: 403, title: 'This network address may not sign in here' },
  'sign-in-refused': { status: 401, title: 'E-mail address and password do not go together' },
  'code-refused': { status: 401, title: 'This code does not fit' },
  'single-sign-on-needed': { status: 403, title: 'This organisation signs in with its identity provider' },
  'too-many-attempts': { status: 429, title: 'Too many attempts' },
  'organisation-not-found': { status: 404, title: 'There is no such organisation' },
  'organisation-not-named': { status: 400, title: 'Which organisation is meant is not clear' },
  'slug-taken': { status: 409, title: 'Another organisation has this short name' },
  'email-taken': { status: 409, title: 'Somebody has this e-mail address already' },
  'link-invalid': { status: 410, title: 'This link was used or has expired' },
  'password-too-weak': { status: 422, title: 'This password is too easy to guess' },
  'factor-not-found': { status: 404, title: 'There is no such second factor' },
  'passkey-unavailable': { status: 409, title: 'Passkeys do not work under this address of the server' },
  'last-factor': { status: 409, title: 'This is the last second factor' },
  'member-not-found': { status: 404, title: 'There is no such member' },
  'last-owner': { status: 409, title: 'An organisation needs an owner' },
  'invitation-not-found': { status: 404, title: 'There is no such invitation' },
  'key-not-found': { status: 404, title: 'There is no such key' },
  'session-not-found': { status: 404, title: 'There is no such session' },
  'provider-not-found': { status: 404, title: 'There is no such identity provider' },
  'provider-failed': { status: 502, title: 'The identity provider could not be used' },
  'domain-not-found': { status: 404, title: 'There is no such domain' },
  'domain-taken': { status: 409, title: 'Another organisation has proved that this domain is its own' },
  'domain-not-proved': { status: 422, title: 'The domain does not carry the challenge yet' },
  'lock-out': { status: 409, title: 'This would lock out those who decide it' },
});

/**
 * Callers with the local key (`Authorization: Bearer <key>`) name the organisation by its slug in this header. Where
 * there is only one, it may be left out.
 */
export const organisationHeader = 'kept-organisation';

/** The cookie of a session; HttpOnly, so scripts never see it. Over HTTPS its name begins with `__Host-`. */
export const sessionCookie = 'kept_session';

/**
 * Pages of the console that mailed and printed links lead to. The token stands behind a `#` (`/setup#<token>`), where
 * no server and no log sees it.
 */
export const linkPages = {
  setup: '/setup',
  'email-verification': '/verify',
  'password-reset': '/reset',
  invitation: '/invitation',
} as const;

/**
 * Where a browser goes to sign in through an identity provider, by its id or `google`. It comes back to `/`, or to
 * `/enter?refused=<code>`, which the console words.
 */
export const providerSignInPath = (provider: string): `/${string}` => `/sign-in/providers/${provider}`;

/* ── the server's operator, with the local key ─────────────────────────────────────────────────────────────── */

export const createOrganisation = endpoint({
  method: 'POST',
  path: '/v1/access/organisations',
  summary: 'Creates an organisation (local key only)',
  permission: 'access:operate',
  body: z.object({ slug: slugSchema, name: nameSchema }),
  answer: organisationSchema,
  status: 201,
  problems: ['slug-taken'],
});

export const listOrganisations = endpoint({
  method: 'GET',
  path: '/v1/access/organisations',
  summary: 'Lists the organisations: all for the local key, those of the person for a session',
  permission: 'access:own',
  answer: z.object({ items: z.array(organisationSchema) }),
});

export const createOwner = endpoint({
  method: 'POST',
  path: '/v1/access/owners',
  summary: 'Makes somebody an owner of an organisation (local key only); a new person gets a TOTP secret, shown once',
  permission: 'access:operate',
  body: z.object({
    organisation: slugSchema.or(z.literal('kept')),
    name: nameSchema,
    email: emailSchema,
    language: languageSchema.default('en'),
    /** Without one the person sets it through a link. */
    password: newPasswordSchema.optional(),
  }),
  answer: z.object({
    person: idSchema('Person'),
    /** Null for somebody who has a second factor already. */
    totp: z.object({ secret: z.string(), uri: z.string() }).nullable(),
  }),
  status: 201,
  problems: ['organisation-not-found'],
});

export const createSignInLink = endpoint({
  method: 'POST',
  path: '/v1/access/links',
  summary: 'Makes a link that stands for a person’s password once, within ten minutes (local key only)',
  permission: 'access:operate',
  body: z.object({
    email: emailSchema,
    /** The organisation to begin in; the person's first where absent. */
    organisation: slugSchema.or(z.literal('kept')).optional(),
    /** A code of the person's authenticator: with it the link opens a complete session. */
    code: codeSchema.optional(),
  }),
  answer: z.object({ url: z.url(), expiresAt: instantSchema }),
  status: 201,
  problems: ['organisation-not-found', 'member-not-found', 'code-refused'],
});

export const resetFactors = endpoint({
  method: 'POST',
  path: '/v1/access/factor-resets',
  summary: 'Takes the second factors of a person away who lost them; their sessions end (local key only)',
  permission: 'access:operate',
  body: z.object({ email: emailSchema }),
  answer: z.null(),
  status: 204,
  problems: ['member-not-found'],
});

/* ── signing in ────────────────────────────────────────────────────────────────────────────────────────────── */

const limited = ['too-many-attempts'] as const;

/** What the sign-in page offers for an address. Looks at its domain only, so it tells of nobody whether they exist. */
export const findSignInWays = endpoint({
  method: 'POST',
  path: '/v1/access/sign-in/ways',
  summary: 'Tells how an address can sign in: with a password and passkey, or through an identity provider',
  permission: 'public',
  body: z.object({ email: emailSchema }),
  answer: z.object({
    provider: z.object({ id: idSchema('Provider'), name: z.string(), only: z.boolean() }).nullable(),
    /** Whether this server signs in with Google. */
    google: z.boolean(),
  }),
  problems: [...limited],
});

export const signIn = endpoint({
  method: 'POST',
  path: '/v1/access/sign-in',
  summary: 'Signs in with e-mail and password; the session may then owe a second factor',
  permission: 'public',
  body: z.object({ email: emailSchema, password: passwordSchema }),
  answer: sessionSchema,
  problems: ['sign-in-refused', 'single-sign-on-needed', 'address-not-allowed', ...limited],
});

export const showSecondFactor = endpoint({
  method: 'POST',
  path: '/v1/access/session/second-factor',
  summary:
    'Shows a code of an authenticator app or a recovery code: to complete a sign-in, or afresh for a sensitive act',
  permission: 'access:begin',
  body: z.object({ code: codeSchema }),
  answer: sessionSchema,
  problems: ['code-refused', ...limited],
});

export const showPassword = endpoint({
  method: 'POST',
  path: '/v1/access/session/password',
  summary:
    'Shows the password afresh, by who has no second factor: for acts about oneself and for enrolling the first; the session’s token changes',
  permission: 'access:begin',
  body: z.object({ password: passwordSchema }),
  answer: sessionSchema,
  problems: ['sign-in-refused', ...limited],
});

export const beginPasskey = endpoint({
  method: 'POST',
  path: '/v1/access/passkeys/challenges',
  summary: 'Asks for a challenge to sign in with a passkey, or to show one afresh where somebody is signed in',
  permission: 'public',
  answer: webauthnSchema,
  problems: ['factor-not-found', 'passkey-unavailable', ...limited],
});

export const signInWithPasskey = endpoint({
  method: 'POST',
  path: '/v1/access/passkeys/sign-in',
  summary: 'Answers the challenge: signs in, or completes and freshens the session there is',
  permission: 'public',
  body: z.object({ response: webauthnSchema }),
  answer: sessionSchema,
  problems: ['sign-in-refused', 'single-sign-on-needed', 'passkey-unavailable', ...limited],
});

export const getSession = endpoint({
  method: 'GET',
  path: '/v1/access/session',
  summary: 'Tells who is signed in, and what the session still owes',
  permission: 'access:begin',
  answer: sessionSchema,
  problems: ['not-signed-in'],
});

export const endSession = endpoint({
  method: 'DELETE',
  path: '/v1/access/session',
  summary: 'Signs out',
  permission: 'access:begin',
  answer: z.null(),
  status: 204,
});

export const chooseOrganisation = endpoint({
  method: 'PUT',
  path: '/v1/access/session/organisation',
  summary: 'Turns to another organisation of the person; the session’s token changes',
  permission: 'access:begin',
  body: z.object({ organisation: idSchema('Organisation') }),
  answer: sessionSchema,
  problems: ['organisation-not-found', 'single-sign-on-needed', 'address-not-allowed'],
});

/* ── setting up, verification, reset, invitations: whoever holds a token ───────────────────────────────────── */

export const lookAtToken = endpoint({
  method: 'POST',
  path: '/v1/access/tokens',
  summary: 'Tells what a link is for, without using it up',
  permission: 'public',
  body: z.object({ token: tokenSchema }),
  answer: z.object({
    kind: z.enum(['setup', 'email-verification', 'password-reset', 'invitation']),
    email: z.string().nullable(),
    /** Of an invitation. */
    organisation: z.string().nullable(),
    role: roleSchema.nullable(),
    /** Of an invitation: whether a name and a password are still to be given. */
    isNewPerson: z.boolean(),
    expiresAt: instantSchema,
  }),
  problems: ['link-invalid', ...limited],
});

export const setUp = endpoint({
  method: 'POST',
  path: '/v1/access/setup',
  summary: 'Makes the first organisation and its owner, with the token printed in the terminal; signs in',
  permission: 'public',
  body: z.object({
    token: tokenSchema,
    organisation: z.object({ slug: slugSchema, name: nameSchema }),
    name: nameSchema,
    email: emailSchema,
    password: newPasswordSchema,
    language: languageSchema,
  }),
  answer: sessionSchema,
  status: 201,
  problems: ['link-invalid', 'slug-taken', 'password-too-weak', ...limited],
});

export const askForPasswordReset = endpoint({
  method: 'POST',
  path: '/v1/access/password-resets',
  summary: 'Sends a link for a new password, if there is such a person; the answer is the same in any case',
  permission: 'public',
  body: z.object({ email: emailSchema }),
  answer: z.null(),
  status: 204,
  problems: [...limited],
});

export const resetPassword = endpoint({
  method: 'POST',
  path: '/v1/access/password-resets/use',
  summary: 'Sets a new password with the link; ends every session of the person',
  permission: 'public',
  body: z.object({ token: tokenSchema, password: newPasswordSchema }),
  answer: z.null(),
  status: 204,
  problems: ['link-invalid', 'password-too-weak', ...limited],
});

export const verifyEmail = endpoint({
  method: 'POST',
  path: '/v1/access/email-verifications/use',
  summary: 'Takes the link of a verification mail',
  permission: 'public',
  body: z.object({ token: tokenSchema }),
  answer: z.null(),
  status: 204,
  problems: ['link-invalid', ...limited],
});

export const acceptInvitation = endpoint({
  method: 'POST',
  path: '/v1/access/invitations/use',
  summary: 'Accepts an invitation, as who is signed in or as a new person, and signs in',
  permission: 'public',
  body: z.object({
    token: tokenSchema,
    /** For who is new to this server. */
    person: z.object({ name: nameSchema, password: newPasswordSchema, language: languageSchema }).optional(),
  }),
  answer: sessionSchema,
  problems: ['link-invalid', 'sign-in-refused', 'password-too-weak', 'single-sign-on-needed', ...limited],
});
