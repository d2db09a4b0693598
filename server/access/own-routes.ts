import type { FastifyRequest } from 'fastify';
import { Failure } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import { giveSession } from './answer-session.ts';
import { sessionOf } from './authorise.ts';
import { readBrowserCookie } from './browser-mark.ts';
import { changeEmail } from './change-email.ts';
import { changeOwnAccount } from './change-own-account.ts';
import { changePassword } from './change-password.ts';
import { describeOwnAccount } from './describe-own-account.ts';
import { endOtherSessions, endOwnSession } from './end-sessions.ts';
import { beginTotp, confirmTotp } from './enrol-totp.ts';
import type { Access } from './open-access.ts';
import * as contract from './own-contract.ts';
import { removeTotp, renewRecoveryCodes } from './remove-totp.ts';
import { sendVerification } from './send-verification.ts';
import { clearSessionCookie } from './session-cookie.ts';
import { selectSessionsOf } from './session-store.ts';

/** A person's own account: name, password, address, authenticator app, sessions. */
export function registerOwnRoutes(http: HttpServer, access: Access): void {
  serveAccount(http, access);
  serveFactors(http, access);
  serveSessions(http, access);
}

function serveAccount(http: HttpServer, access: Access): void {
  const { platform, limits } = access;

  http.route(contract.getOwnAccount, ({ raw }) => describeOwnAccount(access, sessionOf(raw).personId));

  http.route(contract.changeOwnAccount, async ({ body, raw }) => {
    const session = sessionOf(raw);
    await changeOwnAccount(access, session, body);
    return describeOwnAccount(access, session.personId);
  });

  http.route(contract.changePassword, async ({ body, raw, reply }) => {
    const session = sessionOf(raw);
    const { email, personId } = session;
    // Whoever sits at an open browser must not guess either.
    const attempt = await limits.signIn({ email, address: raw.ip, mark: readBrowserCookie(platform.config, raw) });
    const opened = await changePassword(access, session, body).catch(async (error: unknown) => {
      // A weak choice is no guess.
      if (error instanceof Failure && error.code === 'password-too-weak') await attempt.giveBack();
      throw error;
    });
    await attempt.giveBack();
    await giveSession(access, reply, opened);
    return describeOwnAccount(access, personId);
  });

  http.route(contract.changeEmail, async ({ body, raw }) => {
    await limits.mail({ email: body.email, address: raw.ip });
    await changeEmail(access, sessionOf(raw), body.email);
    return null;
  });

  http.route(contract.sendVerification, async ({ raw }) => {
    const session = sessionOf(raw);
    await limits.mail({ email: session.email, address: raw.ip });
    if (session.emailVerifiedAt === null)
      await platform.db.transaction(access.ownOrganisationId, (tx) => sendVerification(access, tx, session));
    return null;
  });
}

function serveFactors(http: HttpServer, access: Access): void {
  const { platform, limits } = access;
  const countCode = (raw: FastifyRequest) => {
    const { personId: person, email } = sessionOf(raw);
    return limits.secondFactor({ person, email, mark: readBrowserCookie(platform.config, raw) });
  };

  http.route(contract.beginTotp, ({ raw }) => beginTotp(access, sessionOf(raw)));

  http.route(contract.confirmTotp, async ({ body, raw, reply }) => {
    const attempt = await countCode(raw);
    const { recoveryCodes, opened } = await confirmTotp(access, sessionOf(raw), body.code);
    await attempt.giveBack();
    await giveSession(access, reply, opened);
    return { recoveryCodes };
  });

  http.route(contract.removeTotp, async ({ raw }) => {
    await removeTotp(access, sessionOf(raw));
    return null;
  });

  http.route(contract.renewRecoveryCodes, async ({ raw }) => ({
    recoveryCodes: await renewRecoveryCodes(access, sessionOf(raw)),
  }));
}

function serveSessions(http: HttpServer, access: Access): void {
  const { platform } = access;

  http.route(contract.listOwnSessions, async ({ raw }) => {
    const session = sessionOf(raw);
    const found = await platform.db.globalTransaction((tx) => selectSessionsOf(tx, session.personId));
    return {
      items: found.map(({ tokenHash, methods, ...listed }) => ({
        ...listed,
        methods: [...methods],
        createdAt: listed.createdAt.toISOString(),
        seenAt: listed.seenAt.toISOString(),
        expiresAt: listed.expiresAt.toISOString(),
        isThis: tokenHash.equals(session.tokenHash),
      })),
    };
  });

  http.route(contract.endOwnSession, async ({ params, raw, reply }) => {
    const session = sessionOf(raw);
    await endOwnSession(access, session, params.session);
    if (params.session === session.id) clearSessionCookie(platform.config, reply);
    return null;
  });

  http.route(contract.endOtherSessions, async ({ raw }) => ({
    ended: await endOtherSessions(access, sessionOf(raw)),
  }));
}
