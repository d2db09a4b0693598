import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.ts';
import { sessionCookie } from './contract.ts';

/** Whether browsers reach this server over HTTPS: then the cookie never travels otherwise. */
export function isSecure(config: Config): boolean {
  return config.publicUrl?.startsWith('https:') ?? false;
}

/** Over HTTPS the prefix has browsers refuse a cookie of that name that a neighbouring host or plain HTTP sets. */
export function cookieName(config: Config): string {
  return isSecure(config) ? `__Host-${sessionCookie}` : sessionCookie;
}

/** Token of the session that a request carries. */
export function readSessionCookie(config: Config, request: FastifyRequest): string | undefined {
  return request.cookies[cookieName(config)];
}

/** Gives the browser its token: out of reach of scripts, and not sent with what other sites cause. */
export function writeSessionCookie(
  config: Config,
  reply: FastifyReply,
  session: { readonly token: string; readonly expiresAt: Date },
): void {
  reply.setCookie(cookieName(config), session.token, { ...cookieAttributes(config), expires: session.expiresAt });
}

export function clearSessionCookie(config: Config, reply: FastifyReply): void {
  reply.clearCookie(cookieName(config), cookieAttributes(config));
}

/** What every cookie of Kept has. */
export function cookieAttributes(config: Config) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(config) } as const;
}
