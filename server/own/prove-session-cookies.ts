import { randomBytes } from 'node:crypto';
import type { Access } from '../access/open-access.ts';
import { cookieName } from '../access/session-cookie.ts';
import type { Platform } from '../platform/platform.ts';
import { reason } from '../policy/reasons.ts';
import { ageless, isLoopback, type Proved } from './prove-server.ts';

/**
 * Asks the server as a browser would, through whatever stands before it, with a cookie of no session. It is answered
 * with the order to forget that cookie, which has the name and the attributes of a real one and gives nobody a session.
 * @throws Failure of `platform/outbound` where the server cannot be reached
 */
export async function proveSessionCookies(platform: Platform, listening: Access['listening']): Promise<Proved> {
  const { config, outbound } = platform;
  const address = new URL('/v1/access/session', config.publicUrl ?? listening.at);
  const host = config.publicUrl === undefined ? config.host : address.hostname.replace(/^\[|\]$/g, '');
  const name = cookieName(config);
  const answer = await outbound.fetch(address, {
    operator: true,
    headers: { cookie: `${name}=${randomBytes(32).toString('base64url')}` },
  });
  const cookies = answer.headers.getSetCookie().filter((line) => line.startsWith(`${name}=`));
  if (answer.status !== 401 || cookies.length === 0)
    return ageless('unproven', reason('cookie-not-seen', { host, status: answer.status }));
  const isNear = address.protocol === 'http:' && isLoopback(host);
  const lacking = new Set(cookies.flatMap((line) => lackingIn(line, isNear)));
  if (lacking.size > 0)
    return ageless('broken', reason('cookie-unprotected', { host, lacking: [...lacking].join(', ') }));
  return ageless('kept', isNear ? reason('this-machine-only', { host }) : null);
}

/**
 * What a `Set-Cookie` lacks (RFC 6265bis, 4.1.2 and 4.1.3).
 * @param isNear whether nothing crosses a network, so that there is nobody to hide it from
 */
function lackingIn(line: string, isNear: boolean): string[] {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const attributes = new Map(
    rest.map((part) => {
      const [key = '', value = ''] = part.split('=');
      return [key.toLowerCase(), value];
    }),
  );
  const isHosted = pair.startsWith('__Host-') && !attributes.has('domain');
  const demands: readonly [what: string, isThere: boolean][] = [
    ['HttpOnly', attributes.has('httponly')],
    ['SameSite', /^(lax|strict)$/i.test(attributes.get('samesite') ?? '')],
    ['Path=/', attributes.get('path') === '/'],
    ['Secure', isNear || attributes.has('secure')],
    ['__Host-', isNear || isHosted],
  ];
  return demands.filter(([, isThere]) => !isThere).map(([what]) => what);
}
