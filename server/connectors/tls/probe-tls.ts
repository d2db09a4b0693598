import { isIP } from 'node:net';
import { connect, type SecureVersion } from 'node:tls';
import { SystemUnreachable } from '../connector.ts';

export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof tlsVersions)[number];

const TIMEOUT_MS = 8_000;

/**
 * Which versions of TLS an address accepts, each tried by itself. Whether the certificate is valid is not asked: this
 * is about what crosses the network, and browsers refuse the rest by themselves.
 * @throws SystemUnreachable where nobody answers
 */
export async function probeTls(place: { readonly host: string; readonly port: number }): Promise<TlsVersion[]> {
  const accepted: TlsVersion[] = [];
  for (const version of tlsVersions) if (await accepts(place, version)) accepted.push(version);
  return accepted;
}

function accepts({ host, port }: { host: string; port: number }, version: SecureVersion): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect({
    host,
    port,
    minVersion: version,
    maxVersion: version,
    // Without this our own side would refuse what it is to find out about.
    ciphers: 'ALL:@SECLEVEL=0',
    rejectUnauthorized: false,
    timeout: TIMEOUT_MS,
    ...(isIP(host) === 0 && { servername: host }),
  });
  let connected = false;
  const end = (answer: boolean) => {
    socket.destroy();
    resolve(answer);
  };
  socket.once('connect', () => {
    connected = true;
  });
  socket.once('secureConnect', () => end(true));
  socket.once('timeout', () => {
    socket.destroy();
    reject(unreachable(host, port, 'no answer'));
  });
  socket.once('close', () => resolve(false));
  socket.once('error', (error) => {
    // A handshake that fails is an answer; a connection that cannot be had is none.
    if (connected) end(false);
    else reject(unreachable(host, port, 'code' in error ? String(error.code) : error.message));
  });
  return promise;
}

function unreachable(host: string, port: number, why: string): SystemUnreachable {
  return new SystemUnreachable(
    `${host}:${port} cannot be reached (${why}).`,
    'Check KEPT_PUBLIC_URL and the proxy in front of Kept.',
    undefined,
  );
}
