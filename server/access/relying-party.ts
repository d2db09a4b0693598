import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { Config } from '../platform/config.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { publicAddress } from './public-address.ts';

const fail = failuresOf(accessProblems);

/** What passkeys are bound to: the name under which browsers reach this server (WebAuthn Level 3, 5.1.2). */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * @throws Failure `passkey-unavailable` where the server is reached by a bare network address, or under a name that its
 *   operator did not declare
 */
export function relyingPartyOf(config: Config, request: FastifyRequest): RelyingParty {
  const { origin, hostname } = new URL(publicAddress(config, request));
  if (ipaddr.isValid(hostname.replaceAll(/^\[|\]$/g, '')))
    throw fail('passkey-unavailable', 'Passkeys are bound to a name. On this machine use http://localhost instead.');
  // Whoever asks names the host, so without a declared address only this machine's own name counts.
  const isOwn = config.publicUrl !== undefined || hostname === 'localhost' || hostname.endsWith('.localhost');
  if (!isOwn) throw fail('passkey-unavailable', 'The operator has to set KEPT_PUBLIC_URL for passkeys to work.');
  return { id: hostname, origin };
}
