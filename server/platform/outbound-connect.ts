import { Resolver } from 'node:dns/promises';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buildConnector } from 'undici';
import { problems } from './contract.ts';
import { type Failure, failuresOf } from './failure.ts';
import { isPrivateName, isPublic, plainAddress } from './public-address.ts';

export const outboundProblems = problems({
  'outbound-refused': { status: 422, title: 'This address may not be called' },
  'outbound-failed': { status: 502, title: 'The other side could not be reached' },
  'outbound-timed-out': { status: 504, title: 'The other side did not answer in time' },
  'outbound-too-large': { status: 502, title: 'The other side answered too much' },
});
const fail = failuresOf(outboundProblems);

/**
 * Whom an address may lead to. `guarded`: the public internet. `allowed`: also private addresses, since the operator
 * named the host, but never Kept itself or its database. `operator`: anything, since it stands in the configuration.
 */
export type Trust = 'guarded' | 'allowed' | 'operator';

/** Where something listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** @returns every address of a host. @throws what the resolver throws */
export type Lookup = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** What addresses are judged by. */
export interface Guard {
  /** Name servers for public names, `192.0.2.53` or `192.0.2.53:5353`; those of the system when empty. */
  readonly nameServers: readonly string[];
  /** How names are resolved that the operator trusts: as their own programs would, with the hosts file. */
  readonly lookup: Lookup;
  /** As they are at the moment of a call. */
  readonly ownPlaces: () => readonly Place[];
}

/** Where a connection to a place ends; the network decides that, so only a test has one that is not `straight`. */
type Route = (place: Place) => Place;
const straight: Route = (place) => place;

/** For name, connection and TLS together. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens connections for the agent of one trust. Name resolution and judgement are one step and the connection goes to
 * an address that was judged, so that a name which answers differently the next time gains nothing; which address it
 * really reached is looked at once more before the first octet is sent.
 */
export function connectorFor(trust: Trust, guard: Guard, route: Route = straight): buildConnector.connector {
  // HTTP/2 would have bounds of its own to prove.
  const secure = buildConnector({ timeout: CONNECT_TIMEOUT_MS, allowH2: false });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
    reach(host, port, trust, guard, route).then(
      (socket) => {
        if (options.protocol === 'https:') secure({ ...options, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/**
 * The addresses of a host, each of them judged.
 * @param port it is to be called on
 * @throws Failure `outbound-refused`, also where only one of several is not public; `outbound-failed` without any
 */
export async function judgedAddresses(host: string, port: number, trust: Trust, guard: Guard): Promise<Address[]> {
  const addresses = await addressesOf(host, trust, guard);
  for (const { address } of addresses) await judge(host, address, port, trust, guard);
  return addresses;
}

async function judge(host: string, address: string, port: number, trust: Trust, guard: Guard): Promise<void> {
  if (trust === 'operator') return;
  if (trust === 'guarded' && !isPublic(address)) throw refused(host);
  if (await isOwnPlace(address, port, guard))
    throw fail('outbound-refused', `${host}:${port} is Kept itself, or its database.`);
}

function refused(host: string): Failure {
  return fail(
    'outbound-refused',
    `${host} is not a public address. An operator who wants it called names it in KEPT_OUTBOUND_ALLOW.`,
  );
}

async function addressesOf(host: string, trust: Trust, guard: Guard): Promise<Address[]> {
  const bare = host.replace(/%.*$/, '');
  if (isIP(bare) !== 0) return [{ address: host, family: isIP(bare) === 6 ? 6 : 4 }];
  if (trust === 'guarded') {
    if (isPrivateName(host)) throw refused(host);
    return publicAddressesOf(host, guard.nameServers);
  }
  try {
    return (await guard.lookup(host)).map(asAddress);
  } catch (cause) {
    throw fail('outbound-failed', `${host} has no address.`, { cause });
  }
}

function asAddress({ address, family }: { address: string; family: number }): Address {
  return { address, family: family === 6 ? 6 : 4 };
}

/**
 * Asks the name servers themselves and not the system: that has four threads for it, which a few names with servers
 * that never answer would occupy, and with them whatever else needs a thread. A resolver for each question, so that
 * none is answered from memory.
 */
async function publicAddressesOf(host: string, servers: readonly string[]): Promise<Address[]> {
  const resolver = openResolver(servers, { timeout: 1_500, tries: 2 });
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found: Address[] = [
    ...(four.status === 'fulfilled' ? four.value : []).map((address): Address => ({ address, family: 4 })),
    ...(six.status === 'fulfilled' ? six.value : []).map((address): Address => ({ address, family: 6 })),
  ];
  if (found.length > 0) return found;
  throw fail('outbound-failed', `${host} has no address.`, {
    cause: four.status === 'rejected' ? four.reason : undefined,
  });
}

/** @param servers those of the system when empty */
export function openResolver(servers: readonly string[], options: { timeout: number; tries: number }): Resolver {
  const resolver = new Resolver(options);
  if (servers.length > 0) resolver.setServers([...servers]);
  return resolver;
}

/** Whether a connection would end at Kept or its database, whatever the host is called. */
async function isOwnPlace(address: string, port: number, guard: Guard): Promise<boolean> {
  const places = guard.ownPlaces().filter((place) => place.port === port);
  if (places.length === 0) return false;
  const target = plainAddress(address);
  if (isOfThisMachine(target)) return true;
  for (const { host } of places) {
    const own = isIP(host) !== 0 ? [host] : await guard.lookup(host).then(textsOf, () => []);
    if (own.some((candidate) => plainAddress(candidate) === target)) return true;
  }
  return false;
}

function textsOf(found: readonly { address: string }[]): string[] {
  return found.map(({ address }) => address);
}

function isOfThisMachine(address: string): boolean {
  if (/^(127\.|0\.)/.test(address) || address === '::1' || address === '::') return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((own) => plainAddress(own.address) === address));
}

/** A connected socket, whose other end was judged before and after. */
async function reach(host: string, port: number, trust: Trust, guard: Guard, route: Route): Promise<Socket> {
  const started = performance.now();
  const addresses = await judgedAddresses(host, port, trust, guard);
  const socket = await connected(route({ host, port }), addresses, CONNECT_TIMEOUT_MS - (performance.now() - started));
  try {
    await judge(host, socket.remoteAddress ?? '', port, trust, guard);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

function connected({ host, port }: Place, addresses: readonly Address[], timeoutMs: number): Promise<Socket> {
  const lookUp: LookupFunction = (_name, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: lookUp, noDelay: true, keepAlive: true });
    const late = () =>
      socket.destroy(fail('outbound-timed-out', `${host}:${port} took no connection within ${CONNECT_TIMEOUT_MS} ms.`));
    const timer = setTimeout(late, Math.max(timeoutMs, 1));
    socket.once('error', reject);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      // Until the agent takes it over, a connection that breaks must not end the process.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('close', () => clearTimeout(timer));
  });
}
