import type { Status } from '../../server/policy/contract.ts';
import type { DeliveryState, Subscription } from '../../server/webhooks/subscriptions-contract.ts';
import { useWords } from '../language/language.ts';
import { Marked } from '../policy/status.tsx';
import { webhooksWords } from './words.ts';

const subscriptionShapes: Readonly<Record<Subscription['state'], Status>> = {
  active: 'kept',
  paused: 'unproven',
  disabled: 'broken',
};
const deliveryShapes: Readonly<Record<DeliveryState, Status>> = {
  waiting: 'due',
  delivered: 'kept',
  failed: 'broken',
  skipped: 'unproven',
};

/** An active one that fails since a while says so. */
export function SubscriptionMark({ of: { state, failingSince } }: { of: Subscription }) {
  const words = useWords(webhooksWords).states;
  if (state === 'active' && failingSince !== null) return <Marked as="due">{words.failing}</Marked>;
  return <Marked as={subscriptionShapes[state]}>{words[state]}</Marked>;
}

export function DeliveryMark({ state }: { state: DeliveryState }) {
  return <Marked as={deliveryShapes[state]}>{useWords(webhooksWords).delivery.states[state]}</Marked>;
}
