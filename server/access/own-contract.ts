import { z } from 'zod';
import { endpoint, idSchema, instantSchema } from '../platform/contract.ts';
import {
  codeSchema,
  emailSchema,
  languageSchema,
  methodSchema,
  newPasswordSchema,
  webauthnSchema,
} from './contract.ts';

/** A browser in which somebody is signed in. */
export const ownSessionSchema = z.object({
  id: idSchema('Session'),
  /** Browser and system in words, such as `Firefox on Linux`. */
  device: z.string(),
  /** ISO 3166-1 alpha-2; null where the address tells none. */
  country: z.string().nullable(),
  address: z.string().nullable(),
  methods: z.array(methodSchema),
  createdAt: instantSchema,
  seenAt: instantSchema,
  expiresAt: instantSchema,
  isThis: z.boolean(),
});
export type OwnSession = z.infer<typeof ownSessionSchema>;

/** A person's own account. */
export const ownAccountSchema = z.object({
  id: idSchema('Person'),
  name: z.string(),
  email: z.string(),
  emailVerifiedAt: instantSchema.nullable(),
  language: languageSchema,
  hasPassword: z.boolean(),
  passwordChangedAt: instantSchema.nullable(),
  totpSince: instantSchema.nullable(),
  recoveryCodesLeft: z.number().int(),
  passkeys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      isBackedUp: z.boolean(),
      createdAt: instantSchema,
      lastUsedAt: instantSchema.nullable(),
    }),
  ),
  /** Identity providers this person has signed in through. */
  identities: z.array(z.object({ provider: z.string(), since: instantSchema })),
  createdAt: instantSchema,
});
export type OwnAccount = z.infer<typeof ownAccountSchema>;

export const getOwnAccount = endpoint({
  method: 'GET',
  path: '/v1/access/own',
  summary: 'Shows the caller’s own account',
  permission: 'access:own',
  answer: ownAccountSchema,
});

export const changeOwnAccount = endpoint({
  method: 'PUT',
  path: '/v1/access/own',
  summary: 'Changes the caller’s name and language',
  permission: 'access:own',
  body: z.object({ name: z.string().trim().min(1).max(200), language: languageSchema }),
  answer: ownAccountSchema,
});

export const changePassword = endpoint({
  method: 'PUT',
  path: '/v1/access/own/password',
  summary: 'Changes or sets the password; ends every other session of the person',
  permission: 'access:own',
  fresh: true,
  body: z.object({ current: z.string().max(200).optional(), password: newPasswordSchema }),
  answer: ownAccountSchema,
  problems: ['sign-in-refused', 'password-too-weak', 'too-many-attempts'],
});

export const changeEmail = endpoint({
  method: 'PUT',
  path: '/v1/access/own/email',
  summary: 'Asks for another e-mail address; it counts once its link was opened',
  permission: 'access:own',
  fresh: true,
  body: z.object({ email: emailSchema }),
  answer: z.null(),
  status: 204,
  problems: ['too-many-attempts'],
});

export const sendVerification = endpoint({
  method: 'POST',
  path: '/v1/access/own/email-verifications',
  summary: 'Sends the mail that verifies the address once more',
  permission: 'access:begin',
  answer: z.null(),
  status: 204,
  problems: ['too-many-attempts'],
});

export const beginTotp = endpoint({
  method: 'POST',
  path: '/v1/access/own/totp',
  summary: 'Begins the enrolment of an authenticator app; one that is in use stays until the new one is confirmed',
  permission: 'access:begin',
  answer: z.object({
    /** Base32, for typing. */
    secret: z.string(),
    /** `otpauth://…`, for a QR code. */
    uri: z.string(),
  }),
  status: 201,
  problems: ['not-permitted', 'second-factor-needed', 'password-needed'],
});

export const confirmTotp = endpoint({
  method: 'POST',
  path: '/v1/access/own/totp/confirmation',
  summary: 'Takes the first code of the app; with the first second factor come recovery codes, shown once',
  permission: 'access:begin',
  body: z.object({ code: codeSchema }),
  answer: z.object({ recoveryCodes: z.array(z.string()) }),
  problems: [
    'not-permitted',
    'second-factor-needed',
    'password-needed',
    'code-refused',
    'factor-not-found',
    'too-many-attempts',
  ],
});

export const removeTotp = endpoint({
  method: 'DELETE',
  path: '/v1/access/own/totp',
  summary: 'Removes the authenticator app',
  permission: 'access:own',
  fresh: true,
  answer: z.null(),
  status: 204,
  problems: ['factor-not-found', 'last-factor'],
});

export const renewRecoveryCodes = endpoint({
  method: 'POST',
  path: '/v1/access/own/recovery-codes',
  summary: 'Makes new recovery codes, shown once; the old ones work no more',
  permission: 'access:own',
  fresh: true,
  answer: z.object({ recoveryCodes: z.array(z.string()) }),
  status: 201,
});

export const beginPasskeyRegistration = endpoint({
  method: 'POST',
  path: '/v1/access/own/passkeys/challenges',
  summary: 'Asks for a challenge to register a passkey',
  permission: 'access:begin',
  answer: webauthnSchema,
  status: 201,
  problems: ['not-permitted', 'second-factor-needed', 'password-needed', 'passkey-unavailable'],
});

export const registerPasskey = endpoint({
  method: 'POST',
  path: '/v1/access/own/passkeys',
  summary: 'Registers a passkey; with the first second factor come recovery codes, shown once',
  permission: 'access:begin',
  body: z.object({ name: z.string().trim().min(1).max(100), response: webauthnSchema }),
  answer: z.object({ recoveryCodes: z.array(z.string()) }),
  status: 201,
  problems: ['not-permitted', 'second-factor-needed', 'password-needed', 'code-refused', 'passkey-unavailable'],
});

export const removePasskey = endpoint({
  method: 'DELETE',
  path: '/v1/access/own/passkeys/:passkey',
  summary: 'Removes a passkey',
  permission: 'access:own',
  fresh: true,
  params: z.object({ passkey: z.string().max(1400) }),
  answer: z.null(),
  status: 204,
  problems: ['factor-not-found', 'last-factor'],
});

export const listOwnSessions = endpoint({
  method: 'GET',
  path: '/v1/access/own/sessions',
  summary: 'Lists where the caller is signed in',
  permission: 'access:own',
  answer: z.object({ items: z.array(ownSessionSchema) }),
});

export const endOwnSession = endpoint({
  method: 'DELETE',
  path: '/v1/access/own/sessions/:session',
  summary: 'Signs out one browser, at once',
  permission: 'access:own',
  params: z.object({ session: idSchema('Session') }),
  answer: z.null(),
  status: 204,
  problems: ['session-not-found'],
});

export const endOtherSessions = endpoint({
  method: 'DELETE',
  path: '/v1/access/own/sessions',
  summary: 'Signs out every browser but this one, at once',
  permission: 'access:own',
  answer: z.object({ ended: z.number().int() }),
});

/** Everything Kept holds about a person, as a file. Answered at once; the file is made in memory, since it is small. */
export const exportOwnData = endpoint({
  method: 'GET',
  path: '/v1/access/own/data',
  summary: 'Exports what Kept holds about the caller, as JSON or CSV',
  permission: 'access:leave',
  fresh: 'own',
  query: z.object({ format: z.enum(['json', 'csv']).default('json') }),
  answer: z.object({
    fileName: z.string(),
    mediaType: z.string(),
    content: z.string(),
    /** Records by kind, for the page to tell. */
    records: z.record(z.string(), z.number().int()),
  }),
});

export const previewDeletion = endpoint({
  method: 'GET',
  path: '/v1/access/own/deletion',
  summary: 'Tells what deleting the account takes away, what stays, why and until when',
  permission: 'access:leave',
  answer: z.object({
    goes: z.array(z.object({ what: z.string(), records: z.number().int() })),
    /** `why` and `what` are codes that the console words. */
    stays: z.array(z.object({ what: z.string(), why: z.string(), untilAt: instantSchema.nullable() })),
    /**
     * Slugs of organisations whose only owner this is, or whose owner for emergencies while they demand single sign-on:
     * they need another first.
     */
    blockedBy: z.array(z.string()),
  }),
});

export const deleteOwnAccount = endpoint({
  method: 'POST',
  path: '/v1/access/own/deletion',
  summary: 'Deletes the caller’s account, at once',
  permission: 'access:leave',
  fresh: 'own',
  body: z.object({ email: emailSchema }),
  answer: z.null(),
  status: 204,
  problems: ['sign-in-refused', 'last-owner', 'lock-out'],
});
