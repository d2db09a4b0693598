import type { IdentifiedBy, Scheme } from './endpoints-contract.ts';
import { at, type ReadableWebhook } from './read-webhook.ts';

const LONGEST = 500;

/**
 * The sender's own id of a webhook.
 * @returns null where nothing usable stands there: then the body is its id
 */
export function senderIdOf(
  { scheme, identifiedBy }: { readonly scheme: Scheme; readonly identifiedBy: IdentifiedBy },
  { headers, value }: ReadableWebhook,
): string | null {
  const place = identifiedBy.by === 'scheme' ? offeredBy(scheme) : identifiedBy;
  if (place.by === 'body') return null;
  return asId(place.by === 'header' ? headers.get(place.header) : at(value, place.pointer));
}

/** What is under the signature: whoever sends something again cannot give it another id. */
function offeredBy(scheme: Scheme): Exclude<IdentifiedBy, { readonly by: 'scheme' }> {
  if (scheme.kind === 'standard-webhooks') return { by: 'header', header: 'webhook-id' };
  return scheme.kind === 'stripe' ? { by: 'pointer', pointer: '/id' } : { by: 'body' };
}

function asId(found: unknown): string | null {
  const text = typeof found === 'number' && Number.isSafeInteger(found) ? String(found) : found;
  if (typeof text !== 'string' || text === '' || text.length > LONGEST) return null;
  return text.isWellFormed() && !text.includes('\u0000') ? text : null;
}
