import cookie from '@fastify/cookie';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { Histogram } from 'prom-client';
import type { z } from 'zod';
import type { Config } from './config.ts';
import { type Actor, type EndpointSpec, type OrganisationId, type Permission, problems } from './contract.ts';
import { Failure, failuresOf, type InputIssue } from './failure.ts';
import { newId } from './ids.ts';
import { describeError } from './log.ts';
import { describeApi } from './openapi.ts';
import { identifyOrigin, newOrigin, type Origin, plainAddress, runWithOrigin } from './origin.ts';
import type { Platform } from './platform.ts';

/** Problems that any endpoint may answer with. */
export const httpProblems = problems({
  'invalid-input': { status: 400, title: 'The input is not as it should be' },
  'cross-site-request': { status: 403, title: 'This request came from another site' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'too-large': { status: 413, title: 'The input is too large' },
  'unsupported-media-type': { status: 415, title: 'The input must be JSON' },
  'internal-error': { status: 500, title: 'Something went wrong inside Kept' },
  'port-unavailable': { status: 500, title: 'The port cannot be listened on' },
});
const fail = failuresOf(httpProblems);

/** Who calls, for which organisation, and in which language they want to read. */
export interface Caller {
  readonly organisationId: OrganisationId;
  readonly actor: Actor;
  readonly language: 'pt-BR' | 'en' | 'es';
  /** Of a person who is signed in. */
  readonly sessionId?: string;
}

/** What an endpoint asks for beside a right. */
export interface Demands {
  /** What was shown within the last minutes, see `EndpointSpec.fresh`; false where nothing need be. */
  readonly fresh: true | 'own' | false;
}

/**
 * Tells who calls and refuses who may not: throws the Failures of its own contract. It must refuse where `fresh` is
 * demanded and the caller has shown no second factor of late.
 */
export type Authoriser = (
  request: FastifyRequest,
  permission: Exclude<Permission, 'public'>,
  demands?: Demands,
) => Promise<Caller>;

/** Told of what was answered, before it is sent; the answer fails where it throws. */
export interface Watch {
  /** The answer reveals personal data: `EndpointSpec.reveals`. */
  viewed(caller: Caller, what: string): Promise<void>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route serves an endpoint of a contract. */
    readonly ofContract?: true;
    /**
     * The route is there for what another site has a browser send, such as the answer of an identity provider, and
     * itself sees to it that the dialogue began in the same browser.
     */
    readonly answersOtherSites?: true;
  }
}

type Part<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<never, never>;

/** What a handler is given: only what its endpoint declares. `caller` is null where anyone may call. */
export interface RouteRequest<Spec extends EndpointSpec> {
  readonly caller: Spec['permission'] extends 'public' ? null : Caller;
  readonly params: Part<Spec['params']>;
  readonly query: Part<Spec['query']>;
  readonly body: Part<Spec['body']>;
  /** The bare request, for what a contract cannot say (cookies). */
  readonly raw: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface HttpServer {
  /** Serves one endpoint of a contract: parse, authorise, call, answer through the contract's schema. */
  route<const Spec extends EndpointSpec>(
    spec: Spec,
    handle: (request: RouteRequest<Spec>) => Promise<z.input<Spec['answer']>>,
  ): void;
  /** For what is not JSON: pages, tiles, files. Such a route calls `authorise` itself. */
  readonly fastify: FastifyInstance;
  readonly authorise: Authoriser;
  /** Every endpoint of a contract that is served, in the order of registration. */
  readonly specs: readonly EndpointSpec[];
  /** Everything else that is served: `GET /health`. */
  readonly otherRoutes: readonly string[];
  /** @returns the address, e.g. `http://127.0.0.1:7040` */
  listen(): Promise<string>;
  /** Answers what was asked and takes no more. */
  close(): Promise<void>;
}

/** Nothing inline, nothing from elsewhere. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
};

const BODY_LIMIT_BYTES = 2 * 1024 * 1024;
/** How long a request may take to arrive, so that somebody who sends an octet now and then does not hold a connection. */
const ARRIVAL_TIMEOUT_MS = 60_000;

const ONE_YEAR_SECONDS = 365 * 24 * 3_600;

/**
 * The headers of every answer. Where browsers reach Kept over HTTPS they keep to it for a year; without a public
 * address nobody knows whether they could.
 */
function headersOf({ publicUrl }: Config): Readonly<Record<string, string>> {
  if (publicUrl?.startsWith('https:') !== true) return securityHeaders;
  return { ...securityHeaders, 'strict-transport-security': `max-age=${ONE_YEAR_SECONDS}` };
}

/**
 * Opens the HTTP side; nothing listens until `listen`.
 * @param watch told of views of personal data; nobody is where it is absent
 */
export function openHttp(platform: Platform, authorise: Authoriser, watch?: Watch): HttpServer {
  const { proxies } = platform.config;
  const headers = headersOf(platform.config);
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // What the headers of a proxy say counts only where the request comes from one that was declared.
    trustProxy: proxies.length === 0 ? false : [...proxies],
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    // Addresses may carry tokens, so the framework's own log stays off; see `observe`.
    logger: false,
    forceCloseConnections: 'idle',
    genReqId: () => newId<'Request'>(platform.clock.now()),
    routerOptions: { maxParamLength: 300 },
  });
  const specs: EndpointSpec[] = [];
  const otherRoutes: string[] = [];
  app.register(cookie);
  app.addHook('onRoute', ({ method, url, config }) => {
    // A GET brings its HEAD with it.
    if (config?.ofContract !== true && method !== 'HEAD') otherRoutes.push(`${String(method)} ${url}`);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    if (request.url.startsWith('/v1/')) reply.header('cache-control', 'no-store');
    refuseCrossSite(request);
  });
  // After the body has arrived, so that all that follows runs within it.
  app.addHook('preHandler', (request, _reply, done) => runWithOrigin(originOf(request), done));
  app.setErrorHandler((error, request, reply) => answerError(platform, error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerError(platform, fail('not-found', `Nothing answers ${request.method} here.`), request, reply),
  );
  observe(app, platform);
  serveOwn(app, platform, authorise, specs);

  return {
    fastify: app,
    authorise,
    specs,
    otherRoutes,
    route(spec, handle) {
      specs.push(spec);
      const demands = { fresh: spec.fresh ?? false };
      const admit = async (permission: Exclude<Permission, 'public'>, request: FastifyRequest): Promise<Caller> => {
        const caller = await authorise(request, permission, demands);
        identifyCaller(caller);
        return caller;
      };
      app.route({
        method: spec.method,
        url: spec.path,
        config: { ofContract: true },
        handler: async (request, reply) => {
          const caller = spec.permission === 'public' ? null : await admit(spec.permission, request);
          const parts = parseRequest(spec, request);
          // The parts have just been parsed by the very schemas their types are inferred from, which the compiler
          // cannot follow through a generic.
          const seen = { caller, ...parts, raw: request, reply } as unknown as RouteRequest<typeof spec>;
          const answer = await handle(seen);
          const shown = spec.status === 204 ? null : spec.answer.parse(answer);
          if (spec.reveals !== undefined && caller !== null) await watch?.viewed(caller, spec.reveals);
          reply.status(spec.status ?? 200);
          return spec.status === 204 ? reply.send() : reply.send(shown);
        },
      });
    },
    listen: () => listen(app, platform),
    close: () => closeQuietly(app),
  };
}

/** Where a request comes from. */
function originOf(request: FastifyRequest): Origin {
  return newOrigin({ address: request.ip, userAgent: request.headers['user-agent'], route: routeOf(request) });
}

function identifyCaller({ actor, sessionId }: Caller): void {
  if (actor.kind === 'person') identifyOrigin({ personId: actor.id, sessionId: sessionId ?? null });
  if (actor.kind === 'key') identifyOrigin({ keyId: actor.id });
}

function parseRequest(spec: EndpointSpec, request: FastifyRequest) {
  const issues: InputIssue[] = [];
  const parse = (name: string, schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) return {};
    const parsed = schema.safeParse(value);
    if (parsed.success) refuseNul(parsed.data, name, issues);
    else
      for (const issue of parsed.error.issues)
        issues.push({ path: [name, ...issue.path.map(String)].join('.'), message: issue.message });
    return parsed.data;
  };
  const params = parse('params', spec.params, request.params);
  const query = parse('query', spec.query, request.query);
  const body = parse('body', spec.body, request.body);
  if (issues.length > 0)
    throw fail('invalid-input', issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '), { issues });
  return { params, query, body };
}

/** PostgreSQL stores no zero character; one of them would refuse a whole batch of other people's rows. */
function refuseNul(value: unknown, path: string, issues: InputIssue[]): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) issues.push({ path, message: 'must not hold the character U+0000' });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      refuseNul(key, path, issues);
      refuseNul(inner, `${path}.${key}`, issues);
    }
  }
}

/**
 * A browser sends its cookie with requests that other sites cause. Those that change something are refused: by
 * `Sec-Fetch-Site`, or where a browser does not send it by `Origin`. Callers with a key carry no cookie.
 */
function refuseCrossSite(request: FastifyRequest): void {
  if (request.routeOptions.config.answersOtherSites === true) return;
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method) || request.headers.cookie === undefined) return;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  const { origin } = request.headers;
  const same = origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.host;
  if (site !== undefined || !same)
    throw fail('cross-site-request', 'A request with a session must come from Kept itself.');
}

const CLIENT_ERRORS: Readonly<Record<number, keyof typeof httpProblems>> = {
  404: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
};

function answerError(platform: Platform, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = error instanceof Failure ? error : clientFailure(error);
  const shown = failure ?? fail('internal-error', 'It was noted under the id of this answer.');
  if (shown.status >= 500)
    platform.log.error({ err: error, request: request.id, route: routeOf(request) }, shown.title);
  if (shown.retryAfterSeconds !== null) reply.header('retry-after', String(Math.ceil(shown.retryAfterSeconds)));
  reply
    .status(shown.status)
    .type('application/problem+json')
    .send({
      type: `urn:kept:problem:${shown.code}`,
      title: shown.title,
      status: shown.status,
      code: shown.code,
      detail: shown.message,
      ...(shown.status >= 500 && { instance: `urn:uuid:${request.id}` }),
      ...(shown.issues.length > 0 && { issues: shown.issues }),
    });
}

/** Malformed JSON, a body that is too large and the like: the framework's own refusals. */
function clientFailure(error: unknown): Failure | null {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
  const { statusCode } = error;
  const framework = 'code' in error && String(error.code).startsWith('FST_');
  if (statusCode >= 500 || !(framework || error instanceof SyntaxError)) return null;
  const known = CLIENT_ERRORS[statusCode] ?? 'invalid-input';
  return fail(known, known === 'invalid-input' ? 'The request could not be read as JSON.' : httpProblems[known].title);
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
}

function observe(app: FastifyInstance, platform: Platform): void {
  const seconds = new Histogram({
    name: 'kept_http_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [platform.metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request);
    seconds.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    platform.log.debug({ route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), request: request.id });
  });
}

/** What the platform itself answers: health, metrics and the description of everything. */
function serveOwn(
  app: FastifyInstance,
  platform: Platform,
  authorise: Authoriser,
  specs: readonly EndpointSpec[],
): void {
  app.get('/v1/openapi.json', async () => describeApi(specs));
  app.get('/health', async (_request, reply) => {
    try {
      await platform.db.ping();
      return { status: 'ok', database: 'ok' };
    } catch (error) {
      reply.status(503);
      return { status: 'failing', database: describeError(error).code ?? 'unknown' };
    }
  });
  app.get('/metrics', async (request, reply) => {
    if (!isSurelyLocal(platform, request)) await authorise(request, 'metrics:read');
    reply.type(platform.metrics.contentType);
    return platform.metrics.metrics();
  });
}

/**
 * Whether somebody on the server's own machine asks. Where Kept has a public address a proxy may stand in between, and
 * not every proxy says so in a header.
 */
function isSurelyLocal({ config }: Platform, request: FastifyRequest): boolean {
  const { ip, headers } = request;
  if (!isLoopback(plainAddress(ip)) || headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined)
    return false;
  return config.publicUrl === undefined || isLoopback(new URL(config.publicUrl).hostname);
}

function isLoopback(host: string): boolean {
  return ['127.0.0.1', '::1', '[::1]', 'localhost'].includes(host);
}

async function listen(app: FastifyInstance, platform: Platform): Promise<string> {
  const { host, port } = platform.config;
  try {
    const address = await app.listen({ host, port });
    for (const bound of app.addresses())
      if (typeof bound === 'object') platform.outbound.occupy({ host: bound.address, port: bound.port });
    return address;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'EADDRINUSE')
      throw fail(
        'port-unavailable',
        `Port ${port} of ${host} is in use. Stop what listens there, or set KEPT_PORT to another (0 takes any free one).`,
        { cause },
      );
    if (code === 'EACCES')
      throw fail(
        'port-unavailable',
        `Port ${port} needs rights this user does not have. Set KEPT_PORT to one above 1023.`,
        { cause },
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw fail('port-unavailable', `This machine has no address ${host}. Set KEPT_HOST to one it has.`, { cause });
    throw cause;
  }
}

/**
 * Answers what was asked and closes. A connection that was busy when closing began is idle once it has its answer, and
 * would be waited for until its keep-alive runs out, more than a minute.
 */
async function closeQuietly(app: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
  }
}
