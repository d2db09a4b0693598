import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Failure, failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import { runWithoutOrigin } from '../platform/origin.ts';
import type { Platform } from '../platform/platform.ts';
import { openRefusals, type Refusals } from './count-refusals.ts';
import { type EndpointPlace, readAddress } from './endpoint-address.ts';
import { endpointProblems } from './endpoints-contract.ts';
import { takeWebhook, type Verdict, verifyChallenge, verifyWebhook } from './receive-webhook.ts';

const fail = failuresOf(endpointProblems);

/** Larger than what any platform named here sends. */
export const largestWebhookBytes = 1_048_576;

/** How often something may be sent: throws Failure `too-many-attempts`. */
export interface InboundLimits {
  /** From an address of the network, whether it is accepted or not. */
  inboundFrom(address: string): Promise<void>;
  /** To an endpoint, once its signature is right: who cannot sign uses up nobody's share. */
  inboundTo(endpoint: string): Promise<void>;
}

/**
 * What senders ask for. The body is taken as octets, since those are what is signed. Whatever is wrong, and also where
 * there is no such endpoint, the answer is the same.
 */
export function registerInboundRoutes(http: HttpServer, platform: Platform, limits: InboundLimits): void {
  const refusals = openRefusals(platform);
  http.fastify.addHook('onClose', () => refusals.flush());
  http.fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestWebhookBytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.post('/v1/webhooks/in/:endpoint', { bodyLimit: largestWebhookBytes }, (request, reply) =>
      // Nobody acts here: from where a platform sends is not noted beside each entry.
      runWithoutOrigin(() => answerWebhook({ platform, limits, refusals }, request, reply)),
    );
    scope.get('/v1/webhooks/in/:endpoint', (request, reply) =>
      answerChallenge({ platform, limits, refusals }, request, reply),
    );
  });
}

interface Setting {
  readonly platform: Platform;
  readonly limits: InboundLimits;
  readonly refusals: Refusals;
}

async function answerWebhook(setting: Setting, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { platform, limits, refusals } = setting;
  await limits.inboundFrom(request.ip);
  const place = placeOf(request);
  const signed = { headers: headersOf(request), body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) };
  const verdict = await verifyWebhook(platform, place, signed);
  if (!verdict.accepted) throw refuse(refusals, place, verdict);
  try {
    await limits.inboundTo(place.endpoint);
  } catch (error) {
    if (error instanceof Failure) refusals.count(place, 'too-many');
    throw error;
  }
  const taken = await takeWebhook(platform, place, verdict.endpoint, signed);
  return reply.send(taken);
}

const challengeSchema = z.object({
  'hub.mode': z.literal('subscribe'),
  'hub.verify_token': z.string().max(500),
  // It is sent back, so nothing that a browser could take for more than a word.
  'hub.challenge': z.string().regex(/^[\w.-]{1,200}$/),
});

/** Meta asks whether the address is the organisation's own before it sends anything there. */
async function answerChallenge(setting: Setting, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { platform, limits, refusals } = setting;
  await limits.inboundFrom(request.ip);
  const place = placeOf(request);
  const asked = challengeSchema.safeParse(request.query);
  const verdict = await verifyChallenge(platform, place, asked.data?.['hub.verify_token'] ?? '');
  if (!verdict.accepted || !asked.success) throw refuse(refusals, place, verdict);
  return reply.type('text/plain; charset=utf-8').send(asked.data['hub.challenge']);
}

function refuse(refusals: Refusals, place: EndpointPlace, verdict: Verdict): Failure {
  if (!verdict.accepted && verdict.endpoint !== null) refusals.count(place, verdict.reason);
  return fail('webhook-refused', 'There is no such address, or the signature is not the one expected there.');
}

const paramsSchema = z.object({ endpoint: z.string() });

function placeOf(request: FastifyRequest): EndpointPlace {
  return readAddress(paramsSchema.parse(request.params).endpoint);
}

/** What came several times is joined, as HTTP says it means the same. */
function headersOf(request: FastifyRequest): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return headers;
}
