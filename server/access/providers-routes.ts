import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { recordEntry } from '../ledger/record-entry.ts';
import { Failure } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import { brand } from '../platform/ids.ts';
import { claimDomain, giveUpDomain, listDomains, proveDomain, shownDomain } from './claim-domain.ts';
import { continuePage, continueScript, isBase64 } from './continue-page.ts';
import { findSignInWays as findSignInWaysEndpoint, providerSignInPath } from './contract.ts';
import { findSignInWays } from './find-sign-in-ways.ts';
import { pickLanguage } from './language.ts';
import type { Access } from './open-access.ts';
import type { OpenedSession } from './open-session.ts';
import { beginDialogue, concludeDialogue, getProviderByName, takeUpDialogue } from './provider-dialogue.ts';
import { samlOf, shownProvider } from './provider-settings.ts';
import { type StoredProvider, selectProviders } from './provider-store.ts';
import * as contract from './providers-contract.ts';
import { publicAddress } from './public-address.ts';
import { samlMetadata } from './saml-dialogue.ts';
import { cookieAttributes, isSecure } from './session-cookie.ts';
import { changeProvider, createProvider, removeProvider } from './set-up-provider.ts';
import { tryProvider } from './try-provider.ts';

/** Gives the browser its session; `answerSession` of routes.ts. */
export type GiveSession = (access: Access, reply: FastifyReply, opened: OpenedSession) => Promise<unknown>;

/** Identity providers and domains: setting them up, and signing in through them. */
export function registerProvidersRoutes(http: HttpServer, access: Access, giveSession: GiveSession): void {
  serveProviders(http, access);
  serveDomains(http, access);
  http.route(findSignInWaysEndpoint, async ({ body, raw }) => {
    await access.limits.call(null, raw.ip);
    return findSignInWays(access, body.email);
  });
  serveDialogue(http, access, giveSession);
}

function serveProviders(http: HttpServer, access: Access): void {
  const { platform } = access;
  const shown = (request: FastifyRequest, provider: StoredProvider) =>
    shownProvider(access, publicAddress(platform.config, request), provider);

  http.route(contract.listProviders, async ({ caller, raw }) => {
    const providers = await platform.db.transaction(caller.organisationId, selectProviders);
    return { items: providers.map((provider) => shown(raw, provider)) };
  });

  http.route(contract.createProvider, async ({ caller, body, raw }) =>
    shown(raw, await createProvider(access, caller, body)),
  );

  http.route(contract.changeProvider, async ({ caller, params, body, raw }) =>
    shown(raw, await changeProvider(access, caller, params.provider, body)),
  );

  http.route(contract.removeProvider, async ({ caller, params }) => {
    await removeProvider(access, caller, params.provider);
    return null;
  });

  http.route(contract.testProvider, ({ caller, params, raw }) =>
    tryProvider(access, publicAddress(platform.config, raw), caller, params.provider),
  );
}

function serveDomains(http: HttpServer, access: Access): void {
  http.route(contract.listDomains, async ({ caller }) => ({
    items: (await listDomains(access, caller)).map(shownDomain),
  }));
  http.route(contract.addDomain, async ({ caller, body }) => shownDomain(await claimDomain(access, caller, body)));
  http.route(contract.verifyDomain, async ({ caller, params }) =>
    shownDomain(await proveDomain(access, caller, params.domain)),
  );
  http.route(contract.removeDomain, async ({ caller, params }) => {
    await giveUpDomain(access, caller, params.domain);
    return null;
  });
}

/* ── where browsers go and come back: pages, so that their refusals lead to a page ─────────────────────────── */

const DIALOGUE_COOKIE = 'kept_dialogue';
const MOST_FORM_OCTETS = 500_000;

const namedSchema = z.object({ provider: z.string().max(100) });
const trialSchema = z.object({ try: z.literal('1').optional() });
const formSchema = z.object({ SAMLResponse: z.string().optional(), again: z.string().optional() });

/** Nothing here can be guessed, and a whole office may sign in at nine: the limit is that of ordinary calls. */
function serveDialogue(http: HttpServer, access: Access, giveSession: GiveSession): void {
  const path = providerSignInPath(':provider');
  const { fastify } = http;

  fastify.get(path, async (request, reply) => {
    const name = namedSchema.parse(request.params).provider;
    const isTrial = trialSchema.safeParse(request.query).data?.try === '1';
    const caller = isTrial ? await http.authorise(request, 'access:write') : null;
    const trial = caller?.actor.kind === 'person' ? brand<'Person'>(caller.actor.id) : null;
    return leading(access, reply, isTrial, async (noting) => {
      await access.limits.call(null, request.ip);
      const provider = await getProviderByName(access, name);
      noting(provider);
      const isOwn = caller === null || caller.organisationId === provider.organisationId;
      const base = publicAddress(access.platform.config, request);
      const begun = await beginDialogue(access, base, provider, isOwn ? trial : null);
      writeDialogueCookie(access, reply, begun);
      return begun.url;
    });
  });

  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const name = namedSchema.parse(request.params).provider;
    const token = request.cookies[dialogueCookieName(access)];
    clearDialogueCookie(access, reply);
    let isTrial = false;
    return leading(
      access,
      reply,
      () => isTrial,
      async (noting) => {
        await access.limits.call(null, request.ip);
        const provider = await getProviderByName(access, name);
        noting(provider);
        const dialogue = await takeUpDialogue(access, provider, token);
        isTrial = dialogue.isTrial;
        const base = publicAddress(access.platform.config, request);
        const opened = await concludeDialogue(access, base, provider, dialogue, {
          query: new URL(request.url, base).searchParams,
          samlResponse: formSchema.safeParse(request.body).data?.SAMLResponse,
          language: pickLanguage(request.headers['accept-language']),
        });
        if (opened === null) return '/enter?tried=passed';
        await giveSession(access, reply, opened);
        return '/';
      },
    );
  };
  fastify.get(`${path}/answer`, answer);
  fastify.register(async (scope: FastifyInstance) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MOST_FORM_OCTETS },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    // The identity provider's page posts it; the cookie shows that the dialogue began in this very browser.
    scope.post(`${path}/answer`, { config: { answersOtherSites: true } }, async (request, reply) => {
      const { SAMLResponse: text, again } = formSchema.safeParse(request.body).data ?? {};
      const isFirst = again === undefined && request.cookies[dialogueCookieName(access)] === undefined;
      if (!isFirst || text === undefined || !isBase64(text)) return answer(request, reply);
      const language = pickLanguage(request.headers['accept-language']);
      reply.header('cache-control', 'no-store').type('text/html; charset=utf-8');
      return reply.send(continuePage(language, text));
    });
  });
  fastify.get('/sign-in/providers/continue.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(continueScript),
  );

  fastify.get(`${path}/metadata`, async (request, reply) => {
    const provider = await getProviderByName(access, namedSchema.parse(request.params).provider);
    if (provider.kind !== 'saml') return reply.callNotFound();
    const { own } = samlOf(access, publicAddress(access.platform.config, request), provider);
    return reply.type('application/samlmetadata+xml').send(samlMetadata(own));
  });
}

/** What `openSession` refuses, which records that itself, with the person and where they wanted to go. */
const recordedAlready = ['single-sign-on-needed', 'address-not-allowed'];

/**
 * Sends the browser on; where something is refused, to the console's page that says why. Refusals go into the ledger
 * of the provider's organisation.
 */
async function leading(
  access: Access,
  reply: FastifyReply,
  isTrial: boolean | (() => boolean),
  work: (noting: (provider: StoredProvider) => void) => Promise<string>,
): Promise<FastifyReply> {
  let provider: StoredProvider | undefined;
  reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  try {
    const target = await work((found) => {
      provider = found;
    });
    return reply.redirect(target, 303);
  } catch (error) {
    if (!(error instanceof Failure) || (error.status >= 500 && error.code !== 'provider-unavailable')) throw error;
    const { code } = error;
    access.platform.log.info({ err: error, provider: provider?.id }, 'a sign-in through a provider was refused');
    const isTried = typeof isTrial === 'function' ? isTrial() : isTrial;
    if (isTried) return reply.redirect(`/enter?tried=${code}`, 303);
    if (provider !== undefined && code !== 'too-many-attempts' && !recordedAlready.includes(code))
      await access.platform.db.transaction(provider.organisationId, (tx) =>
        recordEntry(tx, {
          kind: 'access.sign-in-refused',
          actor: { kind: 'system', id: 'access' },
          body: { reason: code, method: 'provider' },
        }),
      );
    return reply.redirect(`/enter?refused=${code}`, 303);
  }
}

function dialogueCookieName(access: Access): string {
  return isSecure(access.platform.config) ? `__Host-${DIALOGUE_COOKIE}` : DIALOGUE_COOKIE;
}

/** It lasts ten minutes, is sent by Kept's own pages and by links only, and opens nothing by itself. */
function writeDialogueCookie(
  access: Access,
  reply: FastifyReply,
  begun: { readonly token: string; readonly expiresAt: Date },
): void {
  const attributes = cookieAttributes(access.platform.config);
  reply.setCookie(dialogueCookieName(access), begun.token, { ...attributes, expires: begun.expiresAt });
}

function clearDialogueCookie(access: Access, reply: FastifyReply): void {
  reply.clearCookie(dialogueCookieName(access), cookieAttributes(access.platform.config));
}
