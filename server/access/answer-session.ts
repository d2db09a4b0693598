import type { FastifyReply } from 'fastify';
import { writeBrowserCookie } from './browser-mark.ts';
import type { Session } from './contract.ts';
import { describeSession } from './describe-session.ts';
import type { Access } from './open-access.ts';
import type { OpenedSession } from './open-session.ts';
import { writeSessionCookie } from './session-cookie.ts';

/** Gives the browser the token of its session, and where the sign-in is complete the mark of a known browser. */
export function giveSession(access: Access, reply: FastifyReply, opened: OpenedSession): void {
  const { config, clock } = access.platform;
  writeSessionCookie(config, reply, opened);
  // So that attacks from elsewhere do not keep its person out.
  if (opened.session.owes === null)
    writeBrowserCookie(config, reply, access.limits.markBrowser(opened.session.email, clock.now()));
}

/** The same, and answers with what the session says. */
export async function answerSession(access: Access, reply: FastifyReply, opened: OpenedSession): Promise<Session> {
  giveSession(access, reply, opened);
  return describeSession(access, opened.session);
}
