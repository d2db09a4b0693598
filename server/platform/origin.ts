import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP } from 'node:net';
import { countryOf } from './country.ts';
import { describeDevice } from './device.ts';

/** Who asks, and from where: what stands beside the entries that a request causes. Personal data. */
export interface Origin {
  /** Null while nobody is known. */
  personId: string | null;
  /** `local` for the key of the server's own machine. */
  keyId: string | null;
  sessionId: string | null;
  /** Network address, IPv4 or IPv6, as the declared proxies report it. */
  readonly address: string;
  /** Such as `Firefox on Linux`. */
  readonly device: string;
  /** ISO 3166-1 alpha-2; null where the address tells none. */
  readonly country: string | null;
  /** `GET /v1/policy/promises/:promise`: never with what stood in the place of parameters. */
  readonly route: string;
}

const storage = new AsyncLocalStorage<Origin | null>();

/** Makes an origin of what a request tells. */
export function newOrigin(request: {
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly route: string;
}): Origin {
  const address = plainAddress(request.address);
  return {
    personId: null,
    keyId: null,
    sessionId: null,
    address,
    // Worked out where somebody writes them down, which most requests do not cause.
    get device() {
      return describeDevice(request.userAgent);
    },
    get country() {
      return countryOf(address);
    },
    route: request.route,
  };
}

/** Everything that `work` causes, also later, has this origin. */
export function runWithOrigin<T>(origin: Origin, work: () => T): T {
  return storage.run(origin, work);
}

/** For what a request merely set going and does not cause: background tasks. */
export function runWithoutOrigin<T>(work: () => T): T {
  return storage.run(null, work);
}

/** Where the request under way comes from; undefined outside of requests. */
export function currentOrigin(): Origin | undefined {
  return storage.getStore() ?? undefined;
}

/** Notes who asks, once that is known; nothing outside of requests. Sign-in calls it as soon as it knows the person. */
export function identifyOrigin(who: {
  readonly personId?: string | null;
  readonly keyId?: string | null;
  readonly sessionId?: string | null;
}): void {
  const origin = storage.getStore();
  if (origin !== undefined && origin !== null) Object.assign(origin, who);
}

/** An address in its one form (RFC 5952): IPv4 within IPv6 as IPv4, without the name of an interface. */
export function plainAddress(text: string): string {
  const bare = text.split('%')[0] ?? text;
  const inner = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  const version = isIP(inner);
  if (version === 6) return new URL(`http://[${inner}]`).hostname.slice(1, -1);
  // Unix sockets have none; the unspecified address stands for it, so that it is nobody's.
  return version === 0 ? '0.0.0.0' : inner;
}
