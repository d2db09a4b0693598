import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { endSession, getSession, type Session } from '../../server/access/contract.ts';
import type { Permission } from '../../server/platform/contract.ts';
import { call } from '../api.ts';

/** Who reads; asked once per visit and after signing out. */
export const sessionQuery = queryOptions({
  queryKey: ['access', 'session'],
  queryFn: ({ signal }) => call(getSession, { signal }),
  staleTime: 300_000,
  // Recovery codes are shown once: coming back from another window must not exchange the page they stand on.
  refetchOnWindowFocus: false,
  retry: false,
});

/** What a link is for; it stays on screen until the page that used it up goes on. */
export const linkKey = ['access', 'link'] as const;

const keptKeys = [sessionQuery.queryKey, linkKey];

function isWithin(queryKey: readonly unknown[], key: readonly string[]): boolean {
  return key.every((part, position) => queryKey[position] === part);
}

/** Ends the session on the server; the next question about it answers 401. */
export async function signOut(): Promise<void> {
  await call(endSession);
}

/** Goes on with a session that signed in, showed more or turned to another organisation: what was read before is gone. */
export function useEnter(): (session: Session) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      void client.resetQueries({ predicate: ({ queryKey }) => !keptKeys.some((key) => isWithin(queryKey, key)) });
    },
    [client],
  );
}

/** Whether the reader may do this; acts they may not do are not offered, and the server refuses them anyway. */
export function useMay(permission: Permission): boolean {
  return useQuery(sessionQuery).data?.permissions.includes(permission) ?? false;
}
