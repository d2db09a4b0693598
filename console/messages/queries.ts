import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  type Category,
  listMessages,
  listTemplates,
  type MessageState,
  previewTemplate,
  readMessage,
  searchMessages,
} from '../../server/messages/contract.ts';
import { listOptOuts } from '../../server/messages/opt-out-contract.ts';
import { readSender } from '../../server/messages/sender-contract.ts';
import { call } from '../api.ts';
import type { Language } from '../language/language.ts';

const pageAfter = (after: string | undefined) => ({ limit: 25, ...(after === undefined ? {} : { after }) });
const calmMs = 15_000;

export interface MessageFilter {
  readonly state?: MessageState;
  readonly template?: string;
  readonly category?: Category;
  readonly queuedFrom?: string;
  readonly queuedBefore?: string;
}

export const messagesQuery = (filter: MessageFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['messages', 'log', filter, after ?? ''],
    queryFn: ({ signal }) => call(listMessages, { query: { ...pageAfter(after), ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: calmMs,
  });

// Whoever looks at personal data is recorded, so nothing below is looked at again by itself.
export const messagesToQuery = (recipient: string) =>
  queryOptions({
    queryKey: ['messages', 'to', recipient],
    queryFn: ({ signal }) => call(searchMessages, { body: { recipient, limit: 100 }, signal }),
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const messageQuery = (message: string) =>
  queryOptions({
    queryKey: ['messages', 'one', message],
    queryFn: ({ signal }) => call(readMessage, { params: { message }, signal }),
    refetchOnWindowFocus: false,
  });

export const templatesQuery = queryOptions({
  queryKey: ['messages', 'templates'],
  queryFn: ({ signal }) => call(listTemplates, { signal }),
  staleTime: 300_000,
});

export const previewQuery = (template: string, language: Language) =>
  queryOptions({
    queryKey: ['messages', 'preview', template, language],
    queryFn: ({ signal }) => call(previewTemplate, { query: { template, language }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 300_000,
  });

export const senderQuery = queryOptions({
  queryKey: ['messages', 'sender'],
  queryFn: ({ signal }) => call(readSender, { signal }),
});

export const optOutsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['messages', 'opt-outs', after ?? ''],
    queryFn: ({ signal }) => call(listOptOuts, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
  });
