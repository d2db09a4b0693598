import type { FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.ts';

/** Where browsers reach this server: what its operator says, else where this request arrived. Without a slash at the end. */
export function publicAddress(config: Config, request: FastifyRequest): string {
  return config.publicUrl ?? `${request.protocol}://${request.host}`;
}
