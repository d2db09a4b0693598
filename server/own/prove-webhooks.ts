import { listOrganisations } from '../access/list-organisations.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { reason } from '../policy/reasons.ts';
import { checkSignatures } from '../webhooks/check-signatures.ts';
import { ageless, type Proved, placeOf } from './prove-server.ts';

const WEEK_MS = 7 * 86_400_000;

/** Addresses that nothing may be led to, each in a way that was once forgotten somewhere. */
const privateAddresses = [
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:169.254.169.254]/',
  'http://2852039166/',
  'http://127.0.0.1:9/',
  'http://[::1]:9/',
  'http://10.0.0.1:9/',
];

/**
 * Verifies what left within the last week, in every organisation, and asks the way out for addresses that it must
 * refuse. What an operator named may be called, but for the addresses at which clouds give away their keys.
 */
export async function proveSignedWebhooks(platform: Platform, at: Date): Promise<Proved> {
  const open: string[] = [];
  for (const address of privateAddresses) if (!(await isRefused(platform, address))) open.push(new URL(address).host);
  if (open.length > 0) {
    const place = placeOf('outbound', privateAddresses.length, { due: 0, broken: open.length });
    return { ...ageless('broken', reason('outbound-open', { what: open.join(', ') })), places: [place] };
  }
  let examined = 0;
  let failing = 0;
  let lacking = 0;
  for (const { id } of await listOrganisations(platform)) {
    const found = await checkSignatures(platform, id, new Date(at.getTime() - WEEK_MS));
    examined += found.examined;
    failing += found.unsigned;
    lacking += found.withoutSecret;
  }
  const places = [placeOf('webhooks', examined, { due: 0, broken: failing })];
  if (failing + lacking > 0)
    return { ...ageless('broken', reason('webhook-unsigned', { failing, examined, lacking })), places };
  return { ...ageless('kept', examined === 0 ? reason('nothing-there') : null), places };
}

async function isRefused({ config, outbound }: Platform, address: string): Promise<boolean> {
  const host = new URL(address).hostname;
  const isNamed = config.outboundAllow.includes(host.replace(/^\[|\]$/g, ''));
  if (isNamed && !address.includes('169.254')) return true;
  try {
    await outbound.fetch(address, { timeoutMs: 1_000 });
    return false;
  } catch (error) {
    if (error instanceof Failure) return error.code === 'outbound-refused';
    throw error;
  }
}
