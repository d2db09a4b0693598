import { z } from 'zod';
import { endpoint, idSchema, instantSchema, pageOf, pageQuerySchema, problems } from '../platform/contract.ts';
import {
  headerNameSchema,
  mappedEventSchema,
  mappingTroubleSchema,
  pointerSchema,
  rulesSchema,
} from './mapping-contract.ts';

/** Webhooks come in here: `POST /v1/webhooks/in/<address>`, signed by the platform that sends them. */

export const endpointProblems = problems({
  'endpoint-not-found': { status: 404, title: 'There is no such endpoint' },
  'endpoint-secret-not-found': { status: 404, title: 'There is no such secret' },
  'received-not-found': { status: 404, title: 'There is no such webhook, or it was deleted after 30 days' },
  'too-many-endpoints': { status: 409, title: 'There are as many endpoints as there can be' },
  'too-many-secrets': { status: 409, title: 'This endpoint has as many secrets as it can have' },
  'last-secret': { status: 409, title: 'An endpoint needs a secret' },
  'secret-unusable': { status: 400, title: 'This secret cannot be used' },
  'scheme-unusable': { status: 400, title: 'A signature like this cannot be verified' },
  /** One answer for whatever is refused at an address, so that nothing can be learnt by trying. */
  'webhook-refused': { status: 401, title: 'This webhook is not accepted' },
});

/** How far a sender's clock may differ from ours, and how old what is signed may be, in seconds. */
const toleranceSchema = z.number().int().min(10).max(3_600).default(300);

/**
 * How the sender signs.
 * `standard-webhooks`: webhook-id, webhook-timestamp, webhook-signature (v1, HMAC-SHA-256); secrets are `whsec_` + Base64.
 * `stripe`: Stripe-Signature with t= and v1=.
 * `meta`: X-Hub-Signature-256; its GET challenge is answered with the verify token.
 * `shopify`: X-Shopify-Hmac-Sha256, Base64.
 * `hmac`: whatever else is an HMAC in a header.
 * Meta and Shopify sign no time, so what they sent may be sent again; it is known by its id or its body for 30 days.
 */
export const schemeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('standard-webhooks'), toleranceSeconds: toleranceSchema }),
  z.strictObject({ kind: z.literal('stripe'), toleranceSeconds: toleranceSchema }),
  z.strictObject({ kind: z.literal('meta') }),
  z.strictObject({ kind: z.literal('shopify') }),
  z.strictObject({
    kind: z.literal('hmac'),
    header: headerNameSchema,
    hash: z.enum(['sha256', 'sha512', 'sha1']).default('sha256'),
    encoding: z.enum(['hex', 'base64', 'base64url']).default('hex'),
    /** How the secret is written. */
    secretIs: z.enum(['text', 'hex', 'base64']).default('text'),
    /** Stands before the signature in the header, such as `sha256=`. */
    prefix: z.string().max(50).default(''),
    /** What is signed: `{body}`, and `{timestamp}` where there is one, such as `v0:{timestamp}:{body}`. */
    signs: z.string().max(100).default('{body}'),
    /** Null where the sender signs no time. */
    timestamp: z
      .strictObject({
        header: headerNameSchema,
        unit: z.enum(['seconds', 'milliseconds']).default('seconds'),
        toleranceSeconds: toleranceSchema,
      })
      .nullable()
      .default(null),
  }),
]);
export type Scheme = z.output<typeof schemeSchema>;

/**
 * Where the sender's own id stands, by which a repetition is known. Where nothing stands there, the body is the id.
 * `scheme`: what the scheme offers under its signature: webhook-id, or `/id` of Stripe's body; else the body.
 */
export const identifiedBySchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('scheme') }),
  z.strictObject({ by: z.literal('header'), header: headerNameSchema }),
  z.strictObject({ by: z.literal('pointer'), pointer: pointerSchema }),
  z.strictObject({ by: z.literal('body') }),
]);
export type IdentifiedBy = z.output<typeof identifiedBySchema>;

/** A secret as everybody may see it. */
export const endpointSecretSchema = z.object({
  id: idSchema('EndpointSecret'),
  lastFour: z.string(),
  createdAt: instantSchema,
  /** Until when it is accepted beside its successor; null for the one in use. */
  endsAt: instantSchema.nullable(),
});
export type EndpointSecret = z.infer<typeof endpointSecretSchema>;

export const refusalReasonSchema = z.enum([
  'disabled',
  'signature-missing',
  'signature-wrong',
  'timestamp-missing',
  'timestamp-outside',
  'verify-token-wrong',
  'too-many',
]);
export type RefusalReason = z.infer<typeof refusalReasonSchema>;

export const receivedStateSchema = z.enum(['waiting', 'mapped', 'unmapped', 'failed', 'unreadable']);
export type ReceivedState = z.infer<typeof receivedStateSchema>;

/** Of the last 30 days. Refusals are counted a few seconds late, and those of a killed process not at all. */
const figuresSchema = z.object({
  received: z.number().int(),
  byState: z.object({
    waiting: z.number().int(),
    mapped: z.number().int(),
    unmapped: z.number().int(),
    failed: z.number().int(),
    unreadable: z.number().int(),
  }),
  /** Repetitions by the sender, which had no effect. */
  repeated: z.number().int(),
  lastReceivedAt: instantSchema.nullable(),
  refusals: z.array(z.object({ reason: refusalReasonSchema, count: z.number().int(), lastAt: instantSchema })),
});

export const endpointSchema = z.object({
  id: idSchema('Endpoint'),
  name: z.string(),
  enabled: z.boolean(),
  /** Where the sender is to send to: whole where the server knows its public address, else from `/v1` on. */
  url: z.string(),
  scheme: schemeSchema,
  identifiedBy: identifiedBySchema,
  rules: rulesSchema,
  /** Newest first. */
  secrets: z.array(endpointSecretSchema),
  createdAt: instantSchema,
  changedAt: instantSchema,
  figures: figuresSchema,
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** Printable ASCII: a secret is copied from one form into another. */
const secretSchema = z
  .string()
  .min(8)
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'has a space or a character that no secret has');

const settings = {
  name: z.string().trim().min(1).max(100),
  scheme: schemeSchema,
  identifiedBy: identifiedBySchema.default({ by: 'scheme' }),
};
const params = z.object({ endpoint: idSchema('Endpoint') });

export const listEndpoints = endpoint({
  method: 'GET',
  path: '/v1/webhooks/endpoints',
  summary: 'Endpoints for inbound webhooks, newest first, with what they received in the last 30 days',
  permission: 'webhooks:read',
  query: pageQuerySchema.extend({ after: idSchema('Endpoint').optional() }),
  answer: pageOf(endpointSchema),
});

export const getEndpoint = endpoint({
  method: 'GET',
  path: '/v1/webhooks/endpoints/:endpoint',
  summary: 'One endpoint',
  permission: 'webhooks:read',
  params,
  answer: endpointSchema,
  problems: ['endpoint-not-found'],
});

export const createEndpoint = endpoint({
  method: 'POST',
  path: '/v1/webhooks/endpoints',
  summary: 'Make an endpoint; a secret that Kept makes, and the verify token of Meta, are in this answer only',
  permission: 'webhooks:write',
  body: z.object({
    ...settings,
    rules: rulesSchema.default([]),
    /** What the platform signs with; null has Kept make one, for senders that take one. */
    secret: secretSchema.nullable().default(null),
  }),
  answer: z.object({
    endpoint: endpointSchema,
    /** The secret that Kept made, else null. */
    secret: z.string().nullable(),
    /** What to enter at Meta as verify token; null for other schemes. */
    verifyToken: z.string().nullable(),
  }),
  status: 201,
  problems: ['too-many-endpoints', 'secret-unusable', 'scheme-unusable'],
});

export const changeEndpoint = endpoint({
  method: 'PUT',
  path: '/v1/webhooks/endpoints/:endpoint',
  summary: 'Change name, signature and whether it answers; secrets and rules stay',
  permission: 'webhooks:write',
  params,
  body: z.object({ ...settings, enabled: z.boolean() }),
  answer: endpointSchema,
  problems: ['endpoint-not-found', 'secret-unusable', 'scheme-unusable'],
});

export const removeEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/webhooks/endpoints/:endpoint',
  summary: 'Remove an endpoint and its secrets; what it received stays for its 30 days',
  permission: 'webhooks:write',
  params,
  answer: z.null(),
  status: 204,
  problems: ['endpoint-not-found'],
});

export const addEndpointSecret = endpoint({
  method: 'POST',
  path: '/v1/webhooks/endpoints/:endpoint/secrets',
  summary: 'Put a new secret in use; those before it are accepted for a while longer',
  permission: 'webhooks:write',
  params,
  body: z.object({
    /** Null has Kept make one. */
    secret: secretSchema.nullable().default(null),
    /** How long the others are still accepted. 0: they end now, as after a leak. */
    overlapHours: z.number().int().min(0).max(168).default(24),
  }),
  answer: z.object({ endpoint: endpointSchema, secret: z.string().nullable() }),
  status: 201,
  problems: ['endpoint-not-found', 'too-many-secrets', 'secret-unusable'],
});

export const removeEndpointSecret = endpoint({
  method: 'DELETE',
  path: '/v1/webhooks/endpoints/:endpoint/secrets/:endpointSecret',
  summary: 'End an earlier secret before its time',
  permission: 'webhooks:write',
  params: params.extend({ endpointSecret: idSchema('EndpointSecret') }),
  answer: z.null(),
  status: 204,
  problems: ['endpoint-not-found', 'endpoint-secret-not-found', 'last-secret'],
});

export const renewVerifyToken = endpoint({
  method: 'POST',
  path: '/v1/webhooks/endpoints/:endpoint/verify-token',
  summary: 'Make another verify token for Meta; the one before it is refused from then on',
  permission: 'webhooks:write',
  params,
  answer: z.object({ verifyToken: z.string() }),
  status: 201,
  problems: ['endpoint-not-found', 'scheme-unusable'],
});

export const setRules = endpoint({
  method: 'PUT',
  path: '/v1/webhooks/endpoints/:endpoint/rules',
  summary: 'Set the rules by which what comes is mapped; what came before is mapped anew by a replay only',
  permission: 'webhooks:write',
  params,
  body: z.object({ rules: rulesSchema }),
  answer: endpointSchema,
  problems: ['endpoint-not-found'],
});

export const tryRules = endpoint({
  method: 'POST',
  path: '/v1/webhooks/endpoints/:endpoint/trial',
  summary: 'What rules would make of an example; nothing is stored or caused',
  permission: 'webhooks:write',
  reveals: 'webhook',
  params,
  body: z.object({
    /** Those to try; null: those in force. */
    rules: rulesSchema.nullable().default(null),
    example: z.discriminatedUnion('from', [
      z.strictObject({ from: z.literal('received'), received: idSchema('Received') }),
      z.strictObject({
        from: z.literal('text'),
        body: z.string().max(1_048_576),
        contentType: z.string().max(200).default('application/json'),
        headers: z
          .array(z.strictObject({ name: headerNameSchema, value: z.string().max(2_000) }))
          .max(50)
          .default([]),
      }),
    ]),
  }),
  answer: z.object({
    state: receivedStateSchema.exclude(['waiting']),
    events: z.array(mappedEventSchema),
    trouble: z.array(mappingTroubleSchema),
    /** How often each rule applied; for one that did not, which of its conditions was the first that did not hold. */
    rules: z.array(
      z.object({ rule: z.string(), applied: z.number().int(), failedCondition: z.number().int().nullable() }),
    ),
    /** The sender's own id as it would be found; null where the body would stand for it. */
    senderId: z.string().nullable(),
  }),
  problems: ['endpoint-not-found', 'received-not-found'],
});

/** A received webhook as lists show it. */
export const receivedSchema = z.object({
  id: idSchema('Received'),
  endpoint: idSchema('Endpoint'),
  endpointName: z.string(),
  receivedAt: instantSchema,
  state: receivedStateSchema,
  /** The sender's own id; null where the body stands for it. */
  senderId: z.string().nullable(),
  contentType: z.string().nullable(),
  bytes: z.number().int(),
  /** What it became. */
  events: z.array(
    z.object({
      event: idSchema('InboxEvent'),
      type: mappedEventSchema.shape.type,
      rule: z.string(),
      mappedAt: instantSchema,
    }),
  ),
  trouble: z.array(mappingTroubleSchema),
  mappedAt: instantSchema.nullable(),
  /** How often the sender repeated it, without effect, and when last. */
  repeats: z.number().int(),
  repeatedAt: instantSchema.nullable(),
});
export type Received = z.infer<typeof receivedSchema>;

/** `from` inclusive, `to` exclusive. */
const filterSchema = z.object({
  state: receivedStateSchema.optional(),
  /** Those that became an event of this type. */
  type: mappedEventSchema.shape.type.optional(),
  senderId: z.string().max(500).optional(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});

export const listReceived = endpoint({
  method: 'GET',
  path: '/v1/webhooks/received',
  summary: 'Webhooks that came in within the last 30 days, newest first',
  permission: 'webhooks:read',
  query: pageQuerySchema
    .extend({ after: idSchema('Received').optional(), endpoint: idSchema('Endpoint').optional() })
    .extend(filterSchema.shape),
  answer: pageOf(receivedSchema),
});

export const getReceived = endpoint({
  method: 'GET',
  path: '/v1/webhooks/received/:received',
  summary: 'One webhook as it came, with headers and body: for who sets rules up, since it may speak of people',
  permission: 'webhooks:write',
  reveals: 'webhook',
  params: z.object({ received: idSchema('Received') }),
  answer: receivedSchema.extend({
    /** Without those that open something, such as `authorization` and `cookie`. */
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
    /** As text; where it is none, as Base64. */
    body: z.object({ encoding: z.enum(['text', 'base64']), content: z.string() }),
  }),
  problems: ['received-not-found'],
});

export const replayReceived = endpoint({
  method: 'POST',
  path: '/v1/webhooks/received/:received/replay',
  summary: 'Map one once more, by the rules in force; what it caused already is not caused again',
  permission: 'webhooks:write',
  params: z.object({ received: idSchema('Received') }),
  answer: receivedSchema,
  status: 202,
  problems: ['received-not-found'],
});

export const replayReceivedRange = endpoint({
  method: 'POST',
  path: '/v1/webhooks/endpoints/:endpoint/replay',
  summary: 'Map those of a range once more, in the background and in the order in which they came',
  permission: 'webhooks:write',
  params,
  body: z.object({
    from: instantSchema,
    to: instantSchema,
    /** Those in one of these states. */
    states: z.array(receivedStateSchema).min(1).default(['unmapped', 'failed']),
  }),
  /** How many there are. */
  answer: z.object({ count: z.number().int() }),
  status: 202,
  problems: ['endpoint-not-found'],
});
