import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  getNotice,
  listAudiences,
  listNoticeRecipients,
  listNotices,
  type NoticeReason,
  type NoticeState,
  previewNotice,
  type RecipientState,
} from '../../server/messages/notices-contract.ts';
import { call } from '../api.ts';

const pageAfter = (after: string | undefined) => ({ limit: 25, ...(after === undefined ? {} : { after }) });

export interface NoticeFilter {
  readonly state?: NoticeState;
  readonly reason?: NoticeReason;
}

export const noticesQuery = (filter: NoticeFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['messages', 'notices', filter, after ?? ''],
    queryFn: ({ signal }) => call(listNotices, { query: { ...pageAfter(after), ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const noticeQuery = (notice: string) =>
  queryOptions({
    queryKey: ['messages', 'notices', 'one', notice],
    queryFn: ({ signal }) => call(getNotice, { params: { notice }, signal }),
    // While people are being told, the figures move.
    refetchInterval: (query) => {
      const found = query.state.data;
      return found?.state === 'announced' && found.toldAt === null ? 2_000 : false;
    },
  });

export const noticePreviewQuery = (notice: string, revision: number) =>
  queryOptions({
    queryKey: ['messages', 'notices', 'preview', notice, revision],
    queryFn: ({ signal }) => call(previewNotice, { params: { notice }, signal }),
    placeholderData: keepPreviousData,
  });

export const audiencesQuery = queryOptions({
  queryKey: ['messages', 'audiences'],
  queryFn: ({ signal }) => call(listAudiences, { signal }),
  staleTime: 300_000,
});

export interface RecipientFilter {
  readonly state?: RecipientState;
  readonly seen?: 'true' | 'false';
  readonly reference?: string;
}

export const recipientsQuery = (notice: string, filter: RecipientFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['messages', 'notices', 'recipients', notice, filter, after ?? ''],
    queryFn: ({ signal }) =>
      call(listNoticeRecipients, { params: { notice }, query: { ...pageAfter(after), ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
