import { z } from 'zod';
import { endpoint, idSchema, instantSchema, problems } from '../platform/contract.ts';

/**
 * Why a sign-in through an identity provider came to nothing: the codes of `/enter?refused=<code>`, beside
 * `provider-not-found`, `address-not-allowed`, `single-sign-on-needed` and `too-many-attempts`.
 */
export const providerRefusals = problems({
  'dialogue-lost': { status: 400, title: 'This sign-in began in another browser, or took too long' },
  'provider-unavailable': { status: 502, title: 'The identity provider cannot be reached' },
  'provider-refused': { status: 403, title: 'The identity provider did not sign this person in' },
  'answer-not-trusted': { status: 403, title: 'The answer of the identity provider cannot be trusted' },
  'answer-used': { status: 403, title: 'This answer of the identity provider was taken before' },
  'subject-missing': { status: 403, title: 'The identity provider does not say lastingly who this is' },
  'email-missing': { status: 403, title: 'The identity provider gave no e-mail address' },
  'email-not-verified': { status: 403, title: 'The identity provider did not verify the e-mail address' },
  'domain-not-proved': { status: 403, title: 'The address is of a domain that this provider does not speak for' },
  'not-a-member': { status: 403, title: 'This person is no member of the organisation' },
  'identity-taken': { status: 409, title: 'This member signs in as somebody else at the identity provider' },
});

const admittedRoleSchema = z.enum(['engineer', 'agent', 'auditor']);

const oidcSettingsSchema = z.object({
  issuer: z.url(),
  clientId: z.string().min(1).max(300),
});

const samlSettingsSchema = z.object({
  /** Entity id of the identity provider. */
  entityId: z.string().min(1).max(500),
  /** Where it takes requests (HTTP-Redirect binding). */
  signInUrl: z.url(),
  /** PEM or bare Base64, one or two while keys roll over. */
  certificates: z.array(z.string().min(100).max(10_000)).min(1).max(4),
});

const common = {
  name: z.string().trim().min(1).max(100),
  defaultRole: admittedRoleSchema,
  /** Whether people of a verified domain become members when they first sign in. */
  admits: z.boolean(),
  enabled: z.boolean(),
};

/** An identity provider as it is set up. Secrets go in and never come out. */
export const providerInputSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('oidc'),
    ...common,
    settings: oidcSettingsSchema,
    secret: z.string().min(1).max(500).optional(),
  }),
  z.object({
    kind: z.literal('google'),
    ...common,
    settings: z.object({ clientId: z.string().min(1).max(300) }),
    secret: z.string().min(1).max(500).optional(),
  }),
  z.object({ kind: z.literal('saml'), ...common, settings: samlSettingsSchema }),
]);
export type ProviderInput = z.infer<typeof providerInputSchema>;

export const providerSchema = z.object({
  id: idSchema('Provider'),
  kind: z.enum(['oidc', 'google', 'saml']),
  ...common,
  settings: z.union([oidcSettingsSchema, samlSettingsSchema, z.object({ clientId: z.string() })]),
  hasSecret: z.boolean(),
  /** What is to be entered at the provider. */
  register: z.object({
    redirectUrl: z.url(),
    /** Of SAML: entity id and metadata address of Kept. */
    entityId: z.string().nullable(),
    metadataUrl: z.url().nullable(),
  }),
  createdAt: instantSchema,
  testedAt: instantSchema.nullable(),
});
export type Provider = z.infer<typeof providerSchema>;

export const listProviders = endpoint({
  method: 'GET',
  path: '/v1/access/providers',
  summary: 'Lists the identity providers of the organisation',
  permission: 'access:read',
  answer: z.object({ items: z.array(providerSchema) }),
});

export const createProvider = endpoint({
  method: 'POST',
  path: '/v1/access/providers',
  summary: 'Sets up an identity provider',
  permission: 'access:write',
  fresh: true,
  body: providerInputSchema,
  answer: providerSchema,
  status: 201,
});

export const changeProvider = endpoint({
  method: 'PUT',
  path: '/v1/access/providers/:provider',
  summary: 'Changes an identity provider; a secret that is left out stays',
  permission: 'access:write',
  fresh: true,
  params: z.object({ provider: idSchema('Provider') }),
  body: providerInputSchema,
  answer: providerSchema,
  problems: ['provider-not-found', 'lock-out'],
});

export const removeProvider = endpoint({
  method: 'DELETE',
  path: '/v1/access/providers/:provider',
  summary: 'Removes an identity provider; sessions that came through it end at once',
  permission: 'access:write',
  fresh: true,
  params: z.object({ provider: idSchema('Provider') }),
  answer: z.null(),
  status: 204,
  problems: ['provider-not-found', 'lock-out'],
});

export const testProvider = endpoint({
  method: 'POST',
  path: '/v1/access/providers/:provider/test',
  summary: 'Looks whether the provider can be reached and its settings fit, step by step',
  permission: 'access:write',
  params: z.object({ provider: idSchema('Provider') }),
  answer: z.object({
    /** In order; what comes after a failure was not tried. `code` is worded by the console. */
    steps: z.array(
      z.object({ code: z.string(), state: z.enum(['passed', 'failed', 'not-tried']), detail: z.string().nullable() }),
    ),
    /**
     * Where to try a whole sign-in in another window: signs nobody in, and ends at `/enter?tried=passed` or
     * `/enter?tried=<code>`, a refusal as above.
     */
    tryUrl: z.url(),
  }),
  problems: ['provider-not-found'],
});

export const domainSchema = z.object({
  domain: z.string(),
  provider: idSchema('Provider').nullable(),
  /** The TXT record that proves it. */
  record: z.object({ name: z.string(), value: z.string() }),
  createdAt: instantSchema,
  verifiedAt: instantSchema.nullable(),
});
export type Domain = z.infer<typeof domainSchema>;

const domainName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'write a domain like example.com');

export const listDomains = endpoint({
  method: 'GET',
  path: '/v1/access/domains',
  summary: 'Lists the domains of the organisation, with what proves them',
  permission: 'access:read',
  answer: z.object({ items: z.array(domainSchema) }),
});

export const addDomain = endpoint({
  method: 'POST',
  path: '/v1/access/domains',
  summary: 'Claims a domain; its owner publishes the record that the answer names',
  permission: 'access:write',
  fresh: true,
  body: z.object({ domain: domainName, provider: idSchema('Provider').nullable() }),
  answer: domainSchema,
  status: 201,
  problems: ['domain-taken', 'provider-not-found'],
});

export const verifyDomain = endpoint({
  method: 'POST',
  path: '/v1/access/domains/:domain/verification',
  summary: 'Looks for the record',
  permission: 'access:write',
  fresh: true,
  params: z.object({ domain: domainName }),
  answer: domainSchema,
  problems: ['domain-not-found', 'domain-not-proved', 'domain-taken'],
});

export const removeDomain = endpoint({
  method: 'DELETE',
  path: '/v1/access/domains/:domain',
  summary: 'Gives a domain up',
  permission: 'access:write',
  fresh: true,
  params: z.object({ domain: domainName }),
  answer: z.null(),
  status: 204,
  problems: ['domain-not-found', 'lock-out'],
});
