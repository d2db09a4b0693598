import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Platform } from '../platform/platform.ts';
import { findSession } from './find-session.ts';
import { clearSessionCookie, readSessionCookie } from './session-cookie.ts';
import { wasRotated } from './session-store.ts';
import { hashToken } from './token.ts';

/**
 * Has the browser forget the cookie of a session that is no more, or never was. One whose session has another token
 * since stays: the request was on its way while another answer brought the new cookie, which has the same name.
 */
export async function clearStrayCookie(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const token = readSessionCookie(platform.config, request);
  if (token === undefined || (await findSession(platform, token)) !== undefined) return;
  if (await platform.db.globalTransaction((tx) => wasRotated(tx, hashToken(token)))) return;
  clearSessionCookie(platform.config, reply);
}
