import { z } from 'zod';
import { Failure, failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { identify } from './authorise.ts';
import * as contract from './contract.ts';
import { createOrganisation, getOrganisationBySlug } from './create-organisation.ts';
import { pickLanguage } from './language.ts';
import { findOrganisation, listOrganisations } from './list-organisations.ts';
import type { LocalKey } from './local-key.ts';
import { permissionsOf } from './permissions.ts';
import { createOwnerLink, signIn } from './sign-in.ts';
import { deleteSession } from './store.ts';
import { hashToken } from './token.ts';

const fail = failuresOf(contract.accessProblems);

export function registerAccessRoutes(http: HttpServer, platform: Platform, localKey: LocalKey): void {
  http.route(contract.createOrganisation, ({ body }) => createOrganisation(platform, body));

  http.route(contract.listOrganisations, async ({ caller, raw }) => {
    const { role } = await identify(platform, localKey, raw, true);
    const items = await listOrganisations(platform);
    return { items: items.filter((item) => role === 'local-key' || item.id === caller.organisationId) };
  });

  http.route(contract.createOwnerLink, async ({ body, raw }) => {
    const organisation = await getOrganisationBySlug(platform, body.organisation);
    const { token, expiresAt } = await createOwnerLink(platform, organisation.id);
    const address = platform.config.publicUrl ?? `${raw.protocol}://${raw.host}`;
    return { url: `${address}/sign-in?token=${token}`, expiresAt: expiresAt.toISOString() };
  });

  http.route(contract.getSession, async ({ raw }) => {
    const identity = await identify(platform, localKey, raw, false);
    const organisation = await findOrganisation(platform, identity.organisationId);
    if (organisation === undefined) throw fail('not-signed-in', 'The organisation of this session is gone.');
    return {
      organisation,
      actor: identity.actor,
      language: identity.language,
      permissions: permissionsOf(identity.role),
      expiresAt: identity.expiresAt?.toISOString() ?? null,
    };
  });

  http.route(contract.endSession, async ({ raw, reply }) => {
    const token = raw.cookies[contract.sessionCookie];
    if (token !== undefined) await platform.db.globalTransaction((tx) => deleteSession(tx, hashToken(token)));
    reply.clearCookie(contract.sessionCookie, { path: '/' });
    return null;
  });

  serveSignIn(http, platform);
}

const signInQuery = z.object({ token: z.string().max(200) });

/** The one page of access: it answers a person's browser, so its refusals are pages, too. */
function serveSignIn(http: HttpServer, platform: Platform): void {
  http.fastify.get('/sign-in', async (request, reply) => {
    const language = pickLanguage(request.headers['accept-language']);
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    const query = signInQuery.safeParse(request.query);
    try {
      if (!query.success) throw fail('link-invalid', 'The link is incomplete.');
      const { session, expiresAt } = await signIn(platform, query.data.token, language);
      const secure = platform.config.publicUrl?.startsWith('https:') ?? false;
      reply.setCookie(contract.sessionCookie, session, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure,
        expires: expiresAt,
      });
      return reply.redirect('/', 303);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'link-invalid') throw error;
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
<pre>kept link</pre>
</html>
`;
}
