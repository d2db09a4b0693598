import { z } from 'zod';
import { registerExport } from '../exports/register-export.ts';
import { idSchema, instantSchema, jsonSchema } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { listReceived } from './endpoints-contract.ts';
import { selectReceived } from './received-store.ts';
import { listDeliveries } from './show-deliveries.ts';
import { deliveryStateSchema, deliveryTypeSchema } from './subscriptions-contract.ts';

/** What went out and what came in can be taken along, as the lists show it: without bodies. */
export function registerWebhookExports(platform: Platform): void {
  registerDeliveries(platform);
  registerReceived(platform);
}

const formats = ['ndjson', 'csv', 'json'] as const;

function registerDeliveries(platform: Platform): void {
  registerExport(platform, {
    kind: 'webhook-deliveries',
    title: { en: 'Webhook deliveries', 'pt-BR': 'Entregas de webhooks', es: 'Entregas de webhooks' },
    permission: 'webhooks:read',
    formats,
    parameters: z.strictObject({
      subscription: idSchema('Subscription').optional(),
      state: deliveryStateSchema.optional(),
      type: deliveryTypeSchema.optional(),
      from: instantSchema.optional(),
      to: instantSchema.optional(),
    }),
    columns: [
      'createdAt',
      'type',
      'subscriptionName',
      'state',
      'attempts',
      'lastOutcome',
      'lastStatus',
      'settledAt',
      'entry',
      'webhookId',
      'id',
    ],
    async page(tx, { from, to, ...filter }, { after, limit }) {
      const { items, next } = await listDeliveries(tx, {
        ...filter,
        since: from,
        until: to,
        after: after === null ? undefined : brand<'Delivery'>(after),
        limit,
      });
      return { rows: items.map((delivery) => ({ ...delivery })), next };
    },
  });
}

function registerReceived(platform: Platform): void {
  registerExport(platform, {
    kind: 'webhooks-received',
    title: { en: 'Webhooks received', 'pt-BR': 'Webhooks recebidos', es: 'Webhooks recibidos' },
    permission: 'webhooks:read',
    formats,
    parameters: listReceived.query
      .pick({ endpoint: true, state: true, type: true, senderId: true, from: true, to: true })
      .strict(),
    columns: [
      'receivedAt',
      'endpointName',
      'state',
      'senderId',
      'contentType',
      'bytes',
      'events',
      'trouble',
      'mappedAt',
      'repeats',
      'id',
    ],
    async page(tx, filter, { after, limit }) {
      const rows = await selectReceived(tx, filter, {
        limit,
        before: after === null ? undefined : brand<'Received'>(after),
      });
      return {
        rows: rows.map(({ events, trouble, ...received }) => ({
          ...received,
          events: jsonSchema.parse(events),
          trouble: jsonSchema.parse(trouble),
        })),
        next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
      };
    },
  });
}
