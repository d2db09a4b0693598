import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.ts';
import { browserCookie, browserSeconds } from './rate-limit.ts';
import { cookieAttributes, isSecure } from './session-cookie.ts';

/** The mark of a browser in which somebody signed in before; it opens nothing, it only counts attempts apart. */
export function readBrowserCookie(config: Config, request: FastifyRequest): string | undefined {
  return request.cookies[nameOf(config)];
}

/** It outlives the session, since it is what tells the rightful person from who guesses. */
export function writeBrowserCookie(config: Config, reply: FastifyReply, mark: string): void {
  reply.setCookie(nameOf(config), mark, { ...cookieAttributes(config), maxAge: browserSeconds });
}

function nameOf(config: Config): string {
  return isSecure(config) ? `__Host-${browserCookie}` : browserCookie;
}
