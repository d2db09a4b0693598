import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { getThread, listMailboxes, listThreads, type ThreadState } from '../../server/messages/mailbox-contract.ts';
import { call } from '../api.ts';

export interface ThreadFilter {
  readonly state?: ThreadState;
  readonly assignee?: string;
  readonly awaitsReply?: 'true' | 'false';
  readonly search?: string;
}

// Whoever reads mail is recorded, so nothing is looked at again by itself.
export const threadsQuery = (filter: ThreadFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['messages', 'threads', filter, after ?? ''],
    queryFn: ({ signal }) =>
      call(listThreads, { query: { limit: 25, ...(after === undefined ? {} : { after }), ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });

export const threadQuery = (thread: string, after: string | undefined) =>
  queryOptions({
    queryKey: ['messages', 'threads', 'one', thread, after ?? ''],
    queryFn: ({ signal }) =>
      call(getThread, {
        params: { thread },
        query: { limit: 50, ...(after === undefined ? {} : { after }) },
        signal,
      }),
    refetchOnWindowFocus: false,
  });

export const mailboxesQuery = queryOptions({
  queryKey: ['messages', 'mailboxes'],
  queryFn: ({ signal }) => call(listMailboxes, { signal }),
  refetchInterval: 15_000,
});
