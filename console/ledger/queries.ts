import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  getEntry,
  getLedgerKey,
  getLedgerStatus,
  getReceipt,
  ledgerFilePaths,
  listEntries,
} from '../../server/ledger/contract.ts';
import type { EntryKind } from '../../server/ledger/kinds-contract.ts';
import { call, readText } from '../api.ts';

export const entriesQuery = (kind: EntryKind | undefined, after: string | undefined) =>
  queryOptions({
    queryKey: ['ledger', 'entries', kind ?? '', after ?? ''],
    queryFn: ({ signal }) =>
      call(listEntries, {
        query: { limit: 40, ...(kind === undefined ? {} : { kind }), ...(after === undefined ? {} : { after }) },
        signal,
      }),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });

/** An entry; looked at again until a signed checkpoint covers it. */
export const entryQuery = (entry: string) =>
  queryOptions({
    queryKey: ['ledger', 'entry', entry],
    queryFn: ({ signal }) => call(getEntry, { params: { entry }, signal }),
    refetchInterval: (query) => (query.state.data?.state === 'signed' ? false : 2000),
  });

export const receiptQuery = (entry: string) =>
  queryOptions({
    queryKey: ['ledger', 'receipt', entry],
    queryFn: ({ signal }) => call(getReceipt, { params: { entry }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const keyQuery = queryOptions({
  queryKey: ['ledger', 'key'],
  queryFn: ({ signal }) => call(getLedgerKey, { signal }),
});

export const ledgerStatusQuery = queryOptions({
  queryKey: ['ledger', 'status'],
  queryFn: ({ signal }) => call(getLedgerStatus, { signal }),
  refetchInterval: 15_000,
});

export const checkpointQuery = queryOptions({
  queryKey: ['ledger', 'checkpoint'],
  queryFn: ({ signal }) => readText(ledgerFilePaths.checkpoint, signal),
  refetchInterval: 15_000,
});
