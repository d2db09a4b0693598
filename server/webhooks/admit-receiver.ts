import { Failure, failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { subscriptionProblems } from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

/**
 * Refuses what would never be sent to, when somebody asks for it rather than at the first delivery: addresses that are
 * not public, and those without TLS unless the operator named the host. What is admitted is judged again whenever a
 * connection is opened.
 * @throws Failure `address-refused`
 */
export async function admitReceiver(platform: Pick<Platform, 'config' | 'outbound'>, address: string): Promise<void> {
  const url = await platform.outbound.admit(address).catch((error) => {
    if (error instanceof Failure && error.code === 'outbound-refused')
      throw fail('address-refused', error.message, { cause: error });
    throw error;
  });
  if (url.hash !== '') throw fail('address-refused', 'What follows # never reaches a server: leave it out.');
  const isNamed = platform.config.outboundAllow.includes(url.hostname.replace(/^\[|\]$/g, ''));
  if (url.protocol !== 'https:' && !isNamed)
    throw fail('address-refused', 'Deliveries go to https addresses only, or to hosts that the operator allowed.');
}
