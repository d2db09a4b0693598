import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  getEndpoint,
  getReceived,
  listEndpoints,
  listReceived,
  type Received,
} from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';

const pageAfter = (after: string | undefined) => ({ limit: 25, ...(after === undefined ? {} : { after }) });
const calmMs = 10_000;

export const endpointsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['webhooks', 'endpoints', after ?? ''],
    queryFn: ({ signal }) => call(listEndpoints, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: calmMs,
  });

/** As many as one answer holds, for choosing one. */
export const someEndpointsQuery = queryOptions({
  queryKey: ['webhooks', 'endpoints', 'some'],
  queryFn: ({ signal }) => call(listEndpoints, { query: { limit: 200 }, signal }),
  staleTime: 60_000,
});

export const endpointQuery = (endpoint: string) =>
  queryOptions({
    queryKey: ['webhooks', 'endpoints', 'one', endpoint],
    queryFn: ({ signal }) => call(getEndpoint, { params: { endpoint }, signal }),
    refetchInterval: calmMs,
  });

export interface ReceivedFilter {
  readonly endpoint?: string;
  readonly state?: Received['state'];
  readonly type?: Received['events'][number]['type'];
}

export const receivedQuery = (filter: ReceivedFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['webhooks', 'received', filter, after ?? ''],
    queryFn: ({ signal }) => call(listReceived, { query: { ...pageAfter(after), ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: calmMs,
  });

// Looking at what was sent is recorded, so it is not looked at again by itself.
export const oneReceivedQuery = (received: string) =>
  queryOptions({
    queryKey: ['webhooks', 'received', 'one', received],
    queryFn: ({ signal }) => call(getReceived, { params: { received }, signal }),
    refetchOnWindowFocus: false,
  });
