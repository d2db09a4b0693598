import type { FastifyReply } from 'fastify';
import { writeBrowserCookie } from './browser-mark.ts';
import type { Session } from './contract.ts';
import { describeSession } from './describe-session.ts';
import type { Access } from './open-access.ts';
import type { OpenedSession } from './open-session.ts';
import { readSessionCookie, writeSessionCookie } from './session-cookie.ts';
import { deleteSession } from './session-store.ts';
import { hashToken } from './token.ts';

/**
 * Gives the browser the token of its session, and where the sign-in is complete the mark of a known browser. A session
 * that the browser had before and no longer knows of ends: nobody could end it from there.
 */
export async function giveSession(access: Access, reply: FastifyReply, opened: OpenedSession): Promise<void> {
  const { config, clock, db } = access.platform;
  const before = readSessionCookie(config, reply.request);
  if (before !== undefined && before !== opened.token)
    await db.globalTransaction((tx) => deleteSession(tx, hashToken(before)));
  writeSessionCookie(config, reply, opened);
  // So that attacks from elsewhere do not keep its person out.
  if (opened.session.owes === null)
    writeBrowserCookie(config, reply, access.limits.markBrowser(opened.session.email, clock.now()));
}

/** The same, and answers with what the session says. */
export async function answerSession(access: Access, reply: FastifyReply, opened: OpenedSession): Promise<Session> {
  await giveSession(access, reply, opened);
  return describeSession(access, opened.session);
}
