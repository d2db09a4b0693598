import { countSecondFactors } from '../access/count-own.ts';
import type { Limits } from '../access/limit-attempts.ts';
import { probeTls } from '../connectors/tls/probe-tls.ts';
import type { Platform } from '../platform/platform.ts';
import type { Measurement, PlaceMeasure, Reason, Status } from '../policy/contract.ts';
import { cutoffFor, parsePeriod } from '../policy/period.ts';
import { reason } from '../policy/reasons.ts';
import type { ProtectRule } from '../policy/rule.ts';
import { findExcessRights } from './store.ts';
import { countRefusals } from './try-limits.ts';

export type Proved = Omit<Measurement, 'measuredAt'>;

/** Whoever has a privileged role has a second factor; for the first days after joining its lack is due, not broken. */
export async function proveSecondFactor(platform: Platform, rule: ProtectRule, at: Date): Promise<Proved> {
  const before = cutoffFor(at, parsePeriod(rule.within), 'UTC', 'last-day');
  const { examined, late, lacking } = await countSecondFactors(platform, before);
  const place = placeOf('memberships', examined, { due: lacking, broken: late });
  const failing = late + lacking;
  if (failing > 0) return proved(place, reason('factor-missing', { failing, examined }));
  return proved(place, examined === 0 ? reason('nothing-there') : null);
}

/** What the application could do in its own database, and must not. */
export async function proveLeastPrivilege(platform: Platform): Promise<Proved> {
  const found = await platform.db.globalTransaction(findExcessRights);
  const place = placeOf('database', found.length, { due: 0, broken: found.length });
  return proved(place, found.length === 0 ? null : reason('privilege-found', { what: found.slice(0, 5).join(', ') }));
}

/** Asks the limits themselves, for an address and an account that nobody has. */
export async function proveSignInLimits(limits: Limits): Promise<Proved> {
  const { attempts, refused } = await countRefusals(limits);
  const place = placeOf('attempts', attempts, { due: 0, broken: refused > 0 ? 0 : attempts });
  return proved(place, refused > 0 ? null : reason('limit-absent', { attempts }));
}

/** How Kept is reached: over TLS 1.2 or later, or from this machine only. */
export async function proveEncryptedInTransit(platform: Platform): Promise<Proved> {
  const { publicUrl, host } = platform.config;
  if (publicUrl === undefined) {
    if (isLoopback(host)) return ageless('kept', reason('this-machine-only', { host }));
    return ageless('unproven', reason('no-public-address', { host }));
  }
  const address = new URL(publicUrl);
  const name = address.hostname.replace(/^\[|\]$/g, '');
  if (address.protocol === 'http:') {
    if (isLoopback(name)) return ageless('kept', reason('this-machine-only', { host: name }));
    return ageless('broken', reason('plain-http', { host: name }));
  }
  const versions = await probeTls({ host: name, port: address.port === '' ? 443 : Number(address.port) });
  const old = versions.filter((version) => version === 'TLSv1' || version === 'TLSv1.1');
  if (old.length > 0) return ageless('broken', reason('old-tls', { host: name, versions: old.join(', ') }));
  if (versions.length === 0) return ageless('broken', reason('no-tls', { host: name }));
  return ageless('kept', null);
}

/** Whether a host is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** One place of Kept's own, as a measurement shows it. */
export function placeOf(
  dataset: string,
  rows: number,
  found: { readonly due: number; readonly broken: number },
): PlaceMeasure {
  return { dataset, system: 'kept', rows, ...found, held: 0, excepted: 0, oldestAt: null };
}

/** A measurement of one place, by what was found there. */
export function proved(place: PlaceMeasure, why: Reason | null): Proved {
  const status = place.broken > 0 ? 'broken' : place.due > 0 ? 'due' : 'kept';
  return { ...ageless(status, why), places: [place] };
}

/** What is about no data, and so has no age. */
export function ageless(status: Status, why: Reason | null): Proved {
  return {
    status,
    reason: why,
    oldestAt: null,
    ageSeconds: null,
    limitSeconds: null,
    toleranceSeconds: null,
    places: [],
  };
}
