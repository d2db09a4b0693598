import { queryOptions, useQuery } from '@tanstack/react-query';
import { endSession, getSession } from '../../server/access/contract.ts';
import type { Permission } from '../../server/platform/contract.ts';
import { call } from '../api.ts';

/** Who reads; asked once per visit and after signing out. */
export const sessionQuery = queryOptions({
  queryKey: ['access', 'session'],
  queryFn: ({ signal }) => call(getSession, { signal }),
  staleTime: 300_000,
  retry: false,
});

/** Ends the session on the server; the next question about it answers 401. */
export async function signOut(): Promise<void> {
  await call(endSession);
}

/** Whether the reader may do this; acts they may not do are not offered, and the server refuses them anyway. */
export function useMay(permission: Permission): boolean {
  return useQuery(sessionQuery).data?.permissions.includes(permission) ?? false;
}
