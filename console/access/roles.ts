import type { Role } from '../../server/access/contract.ts';

/** The roles of members, the one with most rights first. */
export const roles = ['owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor'] as const satisfies readonly Role[];
