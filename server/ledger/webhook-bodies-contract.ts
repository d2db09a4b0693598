import { z } from 'zod';
import { bodyOf, codeOf, countOf, exampleId, idOf, instantOf, oneOf, otherExampleId } from './body-contract.ts';

const subscription = idOf('Subscription', 'The subscription');
const secret = idOf('WebhookSecret', 'The secret: its id');
const scheme = oneOf(['hmac-sha256', 'ed25519'], 'How deliveries are signed');

/** Bodies of the entries about webhooks going out. */
export const webhookBodies = {
  'webhooks.subscription-created': bodyOf(
    {
      subscription,
      kinds: z.array(codeOf('A kind of event')).nullable().describe('What it is sent; null for every kind'),
      ordered: z.boolean().describe('Whether in the order of the ledger, one at a time'),
      scheme,
    },
    { subscription: exampleId, kinds: ['disposal.finished', 'hold.placed'], ordered: true, scheme: 'hmac-sha256' },
  ),
  'webhooks.subscription-changed': bodyOf(
    {
      subscription,
      act: oneOf(['changed', 'paused', 'resumed', 'enabled'], 'What was done'),
      fields: z.array(codeOf('Name of a setting')).describe('What was changed'),
    },
    { subscription: exampleId, act: 'changed', fields: ['url'] },
  ),
  'webhooks.subscription-disabled': bodyOf(
    {
      subscription,
      reason: oneOf(['gone', 'failing'], 'The receiver said that it is gone, or accepted nothing for days'),
      failingSince: instantOf('Since when it accepted nothing').nullable(),
    },
    { subscription: exampleId, reason: 'failing', failingSince: '2026-11-17T14:02:11.000Z' },
  ),
  'webhooks.subscription-removed': bodyOf(
    { subscription, skipped: countOf('Deliveries that were still to be made') },
    { subscription: exampleId, skipped: 0 },
  ),
  'webhooks.secret-rotated': bodyOf(
    { subscription, secret, scheme, overlapHours: countOf('Hours for which the one before it still signs') },
    { subscription: exampleId, secret: otherExampleId, scheme: 'hmac-sha256', overlapHours: 24 },
  ),
  'webhooks.secret-ended': bodyOf({ subscription, secret }, { subscription: exampleId, secret: otherExampleId }),
  'webhooks.replayed': bodyOf(
    { subscription, deliveries: countOf('Deliveries that are sent again') },
    { subscription: exampleId, deliveries: 40 },
  ),
} as const;
