import { z } from 'zod';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema } from '../platform/contract.ts';
import { emailSchema, languageSchema, roleSchema } from './contract.ts';

export const memberSchema = z.object({
  person: idSchema('Person'),
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  hasSecondFactor: z.boolean(),
  /** Keys of the organisation that they made and that still work; those stay when the member goes. */
  activeKeys: z.number().int(),
  /** Name of the identity provider it came from. */
  provider: z.string().nullable(),
  lastSeenAt: instantSchema.nullable(),
  memberSince: instantSchema,
});
export type Member = z.infer<typeof memberSchema>;

export const listMembers = endpoint({
  method: 'GET',
  path: '/v1/access/members',
  summary: 'Lists who belongs to the organisation',
  permission: 'access:read',
  reveals: 'members',
  query: pageQuerySchema,
  answer: pageOf(memberSchema),
});

export const changeRole = endpoint({
  method: 'PUT',
  path: '/v1/access/members/:person',
  summary: 'Gives a member another role',
  permission: 'access:write',
  fresh: true,
  params: z.object({ person: idSchema('Person') }),
  body: z.object({ role: roleSchema }),
  answer: memberSchema,
  problems: ['member-not-found', 'last-owner', 'lock-out', 'not-permitted'],
});

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/v1/access/members/:person',
  summary: 'Takes a person out of the organisation; their sessions in it end at once',
  permission: 'access:write',
  fresh: true,
  params: z.object({ person: idSchema('Person') }),
  answer: z.null(),
  status: 204,
  problems: ['member-not-found', 'last-owner', 'lock-out', 'not-permitted'],
});

export const invitationSchema = z.object({
  id: idSchema('Invitation'),
  email: z.string(),
  role: roleSchema,
  state: z.enum(['open', 'accepted', 'revoked', 'expired']),
  invitedBy: z.string().nullable(),
  /** What became of the mail. */
  mail: z.enum(['queued', 'sent', 'failed']).nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
});
export type Invitation = z.infer<typeof invitationSchema>;

export const listInvitations = endpoint({
  method: 'GET',
  path: '/v1/access/invitations',
  summary: 'Lists the invitations',
  permission: 'access:read',
  reveals: 'invitations',
  query: pageQuerySchema,
  answer: pageOf(invitationSchema),
});

export const invite = endpoint({
  method: 'POST',
  path: '/v1/access/invitations',
  summary: 'Invites somebody by e-mail; the link works once, for seven days. Inviting again renews it',
  permission: 'access:write',
  fresh: true,
  body: z.object({ email: emailSchema, role: roleSchema, language: languageSchema }),
  answer: invitationSchema,
  status: 201,
  problems: ['not-permitted', 'too-many-attempts'],
});

export const revokeInvitation = endpoint({
  method: 'DELETE',
  path: '/v1/access/invitations/:invitation',
  summary: 'Takes an invitation back',
  permission: 'access:write',
  fresh: true,
  params: z.object({ invitation: idSchema('Invitation') }),
  answer: z.null(),
  status: 204,
  problems: ['invitation-not-found'],
});

/* ── keys ──────────────────────────────────────────────────────────────────────────────────────────────────── */

/** `api` for programs, `ingest` for those that only send events, `site` for web pages (public by nature). */
export const keyKindSchema = z.enum(['api', 'site', 'ingest']);

export const keySchema = z.object({
  id: idSchema('Key'),
  kind: keyKindSchema,
  name: z.string(),
  /** How it ends; the rest was shown once. */
  lastFour: z.string(),
  scopes: z.array(z.string()),
  origins: z.array(z.string()),
  state: z.enum(['active', 'expired', 'revoked']),
  createdBy: z.string().nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
});
export type Key = z.infer<typeof keySchema>;

export const listKeys = endpoint({
  method: 'GET',
  path: '/v1/access/keys',
  summary: 'Lists the keys of the organisation',
  permission: 'access:read',
  query: pageQuerySchema.extend({ after: idSchema('Key').optional() }),
  answer: pageOf(keySchema),
});

export const createKey = endpoint({
  method: 'POST',
  path: '/v1/access/keys',
  summary: 'Makes a key; its text is in this answer only',
  permission: 'access:write',
  fresh: true,
  body: z
    .object({
      kind: keyKindSchema,
      name: z.string().trim().min(1).max(100),
      /** Permissions of an api key, such as `policy:read`; none that asks for a second factor. */
      scopes: z.array(z.string().max(60)).max(60).default([]),
      /** Of a site key: the pages that may use it, such as `https://www.example.com`. */
      origins: z
        .array(z.url({ protocol: /^https?$/ }).max(300))
        .max(50)
        .default([]),
      expiresAt: instantSchema.nullable().default(null),
    })
    .refine(({ kind, scopes }) => (kind === 'api') === scopes.length > 0, {
      path: ['scopes'],
      message: 'name what an api key may do; keys of other kinds have the rights of their kind',
    })
    .refine(({ kind, origins }) => (kind === 'site') === origins.length > 0, {
      path: ['origins'],
      message: 'name the sites of a site key; keys of other kinds have none',
    }),
  answer: keySchema.extend({ key: z.string() }),
  status: 201,
  problems: ['not-permitted'],
});

export const revokeKey = endpoint({
  method: 'DELETE',
  path: '/v1/access/keys/:key',
  summary: 'Revokes a key, at once',
  permission: 'access:write',
  fresh: true,
  params: z.object({ key: idSchema('Key') }),
  answer: z.null(),
  status: 204,
  problems: ['key-not-found'],
});

/* ── what the organisation demands ─────────────────────────────────────────────────────────────────────────── */

const networkSchema = z
  .union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], 'write a network like 203.0.113.0/24 or 2001:db8::/32')
  .describe('A network or one address.');

export const settingsSchema = z.object({
  name: z.string().trim().min(1).max(200),
  language: languageSchema,
  /** Of every member; owner, admin and dpo need one in any case. */
  demandsSecondFactor: z.boolean(),
  demandsSingleSignOn: z.boolean(),
  /** An owner who may still sign in with a password then. */
  breakGlass: idSchema('Person').nullable(),
  /** Networks from which people may use the console; empty: any. */
  consoleAllowlist: z.array(networkSchema).max(100),
  /** The same for api and ingest keys. */
  keyAllowlist: z.array(networkSchema).max(100),
  idleMinutes: z.number().int().min(5).max(10_080),
  sessionHours: z.number().int().min(1).max(720),
});
export type Settings = z.infer<typeof settingsSchema>;

export const getSettings = endpoint({
  method: 'GET',
  path: '/v1/access/settings',
  summary: 'Shows what the organisation demands of those who sign in',
  permission: 'access:read',
  answer: settingsSchema.extend({
    /** From where the server sees this caller, for filling in an allowlist. */
    callerAddress: z.string(),
  }),
});

export const changeSettings = endpoint({
  method: 'PUT',
  path: '/v1/access/settings',
  summary: 'Changes it; what would lock the caller out is refused',
  permission: 'access:write',
  fresh: true,
  body: settingsSchema,
  answer: settingsSchema,
  problems: ['lock-out', 'member-not-found'],
});

/* ── the audit trail ───────────────────────────────────────────────────────────────────────────────────────── */

/** An entry of the ledger that somebody caused, with where they were. */
export const auditEntrySchema = z.object({
  entry: idSchema('Entry'),
  kind: z.string(),
  at: instantSchema,
  /** Null for a key, for somebody who is gone, and where nobody was known. */
  person: z.object({ id: idSchema('Person'), name: z.string(), email: z.string() }).nullable(),
  key: z.string().nullable(),
  session: idSchema('Session').nullable(),
  /** Null once it was purged. */
  address: z.string().nullable(),
  device: z.string(),
  country: z.string().nullable(),
  route: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** By what the audit trail is narrowed down. */
export const auditFilterSchema = z.object({
  person: idSchema('Person').optional(),
  kind: z.string().max(60).optional(),
  address: z.union([z.ipv4(), z.ipv6()]).optional(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});

export const listAudit = endpoint({
  method: 'GET',
  path: '/v1/access/audit',
  summary: 'Lists who did, saw and was refused what, from where, newest first',
  permission: 'access:audit',
  reveals: 'audit',
  query: pageQuerySchema.extend({ ...auditFilterSchema.shape, after: idSchema('Entry').optional() }),
  answer: pageOf(auditEntrySchema),
});
