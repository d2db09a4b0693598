import { z } from 'zod';
import { endpoint, instantSchema } from '../platform/contract.ts';

/** Where the key is that wraps the keys which secrets are sealed with. */
const keeperSchema = z.enum(['file', 'environment', 'aws-kms', 'gcp-kms', 'vault-transit']);

export const describeSealing = endpoint({
  method: 'GET',
  path: '/v1/access/sealing',
  summary: 'Which keys the secrets of this server are sealed with, and how many are sealed with which (local key only)',
  permission: 'access:operate',
  answer: z.object({
    /** The sealing key that the configuration names; its name says which it is, and nothing of it. */
    key: z.object({ keeper: keeperSchema, name: z.string() }),
    dataKeys: z.array(
      z.object({
        id: z.uuid(),
        /** `seal`: values are sealed with it. `derive`: other keys come from it. */
        use: z.enum(['seal', 'derive']),
        createdAt: instantSchema,
        wrappedAt: instantSchema,
        /** Name of the sealing key that opens it, and its version where its keeper tells. */
        wrappedBy: z.string(),
        wrappedVersion: z.string().nullable(),
        /** Whether it is what values are sealed with now. */
        current: z.boolean(),
      }),
    ),
    places: z.array(
      z.object({
        /** `schema.table.column` */
        place: z.string(),
        values: z.int(),
        /** Sealed with an earlier data key; those of secrets are sealed anew within the hour. */
        earlier: z.int(),
        /** Not sealed at all, or with a key that is not there. */
        broken: z.int(),
      }),
    ),
  }),
  problems: ['sealing-key-unusable'],
});

export const rotateSealing = endpoint({
  method: 'POST',
  path: '/v1/access/sealing/rotations',
  summary: 'Wraps every data key anew, so that an earlier sealing key opens nothing any more (local key only)',
  permission: 'access:operate',
  body: z.object({
    /** Whether the new sealing key stands in the configuration or its file already; else a file gets a new one. */
    prepared: z.boolean().default(false),
  }),
  answer: z.object({
    /** Data keys that were wrapped anew. */
    dataKeys: z.int(),
    key: z.object({ keeper: keeperSchema, name: z.string() }),
  }),
  problems: ['sealing-key-unusable', 'sealing-key-unavailable', 'rotation-under-way'],
});
