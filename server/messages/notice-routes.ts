import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { languageSchema } from '../access/contract.ts';
import { pickLanguage } from '../access/language.ts';
import { findOrganisation } from '../access/list-organisations.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Caller, HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { announceNotice } from './announce-notice.ts';
import { bringNoticeIntoForce } from './bring-notice-into-force.ts';
import { cancelNotice } from './cancel-notice.ts';
import { describeNotice, listNotices } from './describe-notice.ts';
import { discardNotice, draftNotice, editNotice, giveList } from './draft-notice.ts';
import { findNotice } from './find-notice.ts';
import { readInProductToken, type TokenBearer, writeInProductToken } from './in-product-token.ts';
import { listDelivery } from './list-delivery.ts';
import { NOTICES_PATH, pageKeyOf, readPageKey } from './notice-address.ts';
import { allAudiences, referencesOf } from './notice-audiences.ts';
import { noNoticePage, noticePage, noticePagePolicy } from './notice-page.ts';
import { noticeWidget } from './notice-widget.ts';
import * as contract from './notices-contract.ts';
import { previewNotice } from './preview-notice.ts';
import { listShownNotices, markNoticeSeen } from './show-notices.ts';
import * as shown from './shown-notices-contract.ts';

const fail = failuresOf(contract.noticeProblems);

/** Notices over the API, in the product, in the console and as public pages. */
export function registerNoticeRoutes(http: HttpServer, platform: Platform): void {
  serveDrafts(http, platform);
  serveActs(http, platform);
  serveDelivery(http, platform);
  serveMembers(http, platform);
  serveProduct(http, platform);
  servePages(http, platform);
}

function serveDrafts(http: HttpServer, platform: Platform): void {
  http.route(contract.listAudiences, async () => ({
    items: allAudiences().map(({ name, label, groups, channels }) => ({
      name,
      label,
      groups: [...groups],
      channels: [...channels],
    })),
  }));
  http.route(contract.listNotices, ({ caller, query }) => within(platform, caller, (tx) => listNotices(tx, query)));
  http.route(contract.getNotice, ({ caller, params }) =>
    within(platform, caller, (tx) => describeNotice(platform, tx, params.notice)),
  );
  http.route(contract.draftNotice, ({ caller, body }) =>
    within(platform, caller, async (tx) => describeNotice(platform, tx, await draftNotice(tx, body))),
  );
  http.route(contract.editNotice, ({ caller, params, body }) =>
    changed(platform, caller, params.notice, (tx) => editNotice(tx, params.notice, body.revision, body.draft)),
  );
  http.route(contract.discardNotice, async ({ caller, params }) => {
    await within(platform, caller, (tx) => discardNotice(tx, params.notice));
    return null;
  });
  http.route(contract.giveList, ({ caller, params, body: { mode, csv, recipients = [] } }) =>
    within(platform, caller, (tx) =>
      giveList(tx, params.notice, csv === undefined ? { mode, recipients } : { mode, csv }),
    ),
  );
  http.route(contract.previewNotice, async ({ caller, params }) => {
    const organisation = (await findOrganisation(platform, caller.organisationId))?.name ?? '';
    return within(platform, caller, (tx) => previewNotice(platform, tx, params.notice, organisation));
  });
}

function serveActs(http: HttpServer, platform: Platform): void {
  http.route(contract.announceNotice, ({ caller, params, body }) =>
    changed(platform, caller, params.notice, (tx) => announceNotice(tx, caller.actor, params.notice, body)),
  );
  http.route(contract.bringNoticeIntoForce, ({ caller, params }) =>
    changed(platform, caller, params.notice, (tx) => bringNoticeIntoForce(tx, caller.actor, params.notice)),
  );
  http.route(contract.cancelNotice, ({ caller, params, body }) =>
    changed(platform, caller, params.notice, (tx) => cancelNotice(tx, caller.actor, params.notice, body.texts)),
  );
}

function serveDelivery(http: HttpServer, platform: Platform): void {
  http.route(contract.listNoticeRecipients, ({ caller, params, query: { reference: beginning, ...query } }) =>
    within(platform, caller, async (tx) => {
      const { items, next } = await listDelivery(tx, params.notice, { ...query, beginning });
      const rows = items.map(({ salt: _, ...item }) => ({
        ...item,
        concludedAt: item.concludedAt?.toISOString() ?? null,
        seenAt: item.seenAt?.toISOString() ?? null,
      }));
      return { items: rows, next };
    }),
  );
}

/** The console's own banner. */
function serveMembers(http: HttpServer, platform: Platform): void {
  http.route(shown.listOwnNotices, ({ caller, query }) =>
    within(platform, caller, async (tx) => {
      if (caller.actor.kind !== 'person') return { items: [] };
      const recipient = { place: 'console' as const, references: [caller.actor.id] };
      return { items: await listShownNotices(platform, tx, recipient, query.language ?? caller.language) };
    }),
  );
  http.route(shown.markOwnNoticeSeen, async ({ caller, params }) => {
    const recipient = { place: 'console' as const, references: [caller.actor.id] };
    await within(platform, caller, (tx) => markNoticeSeen(tx, recipient, params.notice));
    return null;
  });
}

const MINUTE_MS = 60_000;

/** Whoever shows a token of a recipient, from any origin: it is no cookie, so nobody's browser sends it unasked. */
const fromAnywhere = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

function serveProduct(http: HttpServer, platform: Platform): void {
  http.route(shown.createInProductToken, async ({ caller, body: { recipient, minutes } }) => {
    const expiresAt = new Date(platform.clock.now().getTime() + minutes * MINUTE_MS);
    const references = await within(platform, caller, (tx) => referencesOf(tx, recipient));
    const bearer = { organisationId: caller.organisationId, references };
    return { token: writeInProductToken(platform.db, bearer, expiresAt), expiresAt: expiresAt.toISOString() };
  });
  http.route(shown.listInProductNotices, async ({ query, raw, reply }) => {
    const { organisationId, references } = bearerOf(platform, raw, reply);
    const recipient = { place: 'product' as const, references };
    return platform.db.transaction(organisationId, async (tx) => ({
      items: await listShownNotices(platform, tx, recipient, query.language),
    }));
  });
  http.route(shown.markInProductNoticeSeen, async ({ body, raw, reply }) => {
    const { organisationId, references } = bearerOf(platform, raw, reply);
    const recipient = { place: 'product' as const, references };
    await platform.db.transaction(organisationId, (tx) => markNoticeSeen(tx, recipient, body.notice));
    return null;
  });
  for (const path of [shown.listInProductNotices.path, shown.markInProductNoticeSeen.path])
    http.fastify.options(path, (_request, reply) =>
      reply
        .headers(fromAnywhere)
        .header('access-control-allow-methods', 'GET, POST')
        .header('access-control-allow-headers', 'authorization, content-type')
        .header('access-control-max-age', '86400')
        .status(204)
        .send(),
    );
  http.fastify.get('/widget/notices.js', (_request, reply) =>
    reply
      .headers(fromAnywhere)
      .header('cache-control', 'public, max-age=3600')
      .type('text/javascript; charset=utf-8')
      .send(noticeWidget),
  );
}

/** @throws Failure `in-product-token-invalid`, which a page of any origin may read */
function bearerOf(platform: Platform, request: FastifyRequest, reply: FastifyReply): TokenBearer {
  reply.headers(fromAnywhere);
  const token = /^Bearer (\S{1,2000})$/i.exec(request.headers.authorization ?? '')?.[1];
  const bearer = token === undefined ? undefined : readInProductToken(platform.db, token, platform.clock.now());
  if (bearer === undefined)
    throw fail('in-product-token-invalid', 'Ask your own server for another: POST /v1/messages/in-product/tokens.');
  return bearer;
}

const pageParamsSchema = z.object({ key: z.string(), language: z.string().optional() });
const pageQuerySchema = z.object({ language: languageSchema });

function servePages(http: HttpServer, platform: Platform): void {
  for (const path of [`${NOTICES_PATH}/:key`, `${NOTICES_PATH}/:key/:language`])
    http.fastify.get(path, (request, reply) => answerPage(platform, request, reply));
}

async function answerPage(platform: Platform, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { key, language: inPath } = pageParamsSchema.parse(request.params);
  const header = request.headers['accept-language'];
  const wanted =
    languageSchema.safeParse(inPath).data ??
    pageQuerySchema.safeParse(request.query).data?.language ??
    (header === undefined ? undefined : pickLanguage(header));
  const address = readPageKey(key);
  const organisation = address === undefined ? undefined : await findOrganisation(platform, address.organisationId);
  const notice =
    address === undefined || organisation === undefined
      ? undefined
      : await platform.db.transaction(address.organisationId, (tx) => findNotice(tx, address.notice));
  reply
    .header('content-security-policy', noticePagePolicy)
    .header('referrer-policy', 'no-referrer')
    .header('vary', 'accept-language')
    .type('text/html; charset=utf-8');
  const isShown = notice !== undefined && notice.state !== 'draft' && notice.channels.includes('page');
  if (!isShown || address === undefined || organisation === undefined)
    return reply
      .status(404)
      .header('cache-control', 'no-store')
      .send(noNoticePage(wanted ?? 'en'));
  const path = `${NOTICES_PATH}/${pageKeyOf(address)}`;
  const { language, html } = noticePage({ notice, organisation: organisation.name, wanted, path });
  return reply.header('content-language', language).header('cache-control', 'public, max-age=60').send(html);
}

function within<T>(platform: Platform, caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
  return platform.db.transaction(caller.organisationId, work);
}

/** Does an act and shows what has become of the notice. */
function changed(platform: Platform, caller: Caller, id: Id<'Notice'>, act: (tx: Tx) => Promise<void>) {
  return within(platform, caller, async (tx) => {
    await act(tx);
    return describeNotice(platform, tx, id);
  });
}
