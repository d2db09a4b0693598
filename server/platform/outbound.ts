import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent } from 'undici';
import { Failure, failuresOf } from './failure.ts';
import {
  connectorFor,
  type Guard,
  judgedAddresses,
  type Lookup,
  openResolver,
  outboundProblems,
  type Place,
  type Trust,
} from './outbound-connect.ts';
import { exchange, type OutboundAnswer, type OutboundRequest } from './outbound-exchange.ts';

const fail = failuresOf(outboundProblems);

/** The only way out over HTTP, and to what the domain name system says. */
export interface Outbound {
  /**
   * Calls an address of the public internet, or a host the operator allowed. Redirects are answered, not followed.
   * The answer's body has been read within its bounds.
   * @throws Failure `outbound-refused`, `outbound-failed`, `outbound-timed-out` or `outbound-too-large`
   */
  fetch(address: string | URL, request?: OutboundRequest): Promise<OutboundAnswer>;
  /**
   * Judges an address that is to be called later, without calling it. A name that leads nowhere at the moment is
   * admitted: it is judged again at every call.
   * @throws Failure `outbound-refused`
   */
  admit(address: string | URL): Promise<URL>;
  /**
   * For clients that open their own connection (IMAP): an address of the host that may be connected to. Connect to it
   * and not to the name, which could lead elsewhere the next time.
   * @throws Failure `outbound-refused` or `outbound-failed`
   */
  locate(host: string, port: number): Promise<string>;
  /**
   * The text records of a name, each as one string; none where the name or its records do not exist.
   * @throws Failure `outbound-failed` when no name server answers
   */
  resolveTxt(name: string): Promise<readonly string[]>;
  /** From now on this place is Kept's own, and is not called though its host is allowed. */
  occupy(place: Place): void;
  /** Waits for the calls under way, then lets go of every connection. */
  close(): Promise<void>;
}

export interface OutboundOptions {
  /** Lower-case host names that may be private. */
  readonly allow: readonly string[];
  /** Name servers for public names, `192.0.2.53` or `192.0.2.53:5353`; those of the system when empty or absent. */
  readonly nameServers?: readonly string[];
  /** How names are resolved that the operator trusts; the system's way when absent. */
  readonly lookup?: Lookup;
  /** Where Kept's own database is; not called whatever host is allowed. */
  readonly databaseUrl?: string;
}

/** Opens the guarded way out. Proxies that the environment names are not for it: they would resolve names themselves. */
export function openOutbound(options: OutboundOptions): Outbound {
  const ownPlaces: Place[] = placesOf(options.databaseUrl);
  const guard: Guard = {
    nameServers: options.nameServers ?? [],
    lookup: options.lookup ?? ((host) => systemLookup(host, { all: true })),
    ownPlaces: () => ownPlaces,
  };
  const agentFor = (trust: Trust) =>
    new Agent({ connect: connectorFor(trust, guard), allowH2: false, maxHeaderSize: 16_384, pipelining: 1 });
  // Apart, so that a connection which was opened for a trusted caller serves no other.
  const agents = { guarded: agentFor('guarded'), allowed: agentFor('allowed'), operator: agentFor('operator') };
  const underWay = new Set<Promise<unknown>>();
  const trustIn = (host: string): Trust =>
    options.allow.includes(host) || options.allow.includes(bare(host)) ? 'allowed' : 'guarded';
  return {
    async fetch(address, request = {}) {
      const url = checkedUrl(address);
      const trust = request.operator === true ? 'operator' : trustIn(url.hostname);
      const call = exchange(url, request, agents[trust]);
      underWay.add(call);
      try {
        return await call;
      } finally {
        underWay.delete(call);
      }
    },
    async admit(address) {
      const url = checkedUrl(address);
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
      try {
        await judgedAddresses(bare(url.hostname), port, trustIn(url.hostname), guard);
      } catch (error) {
        if (!(error instanceof Failure) || error.code === 'outbound-refused') throw error;
      }
      return url;
    },
    async locate(host, port) {
      const name = hostOf(host);
      const [first] = await judgedAddresses(bare(name), port, trustIn(name), guard);
      if (first === undefined) throw fail('outbound-failed', `${name} has no address.`);
      return first.address;
    },
    resolveTxt: (name) => resolveTxt(name, guard.nameServers),
    occupy: (place) => void ownPlaces.push(place),
    async close() {
      // Each call ends in its time. A connection that nobody waits for any more need not.
      await Promise.allSettled(underWay);
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
    },
  };
}

/** Where a database is listening; one that is reached over a socket in the file system is nowhere. */
function placesOf(databaseUrl: string | undefined): Place[] {
  if (databaseUrl === undefined) return [];
  const url = new URL(databaseUrl);
  const host = url.searchParams.get('host') ?? bare(decodeURIComponent(url.hostname));
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432));
  return host === '' || host.startsWith('/') ? [] : [{ host, port }];
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** A host as the parser of addresses reads it, so that 2130706433 and ①②⑦.1 are the same here as there. */
function hostOf(host: string): string {
  const written = isIP(bare(host)) === 6 ? `http://[${bare(host)}]/` : `http://${host}/`;
  if (/[/?#@\\:\s]/.test(host) && isIP(bare(host)) !== 6)
    throw fail('outbound-refused', 'This is not the name of a host.');
  if (!URL.canParse(written)) throw fail('outbound-refused', 'This is not the name of a host.');
  return new URL(written).hostname;
}

function checkedUrl(address: string | URL): URL {
  if (!URL.canParse(String(address))) throw fail('outbound-refused', 'The address is no URL.');
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw fail('outbound-refused', `Only http and https may be called, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw fail('outbound-refused', 'An address with a user name or password in it is not called.');
  return url;
}

/** A resolver of its own for each question, so that none is answered from memory. */
async function resolveTxt(name: string, servers: readonly string[]): Promise<readonly string[]> {
  const resolver = openResolver(servers, { timeout: 3_000, tries: 2 });
  try {
    const records = await resolver.resolveTxt(name);
    return records.map((parts) => parts.join(''));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw fail('outbound-failed', `No name server answered for ${name}.`, { cause });
  }
}
