import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OrganisationId } from '../platform/contract.ts';
import { Failure, failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import { answerSession, giveSession } from './answer-session.ts';
import { findOwnSession, identityOf, sessionOf } from './authorise.ts';
import { readBrowserCookie } from './browser-mark.ts';
import { chooseOrganisation } from './choose-organisation.ts';
import * as contract from './contract.ts';
import { createOrganisation } from './create-organisation.ts';
import { createOwner } from './create-owner.ts';
import { createSignInLink } from './create-sign-in-link.ts';
import { describeKey, describeSession } from './describe-session.ts';
import { endSession } from './end-session.ts';
import { followLink } from './follow-link.ts';
import { registerKeysRoutes } from './keys-routes.ts';
import { pickLanguage } from './language.ts';
import { listOrganisations } from './list-organisations.ts';
import { registerMembersRoutes } from './members-routes.ts';
import type { Access } from './open-access.ts';
import { registerOwnRoutes } from './own-routes.ts';
import { registerPasskeyRoutes } from './passkey-routes.ts';
import { registerProvidersRoutes } from './providers-routes.ts';
import { resetFactors } from './reset-factors.ts';
import { clearSessionCookie } from './session-cookie.ts';
import { showPassword } from './show-password.ts';
import { showSecondFactor } from './show-second-factor.ts';
import { signIn } from './sign-in.ts';
import { clearStrayCookie } from './stray-cookie.ts';
import { registerTokenRoutes } from './token-routes.ts';

/** Serves everything that access answers. */
export function registerAccessRoutes(http: HttpServer, access: Access): void {
  http.fastify.addHook('onListen', async () => {
    access.listening.at = http.fastify.listeningOrigin;
  });
  http.fastify.addHook('onSend', async (request, reply) => {
    if (reply.statusCode === 401) await clearStrayCookie(access.platform, request, reply);
  });
  serveOperator(http, access);
  serveSession(http, access);
  serveLink(http, access);
  registerTokenRoutes(http, access);
  registerOwnRoutes(http, access);
  registerMembersRoutes(http, access);
  registerPasskeyRoutes(http, access, answerSession);
  registerProvidersRoutes(http, access, answerSession);
  registerKeysRoutes(http, access.platform);
}

function serveOperator(http: HttpServer, access: Access): void {
  const { platform } = access;

  http.route(contract.createOrganisation, ({ body }) => createOrganisation(platform, body));

  http.route(contract.listOrganisations, async ({ raw }) => {
    const identity = identityOf(raw);
    if (identity.session === null) return { items: [...(await listOrganisations(platform))] };
    const { organisations } = await describeSession(access, identity.session);
    return { items: organisations.map(({ organisation }) => organisation) };
  });

  http.route(contract.createOwner, ({ body, caller }) => createOwner(access, body, caller.actor));

  http.route(contract.createSignInLink, async ({ body, caller, raw }) => {
    const { token, expiresAt } = await createSignInLink(access, body, caller.actor);
    const address = platform.config.publicUrl ?? `${raw.protocol}://${raw.host}`;
    return { url: `${address}/sign-in?token=${token}`, expiresAt: expiresAt.toISOString() };
  });

  http.route(contract.resetFactors, async ({ body, caller }) => {
    await resetFactors(access, body.email, caller.actor);
    return null;
  });
}

function serveSession(http: HttpServer, access: Access): void {
  const { limits, platform } = access;
  const markOf = (raw: FastifyRequest) => readBrowserCookie(platform.config, raw);

  http.route(contract.signIn, async ({ body, raw, reply }) => {
    const attempt = await limits.signIn({ email: body.email, address: raw.ip, mark: markOf(raw) });
    const opened = await signIn(access, body);
    await attempt.giveBack();
    return answerSession(access, reply, opened);
  });

  http.route(contract.showSecondFactor, async ({ body, raw, reply }) => {
    const session = sessionOf(raw);
    const { personId: person, email } = session;
    const attempt = await limits.secondFactor({ person, email, mark: markOf(raw) });
    const opened = await showSecondFactor(access, session, body.code);
    await attempt.giveBack();
    return answerSession(access, reply, opened);
  });

  http.route(contract.showPassword, async ({ body, raw, reply }) => {
    const session = sessionOf(raw);
    const attempt = await limits.signIn({ email: session.email, address: raw.ip, mark: markOf(raw) });
    const opened = await showPassword(access, session, body.password);
    await attempt.giveBack();
    return answerSession(access, reply, opened);
  });

  http.route(contract.getSession, async ({ raw }) => {
    const identity = identityOf(raw);
    return identity.session === null ? describeKey(access, identity) : describeSession(access, identity.session);
  });

  http.route(contract.endSession, async ({ raw, reply }) => {
    const session = await findOwnSession(access, raw);
    if (session !== undefined) await endSession(access, session);
    clearSessionCookie(access.platform.config, reply);
    return null;
  });

  http.route(contract.chooseOrganisation, async ({ body, raw, reply }) => {
    const organisationId: OrganisationId = body.organisation;
    return answerSession(access, reply, await chooseOrganisation(access, sessionOf(raw), organisationId));
  });
}

const fail = failuresOf(contract.accessProblems);
const linkQuery = z.object({ token: z.string().max(200) });

/** The one page that access answers by itself: the operator's link. Its refusals are pages, too. */
function serveLink(http: HttpServer, access: Access): void {
  http.fastify.get('/sign-in', async (request, reply) => {
    const language = pickLanguage(request.headers['accept-language']);
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    const query = linkQuery.safeParse(request.query);
    try {
      if (!query.success) throw fail('link-invalid', 'The link is incomplete.');
      await access.limits.link({ address: request.ip });
      await giveSession(access, reply, await followLink(access, query.data.token));
      return reply.redirect('/', 303);
    } catch (error) {
      if (!(error instanceof Failure) || error.status >= 500) throw error;
      // The console words why an organisation may not be entered in this way.
      if (error.code !== 'link-invalid') return reply.redirect(`/enter?refused=${error.code}`, 303);
      return reply.status(error.status).type('text/html; charset=utf-8').send(refusalPage(language));
    }
  });
}

const refusals = {
  en: {
    title: 'This sign-in link is no longer valid',
    text: 'It was used already or is older than ten minutes. Ask for a new one on the server:',
  },
  'pt-BR': {
    title: 'Este link de acesso não vale mais',
    text: 'Ele já foi usado ou tem mais de dez minutos. Peça outro no servidor:',
  },
  es: {
    title: 'Este enlace de acceso ya no es válido',
    text: 'Ya se usó o tiene más de diez minutos. Pida otro en el servidor:',
  },
};

function refusalPage(language: contract.Language): string {
  const { title, text } = refusals[language];
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<h1>${title}</h1>
<p>${text}</p>
<pre>kept link --email</pre>
</html>
`;
}
