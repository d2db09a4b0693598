import { z } from 'zod';
import { entryKindSchema, entryKinds } from '../ledger/kinds-contract.ts';
import {
  actorSchema,
  endpoint,
  idSchema,
  instantSchema,
  jsonSchema,
  pageOf,
  pageQuerySchema,
  problems,
} from '../platform/contract.ts';

export const subscriptionProblems = problems({
  'subscription-not-found': { status: 404, title: 'There is no such subscription' },
  'subscription-limit': { status: 409, title: 'There are as many subscriptions as an organisation may have' },
  'subscription-state': { status: 409, title: 'The subscription is not in a state for this' },
  'address-refused': { status: 422, title: 'Nothing is sent to this address' },
  'secret-not-found': { status: 404, title: 'There is no such secret' },
  'secret-needed': { status: 409, title: 'A subscription always has one secret that does not end' },
  'secrets-limit': { status: 409, title: 'There are as many secrets at once as a subscription may have' },
  'delivery-not-found': { status: 404, title: 'There is no such delivery, or it was deleted' },
  'delivery-not-repeatable': { status: 409, title: 'This delivery cannot be sent again' },
  'range-too-large': { status: 422, title: 'There are too many deliveries in this range' },
});

/* ── what is sent ──────────────────────────────────────────────────────────────────────────────────────────── */

/** What the type of a test delivery is; every other type is a kind of ledger entries. */
export const TEST_TYPE = 'webhooks.test';
export const deliveryTypeSchema = z.enum([...entryKinds, TEST_TYPE]);

/**
 * The body of a delivery, as JSON (Standard Webhooks). `type`, `version` and `data` are those of the catalogue of events
 * (`/v1/webhooks/kinds`), `timestamp` is when it happened. It names things by opaque ids and holds no personal data.
 * Receivers ignore members they do not know.
 */
export const webhookPayloadSchema = z.object({
  type: deliveryTypeSchema,
  /** Version of `data`. */
  version: z.number().int().positive(),
  timestamp: instantSchema,
  data: z.record(z.string(), jsonSchema),
  /** Where to find it in the ledger and to ask for its proof; null for a test. */
  ledger: z
    .object({
      entry: idSchema('Entry'),
      /** Origin of the log, and the entry's place in it. */
      log: z.string(),
      index: z.number().int().nonnegative(),
      actor: actorSchema,
    })
    .nullable(),
});
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

/* ── subscriptions ─────────────────────────────────────────────────────────────────────────────────────────── */

/** `hmac-sha256` is signed with a shared secret (`v1`), `ed25519` with a private key that Kept alone has (`v1a`). */
export const signatureSchemeSchema = z.enum(['hmac-sha256', 'ed25519']);
export type SignatureScheme = z.infer<typeof signatureSchemeSchema>;

export const subscriptionStateSchema = z.enum([
  'active',
  /** A person stopped it for a while. */
  'paused',
  /** Kept stopped it: see `disabledReason`. */
  'disabled',
]);
export type SubscriptionState = z.infer<typeof subscriptionStateSchema>;

export const disabledReasonSchema = z.enum([
  /** The receiver answered 410 Gone. */
  'gone',
  /** Nothing was accepted for three days. */
  'failing',
]);
export type DisabledReason = z.infer<typeof disabledReasonSchema>;

export const secretSchema = z.object({
  id: idSchema('WebhookSecret'),
  scheme: signatureSchemeSchema,
  /** How a shared secret ends; the rest was shown once. Null for Ed25519. */
  lastFour: z.string().nullable(),
  /** `whpk_…` of Ed25519, by which receivers verify; else null. */
  publicKey: z.string().nullable(),
  createdAt: instantSchema,
  /** Until when deliveries are signed with it as well; null for the one that stays. */
  expiresAt: instantSchema.nullable(),
});
export type WebhookSecret = z.infer<typeof secretSchema>;

export const subscriptionFiguresSchema = z.object({
  /** Deliveries accepted within the last 24 hours. */
  delivered: z.number().int(),
  /** Deliveries given up within the last 24 hours (dead letters). */
  failed: z.number().int(),
  /** Attempts within the last 24 hours that were not accepted. */
  attemptsFailed: z.number().int(),
  /** Deliveries that wait for an attempt, the first or another one. */
  waiting: z.number().int(),
  /** Since when the oldest of them waits. */
  oldestWaitingAt: instantSchema.nullable(),
  /** Median duration of the accepted attempts of the last 24 hours, in milliseconds. */
  medianMs: z.number().int().nullable(),
});

export const subscriptionSchema = z.object({
  id: idSchema('Subscription'),
  name: z.string(),
  url: z.string(),
  /** Kinds of ledger entries that are sent; null for every kind, also those of later versions. */
  kinds: z.array(entryKindSchema).nullable(),
  /** In the order of the ledger, one at a time: a delivery that fails keeps the later ones waiting. */
  ordered: z.boolean(),
  state: subscriptionStateSchema,
  disabledReason: disabledReasonSchema.nullable(),
  /** Since when it is paused or disabled. */
  stoppedAt: instantSchema.nullable(),
  /** Since when nothing was accepted; null while the receiver accepts. */
  failingSince: instantSchema.nullable(),
  /** Newest first. More than one while a rotation overlaps. */
  secrets: z.array(secretSchema),
  figures: subscriptionFiguresSchema,
  createdAt: instantSchema,
});
export type Subscription = z.infer<typeof subscriptionSchema>;

/** A subscription, and once the secret that nobody can read afterwards. */
export const subscriptionWithSecretSchema = subscriptionSchema.extend({
  /** `whsec_…`, in this answer only; null for Ed25519, whose private key nobody but Kept has. */
  secret: z.string().nullable(),
});

const nameSchema = z.string().trim().min(1).max(100);
const urlSchema = z.url({ protocol: /^https?$/ }).max(2_000);
const kindsSchema = z
  .array(entryKindSchema)
  .min(1)
  .max(entryKinds.length)
  .transform((kinds) => [...new Set(kinds)])
  .nullable();
const subscriptionParams = z.object({ subscription: idSchema('Subscription') });

export const listSubscriptions = endpoint({
  method: 'GET',
  path: '/v1/webhooks/subscriptions',
  summary: 'Lists the subscriptions, newest first, with their figures',
  permission: 'webhooks:read',
  query: pageQuerySchema.extend({
    after: idSchema('Subscription').optional(),
    state: subscriptionStateSchema.optional(),
    /** Those that are sent this kind. */
    kind: entryKindSchema.optional(),
  }),
  answer: pageOf(subscriptionSchema),
});

export const createSubscription = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions',
  summary: 'Subscribes an address to kinds of ledger entries, from the next one on; the secret is in this answer only',
  permission: 'webhooks:write',
  body: z.object({
    name: nameSchema,
    url: urlSchema,
    kinds: kindsSchema,
    ordered: z.boolean().default(false),
    scheme: signatureSchemeSchema.default('hmac-sha256'),
  }),
  answer: subscriptionWithSecretSchema,
  status: 201,
  problems: ['subscription-limit', 'address-refused'],
});

export const getSubscription = endpoint({
  method: 'GET',
  path: '/v1/webhooks/subscriptions/:subscription',
  summary: 'Shows a subscription with its figures',
  permission: 'webhooks:read',
  params: subscriptionParams,
  answer: subscriptionSchema,
  problems: ['subscription-not-found'],
});

export const changeSubscription = endpoint({
  method: 'PUT',
  path: '/v1/webhooks/subscriptions/:subscription',
  summary: 'Changes a subscription; what already waits goes to the new address',
  permission: 'webhooks:write',
  params: subscriptionParams,
  body: z.object({ name: nameSchema, url: urlSchema, kinds: kindsSchema, ordered: z.boolean() }),
  answer: subscriptionSchema,
  problems: ['subscription-not-found', 'address-refused'],
});

export const removeSubscription = endpoint({
  method: 'DELETE',
  path: '/v1/webhooks/subscriptions/:subscription',
  summary: 'Ends a subscription; what waits is not sent, the log of its deliveries stays for its time',
  permission: 'webhooks:write',
  params: subscriptionParams,
  answer: z.null(),
  status: 204,
  problems: ['subscription-not-found'],
});

export const pauseSubscription = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions/:subscription/pause',
  summary: 'Sends nothing more until it is resumed; nothing is lost meanwhile',
  permission: 'webhooks:write',
  params: subscriptionParams,
  answer: subscriptionSchema,
  problems: ['subscription-not-found', 'subscription-state'],
});

/** `catch-up`: everything since it stopped; `skip`: only what happens from now on. */
const continueBody = z.object({ from: z.enum(['catch-up', 'skip']).default('catch-up') });

export const resumeSubscription = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions/:subscription/resume',
  summary: 'Lets a paused subscription go on',
  permission: 'webhooks:write',
  params: subscriptionParams,
  body: continueBody,
  answer: subscriptionSchema,
  problems: ['subscription-not-found', 'subscription-state'],
});

export const enableSubscription = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions/:subscription/enable',
  summary: 'Lets a subscription that Kept disabled go on',
  permission: 'webhooks:write',
  params: subscriptionParams,
  body: continueBody,
  answer: subscriptionSchema,
  problems: ['subscription-not-found', 'subscription-state'],
});

export const rotateSecret = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions/:subscription/secrets',
  summary: 'Makes a new secret, in this answer only; until the overlap ends, deliveries are signed with both',
  permission: 'webhooks:write',
  params: subscriptionParams,
  body: z.object({
    scheme: signatureSchemeSchema.default('hmac-sha256'),
    /** How long the secrets before it go on; 0 ends them at once. */
    overlapHours: z.number().int().min(0).max(168).default(24),
  }),
  answer: subscriptionWithSecretSchema,
  status: 201,
  problems: ['subscription-not-found', 'secrets-limit'],
});

export const endSecret = endpoint({
  method: 'DELETE',
  path: '/v1/webhooks/subscriptions/:subscription/secrets/:secret',
  summary: 'Ends the overlap: from now on nothing is signed with this earlier secret',
  permission: 'webhooks:write',
  params: subscriptionParams.extend({ secret: idSchema('WebhookSecret') }),
  answer: subscriptionSchema,
  problems: ['subscription-not-found', 'secret-not-found', 'secret-needed'],
});

/* ── deliveries ────────────────────────────────────────────────────────────────────────────────────────────── */

export const deliveryStateSchema = z.enum([
  /** To be tried at `nextAttemptAt`. */
  'waiting',
  'delivered',
  /** Given up: a dead letter, which can be replayed. */
  'failed',
  /** Not sent, since the subscription ended or went on without it. */
  'skipped',
]);
export type DeliveryState = z.infer<typeof deliveryStateSchema>;

/** What came of an attempt. */
export const attemptOutcomeSchema = z.enum([
  /** 2xx. */
  'accepted',
  /** Any other status but those below. */
  'refused',
  /** 3xx: redirects are not followed. */
  'redirected',
  /** 429 or 503: asked to come later. */
  'throttled',
  /** 410: the subscription was disabled. */
  'gone',
  /** No answer in time. */
  'timed-out',
  /** No connection, or it was closed before an answer. */
  'unreachable',
  /** The address is not public, so nothing was sent. */
  'address-refused',
]);
export type AttemptOutcome = z.infer<typeof attemptOutcomeSchema>;

export const deliverySchema = z.object({
  id: idSchema('Delivery'),
  /** The header `webhook-id`: the same at every attempt and replay. */
  webhookId: z.string(),
  subscription: idSchema('Subscription'),
  subscriptionName: z.string(),
  type: deliveryTypeSchema,
  /** The ledger entry; null for a test. */
  entry: idSchema('Entry').nullable(),
  state: deliveryStateSchema,
  attempts: z.number().int(),
  lastOutcome: attemptOutcomeSchema.nullable(),
  /** HTTP status of the last attempt that was answered. */
  lastStatus: z.number().int().nullable(),
  createdAt: instantSchema,
  nextAttemptAt: instantSchema.nullable(),
  /** When it was delivered, given up or skipped. */
  settledAt: instantSchema.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

const headersSchema = z.array(z.object({ name: z.string(), value: z.string() }));

export const attemptSchema = z.object({
  number: z.number().int(),
  startedAt: instantSchema,
  durationMs: z.number().int(),
  outcome: attemptOutcomeSchema,
  request: z.object({
    url: z.string(),
    headers: headersSchema,
    /** The exact text that was signed and sent. */
    body: z.string(),
  }),
  /** Null where nothing was answered. */
  response: z
    .object({
      status: z.number().int(),
      headers: headersSchema,
      /** At most the first 4,096 bytes; what is no UTF-8 is replaced. */
      body: z.string(),
      /** Whether there was, or could have been, more of it. */
      isCut: z.boolean(),
    })
    .nullable(),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const deliveryWithAttemptsSchema = deliverySchema.extend({
  /** The exact text that is signed and sent. */
  body: z.string(),
  /** Oldest first; the last hundred. */
  attemptLog: z.array(attemptSchema),
});

/** From `since` (inclusive) to `until` (exclusive), by when a delivery was made. */
const rangeSchema = z.object({ since: instantSchema.optional(), until: instantSchema.optional() });

export const listDeliveries = endpoint({
  method: 'GET',
  path: '/v1/webhooks/deliveries',
  summary: 'Lists deliveries, newest first',
  permission: 'webhooks:read',
  query: pageQuerySchema.extend({
    ...rangeSchema.shape,
    after: idSchema('Delivery').optional(),
    subscription: idSchema('Subscription').optional(),
    state: deliveryStateSchema.optional(),
    type: deliveryTypeSchema.optional(),
    entry: idSchema('Entry').optional(),
  }),
  answer: pageOf(deliverySchema),
});

export const getDelivery = endpoint({
  method: 'GET',
  path: '/v1/webhooks/deliveries/:delivery',
  summary: 'Shows a delivery with all its attempts: what was sent and what was answered',
  permission: 'webhooks:read',
  params: z.object({ delivery: idSchema('Delivery') }),
  answer: deliveryWithAttemptsSchema,
  problems: ['delivery-not-found'],
});

export const testSubscription = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions/:subscription/test',
  summary: 'Sends one test delivery now, in whatever state the subscription is, and answers what came of it',
  permission: 'webhooks:write',
  params: subscriptionParams,
  answer: deliveryWithAttemptsSchema,
  status: 201,
  problems: ['subscription-not-found'],
});

export const replayDelivery = endpoint({
  method: 'POST',
  path: '/v1/webhooks/deliveries/:delivery/replay',
  summary: 'Sends a delivery again, with the same id, whatever became of it before',
  permission: 'webhooks:write',
  params: z.object({ delivery: idSchema('Delivery') }),
  answer: deliverySchema,
  status: 202,
  problems: ['delivery-not-found', 'delivery-not-repeatable'],
});

export const replayRange = endpoint({
  method: 'POST',
  path: '/v1/webhooks/subscriptions/:subscription/replay',
  summary: 'Sends deliveries of a time again, with their ids, at most 100,000 at once',
  permission: 'webhooks:write',
  params: subscriptionParams,
  body: z.object({
    since: instantSchema,
    until: instantSchema,
    /** Every kind when null. */
    kinds: kindsSchema.default(null),
    states: z
      .array(z.enum(['delivered', 'failed', 'skipped']))
      .min(1)
      .default(['failed']),
  }),
  answer: z.object({ deliveries: z.number().int() }),
  status: 202,
  problems: ['subscription-not-found', 'subscription-state', 'range-too-large'],
});
