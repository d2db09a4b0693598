import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type Export, listExportKinds, listExports } from '../../server/exports/contract.ts';
import { call } from '../api.ts';

/** One of these changes without anybody doing anything. */
export function isMoving({ state }: Export): boolean {
  return state === 'queued' || state === 'making';
}

export interface ExportFilter {
  readonly kind?: string;
  readonly state?: Export['state'];
}

export const exportsQuery = (filter: ExportFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['exports', 'list', filter, after ?? ''],
    queryFn: ({ signal }) =>
      call(listExports, { query: { limit: 25, ...(after === undefined ? {} : { after }), ...filter }, signal }),
    refetchInterval: (query) => (query.state.data?.items.some(isMoving) ? 1_000 : 15_000),
    placeholderData: keepPreviousData,
  });

export const exportKindsQuery = queryOptions({
  queryKey: ['exports', 'kinds'],
  queryFn: ({ signal }) => call(listExportKinds, { signal }),
  staleTime: 300_000,
});
