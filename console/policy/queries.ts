import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { getPromise, getVersion, listPromises, listVersions, readPolicy } from '../../server/policy/contract.ts';
import { call } from '../api.ts';

/** The board, looked at again every half minute so that an open page stays true. */
export const boardQuery = queryOptions({
  queryKey: ['policy', 'board'],
  queryFn: ({ signal }) => call(listPromises, { signal }),
  refetchInterval: 30_000,
});

export const documentQuery = queryOptions({
  queryKey: ['policy', 'document'],
  queryFn: ({ signal }) => call(readPolicy, { signal }),
});

/** A promise with its history, 60 proofs at a time, newest first. */
export const promiseQuery = (promise: string) =>
  infiniteQueryOptions({
    queryKey: ['policy', 'promise', promise],
    queryFn: ({ signal, pageParam }) =>
      call(getPromise, {
        params: { promise },
        query: { limit: 60, ...(pageParam === '' ? {} : { after: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.history.next,
  });

export const versionsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['policy', 'versions', after ?? ''],
    queryFn: ({ signal }) =>
      call(listVersions, { query: { limit: 25, ...(after === undefined ? {} : { after }) }, signal }),
  });

export const versionQuery = (hash: string) =>
  queryOptions({
    queryKey: ['policy', 'version', hash],
    queryFn: ({ signal }) => call(getVersion, { params: { hash }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
