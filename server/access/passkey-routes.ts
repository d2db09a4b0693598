import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer } from '../platform/http.ts';
import { findOwnSession, sessionOf } from './authorise.ts';
import type { Session as SessionAnswer } from './contract.ts';
import * as contract from './contract.ts';
import type { Access } from './open-access.ts';
import type { OpenedSession } from './open-session.ts';
import * as ownContract from './own-contract.ts';
import type { Challenge } from './passkey-challenge.ts';
import { beginPasskeyRegistration, registerPasskey } from './register-passkey.ts';
import { relyingPartyOf } from './relying-party.ts';
import { removePasskey } from './remove-passkey.ts';
import { cookieAttributes, isSecure } from './session-cookie.ts';
import { beginPasskey, signInWithPasskey } from './sign-in-with-passkey.ts';

/** Gives the browser its session and answers with what it says; `answerSession` of routes.ts. */
export type AnswerSession = (access: Access, reply: FastifyReply, opened: OpenedSession) => Promise<SessionAnswer>;

/** Passkeys: registering and removing them, and signing in with them. */
export function registerPasskeyRoutes(http: HttpServer, access: Access, answerSession: AnswerSession): void {
  const { config } = access.platform;

  http.route(contract.beginPasskey, async ({ raw, reply }) => {
    await access.limits.call(null, raw.ip);
    const session = await findOwnSession(access, raw);
    return ask(access, reply, await beginPasskey(access, session, relyingPartyOf(config, raw)));
  });

  http.route(contract.signInWithPasskey, async ({ body, raw, reply }) => {
    await access.limits.call(null, raw.ip);
    const session = await findOwnSession(access, raw);
    const given = { token: takeToken(access, raw, reply), response: body.response };
    const opened = await signInWithPasskey(access, session, relyingPartyOf(config, raw), given);
    return answerSession(access, reply, opened);
  });

  http.route(ownContract.beginPasskeyRegistration, async ({ raw, reply }) =>
    ask(access, reply, await beginPasskeyRegistration(access, sessionOf(raw), relyingPartyOf(config, raw))),
  );

  http.route(ownContract.registerPasskey, async ({ body, raw, reply }) => {
    const given = { token: takeToken(access, raw, reply), name: body.name, response: body.response };
    const made = await registerPasskey(access, sessionOf(raw), relyingPartyOf(config, raw), given);
    await answerSession(access, reply, made.opened);
    return { recoveryCodes: made.recoveryCodes };
  });

  http.route(ownContract.removePasskey, async ({ params, raw }) => {
    await removePasskey(access, sessionOf(raw), params.passkey);
    return null;
  });
}

const CHALLENGE_COOKIE = 'kept_challenge';

function challengeCookie(access: Access): string {
  return isSecure(access.platform.config) ? `__Host-${CHALLENGE_COOKIE}` : CHALLENGE_COOKIE;
}

/** Ties the challenge to the browser that was asked. */
function ask(access: Access, reply: FastifyReply, { options, token, expiresAt }: Challenge): Challenge['options'] {
  const attributes = cookieAttributes(access.platform.config);
  reply.setCookie(challengeCookie(access), token, { ...attributes, sameSite: 'strict', expires: expiresAt });
  return options;
}

function takeToken(access: Access, request: FastifyRequest, reply: FastifyReply): string | undefined {
  reply.clearCookie(challengeCookie(access), cookieAttributes(access.platform.config));
  return request.cookies[challengeCookie(access)];
}
