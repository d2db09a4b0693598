import { isIPv4, isIPv6 } from 'node:net';

/** How the mail server is spoken to. */
export interface SmtpRoute {
  readonly host: string;
  readonly port: number;
  /**
   * `implicit`: TLS from the first byte (smtps). `required`: STARTTLS, and nothing is said when it is not to be had.
   * `none`: plain, only to this machine itself.
   */
  readonly tls: 'implicit' | 'required' | 'none';
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

/**
 * The route of `KEPT_SMTP_URL`. Mail holds names and addresses, so beyond this machine it travels encrypted or not at
 * all (GDPR Art. 32, LGPD Art. 46); which certificate counts is decided by the certificate authorities of Node.
 * @param url `smtp://` or `smtps://`, checked by the configuration
 */
export function smtpRouteOf(url: string): SmtpRoute {
  const address = new URL(url);
  const implicit = address.protocol === 'smtps:';
  const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
  const user = decodeURIComponent(address.username);
  return {
    host,
    port: address.port === '' ? (implicit ? 465 : 587) : Number(address.port),
    tls: implicit ? 'implicit' : isLoopback(host) ? 'none' : 'required',
    credentials: user === '' ? null : { user, password: decodeURIComponent(address.password) },
  };
}

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  if (isIPv6(host)) return host === '::1';
  return host.toLowerCase() === 'localhost';
}
