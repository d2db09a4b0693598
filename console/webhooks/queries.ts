import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  type Delivery,
  getDelivery,
  getSubscription,
  listDeliveries,
  listSubscriptions,
} from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';

const pageAfter = (after: string | undefined) => ({ limit: 25, ...(after === undefined ? {} : { after }) });
/** Deliveries go on by themselves. */
const calmMs = 10_000;

export const subscriptionsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['webhooks', 'subscriptions', after ?? ''],
    queryFn: ({ signal }) => call(listSubscriptions, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: calmMs,
  });

/** As many as one answer holds, for choosing one. */
export const someSubscriptionsQuery = queryOptions({
  queryKey: ['webhooks', 'subscriptions', 'some'],
  queryFn: ({ signal }) => call(listSubscriptions, { query: { limit: 200 }, signal }),
  staleTime: 60_000,
});

export const subscriptionQuery = (subscription: string) =>
  queryOptions({
    queryKey: ['webhooks', 'subscriptions', 'one', subscription],
    queryFn: ({ signal }) => call(getSubscription, { params: { subscription }, signal }),
    refetchInterval: calmMs,
  });

export interface DeliveryFilter {
  readonly subscription?: string;
  readonly state?: Delivery['state'];
  readonly type?: Delivery['type'];
}

export const deliveriesQuery = (filter: DeliveryFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['webhooks', 'deliveries', filter, after ?? ''],
    queryFn: ({ signal }) => call(listDeliveries, { query: { ...pageAfter(after), ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: calmMs,
  });

export const deliveryQuery = (delivery: string) =>
  queryOptions({
    queryKey: ['webhooks', 'deliveries', 'one', delivery],
    queryFn: ({ signal }) => call(getDelivery, { params: { delivery }, signal }),
    refetchInterval: (query) => (query.state.data?.state === 'waiting' ? 2_000 : false),
  });
