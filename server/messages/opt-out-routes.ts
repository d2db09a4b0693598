import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Language, languageSchema } from '../access/contract.ts';
import { pickLanguage } from '../access/language.ts';
import { findOrganisation } from '../access/list-organisations.ts';
import type { Caller, HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { findOptOut, optIn, optInByKey, optOut, optOutByKey } from './opt-out.ts';
import * as contract from './opt-out-contract.ts';
import { OPT_OUT_PATH, type OptOutSubject, readOptOutToken } from './opt-out-link.ts';
import { type OptOutState, optOutPage, optOutPagePolicy } from './opt-out-page.ts';
import { countInForce, findInForce, listOptOutRecords } from './opt-out-store.ts';

/** Opt-outs over the API, and the page behind the link of an announcement. */
export function registerOptOutRoutes(http: HttpServer, platform: Platform): void {
  serveApi(http, platform);
  servePage(http, platform);
}

function serveApi(http: HttpServer, platform: Platform): void {
  http.route(contract.listOptOuts, ({ caller, query }) =>
    platform.db.transaction(caller.organisationId, async (tx) => {
      const records = await listOptOutRecords(tx, query);
      const items = records.map(({ id, via, optedOutAt, withdrawnAt }) => ({
        id,
        via,
        optedOutAt: optedOutAt.toISOString(),
        withdrawnAt: withdrawnAt?.toISOString() ?? null,
      }));
      const next = items.length === query.limit ? (items.at(-1)?.id ?? null) : null;
      return { items, next, count: await countInForce(tx) };
    }),
  );
  const standing = (caller: Caller, address: string) =>
    platform.db.transaction(caller.organisationId, async (tx) => {
      const found = await findOptOut(tx, address);
      return { optedOut: found !== undefined, optedOutAt: found?.optedOutAt.toISOString() ?? null };
    });
  http.route(contract.addOptOut, async ({ caller, body: { address } }) => {
    const { organisationId, actor } = caller;
    await platform.db.transaction(organisationId, (tx) => optOut(tx, { address, via: 'api', actor }));
    return standing(caller, address);
  });
  http.route(contract.withdrawOptOut, async ({ caller, body: { address } }) => {
    const { organisationId, actor } = caller;
    await platform.db.transaction(organisationId, (tx) => optIn(tx, { address, via: 'api', actor }));
    return standing(caller, address);
  });
  http.route(contract.checkOptOut, ({ caller, body: { address } }) => standing(caller, address));
}

const paramsSchema = z.object({ token: z.string() });
const querySchema = z.object({ language: languageSchema });
/** A button posts a few words. */
const MOST_OCTETS = 4096;

/**
 * The link works without a session, and a mail program presses the button by itself (RFC 8058): a POST with
 * `List-Unsubscribe=One-Click`, as a form of either kind. A GET changes nothing, since programs that look for malware
 * follow every link of a mail.
 */
function servePage(http: HttpServer, platform: Platform): void {
  const path = `${OPT_OUT_PATH}/:token`;
  http.fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MOST_OCTETS }, (_request, body, done) =>
      done(null, String(body)),
    );
    scope.get(path, async (request, reply) => {
      const subject = subjectOf(platform, request);
      if (subject === undefined) return answer(platform, request, reply, null);
      const inForce = await platform.db.transaction(subject.organisationId, (tx) =>
        findInForce(tx, subject.recipientKey),
      );
      return answer(platform, request, reply, subject, inForce === undefined ? 'asked' : 'opted-out');
    });
    scope.post(path, async (request, reply) => {
      const subject = subjectOf(platform, request);
      if (subject === undefined) return answer(platform, request, reply, null);
      const act = wantedAct(typeof request.body === 'string' ? request.body : '');
      if (act === null) {
        reply.status(400);
        return answer(platform, request, reply, subject, 'asked');
      }
      const { organisationId, recipientKey } = subject;
      await platform.db.transaction(organisationId, (tx) =>
        act === 'opt-in'
          ? optInByKey(tx, recipientKey, { via: 'page' })
          : optOutByKey(tx, recipientKey, { via: act === 'one-click' ? 'one-click' : 'page' }),
      );
      return answer(platform, request, reply, subject, act === 'opt-in' ? 'asked' : 'opted-out');
    });
  });
}

function subjectOf(platform: Platform, request: FastifyRequest): OptOutSubject | undefined {
  const { token } = paramsSchema.parse(request.params);
  return readOptOutToken(platform.db, token);
}

/** What a form asks for, as `application/x-www-form-urlencoded` or `multipart/form-data`. */
export function wantedAct(body: string): 'one-click' | 'opt-out' | 'opt-in' | null {
  const field = (name: string): string | null =>
    new URLSearchParams(body.trim()).get(name) ??
    new RegExp(`name="?${name}"?[^\\n]*\\r?\\n(?:[^\\r\\n]+\\r?\\n)*\\r?\\n([^\\r\\n]*)`, 'i').exec(body)?.[1] ??
    null;
  if (field('List-Unsubscribe') === 'One-Click') return 'one-click';
  const act = field('act');
  return act === 'opt-out' || act === 'opt-in' ? act : null;
}

async function answer(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
  subject: OptOutSubject | null,
  state: OptOutState = 'not-valid',
): Promise<FastifyReply> {
  const organisation = subject === null ? undefined : await findOrganisation(platform, subject.organisationId);
  const isValid = organisation !== undefined;
  const page = optOutPage({
    language: languageOf(request),
    organisation: organisation?.name ?? '',
    state: isValid ? state : 'not-valid',
    path: request.url.replace(/\?.*$/s, ''),
  });
  if (!isValid) reply.status(404);
  return reply
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('content-security-policy', optOutPagePolicy)
    .type('text/html; charset=utf-8')
    .send(page);
}

/** The message's own language, which its link says, or what the browser asks for. */
function languageOf(request: FastifyRequest): Language {
  return querySchema.safeParse(request.query).data?.language ?? pickLanguage(request.headers['accept-language']);
}
