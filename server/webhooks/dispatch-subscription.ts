import { setTimeout as sleep } from 'node:timers/promises';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { type Attempted, attemptDelivery } from './attempt-delivery.ts';
import { type Health, healthAfter, nextAttemptAt } from './delivery-schedule.ts';
import type { SigningKey } from './delivery-signature.ts';
import { disableSubscription } from './disable-subscription.ts';
import { type AttemptResult, type DueDelivery, listDueDeliveries, settleSubscription } from './dispatch-store.ts';
import { openSecret } from './open-secrets.ts';
import type { ResultWriter } from './result-writer.ts';
import { findSubscriptionRow, listSecrets, updateHealth } from './subscription-store.ts';
import type { DisabledReason } from './subscriptions-contract.ts';

/** What every loop of a process works with. */
export interface Dispatching {
  readonly platform: Platform;
  readonly results: ResultWriter;
  /** Aborted when nothing new is to be begun: the server stops, or the locks are lost. */
  readonly ending: AbortSignal;
  /** Aborted when what is under way is to be given up, too. */
  readonly abandoning: AbortSignal;
  readonly timeoutMs: number;
  /** How many deliveries of one subscription are under way at once where order does not matter. */
  readonly width: number;
}

/** How many deliveries are read at once. */
const READ = 100;
/** How many attempts may wait to be written down. */
const MOST_OPEN = 200;
/** What was read longer ago than this is read again, so that a pause takes effect while a slow receiver is worked on. */
const FRESH_MS = 1_000;

/** What is known of a subscription while it is worked on. */
interface Work {
  readonly url: string;
  readonly ordered: boolean;
  readonly keys: readonly SigningKey[];
  readonly deliveries: DueDelivery[];
  /** Whether there was nothing due beside them, or nothing at all. */
  readonly isAll: boolean;
  readonly isEmpty: boolean;
  readonly readAt: number;
}

/**
 * Sends what one subscription has due, then says when it is due next. Whoever calls holds its lock. Attempts that are
 * not written when the process dies are made again: a delivery arrives at least once, under the same id. In order means
 * that nothing is sent before what came before it is written down as delivered or given up.
 */
export async function dispatchSubscription(
  dispatching: Dispatching,
  organisation: OrganisationId,
  subscription: Id<'Subscription'>,
): Promise<void> {
  const { platform, ending } = dispatching;
  const loop: Loop = {
    dispatching,
    organisation,
    subscription,
    keys: new Map(),
    sending: new Map(),
    open: new Map(),
    health: null,
    disable: null,
    failure: null,
  };
  let work = await read(loop);
  while (work !== null && !ending.aborted && loop.disable === null && loop.failure === null) {
    const step = nextStep(loop, work);
    if (step === 'end') break;
    if (step === 'send') begin(loop, work);
    // Whichever is over first: a result that is written, or an attempt that makes room for another.
    else if (step === 'wait') await Promise.race([...loop.sending.values(), ...loop.open.values(), fresh()]);
    else work = await read(loop);
  }
  await Promise.all(loop.open.values());
  if (loop.failure !== null) throw loop.failure.cause;
  if (loop.disable !== null) await disableSubscription(platform, organisation, subscription, loop.disable);
  await platform.db.transaction(organisation, async (tx) => {
    // Locked, as by whoever changes its state: one that goes on at this moment must not be settled as stopped.
    const found = await findSubscriptionRow(tx, subscription, { lock: true });
    await settleSubscription(tx, {
      subscription,
      isActive: found?.state === 'active',
      ordered: found?.ordered ?? false,
      notBefore: found?.health.holdUntil ?? null,
    });
  });
}

interface Loop {
  readonly dispatching: Dispatching;
  readonly organisation: OrganisationId;
  readonly subscription: Id<'Subscription'>;
  /** Opened once; a secret does not change under its id. */
  readonly keys: Map<Id<'WebhookSecret'>, SigningKey>;
  /** Attempts under way. */
  readonly sending: Map<Id<'Delivery'>, Promise<unknown>>;
  /** Those, and what is being written down. */
  readonly open: Map<Id<'Delivery'>, Promise<void>>;
  /** How the receiver behaves; null before it was read. */
  health: Health | null;
  disable: DisabledReason | null;
  /** What went wrong with us, not with the receiver. */
  failure: { readonly cause: unknown } | null;
}

/** While something is under way for long, there may be more to send. */
function fresh(): Promise<void> {
  return sleep(FRESH_MS, undefined, { ref: false });
}

function nextStep(loop: Loop, work: Work): 'send' | 'wait' | 'read' | 'end' {
  const { sending, open, health, dispatching } = loop;
  if (health?.holdUntil != null && health.holdUntil > dispatching.platform.clock.now())
    return open.size > 0 ? 'wait' : 'end';
  // A receiver in trouble is asked once at a time. In order, what comes before is written down first.
  const width = (health?.failures ?? 0) > 0 ? 1 : dispatching.width;
  if (work.ordered ? open.size > 0 : sending.size >= width || open.size >= MOST_OPEN) return 'wait';
  if (performance.now() - work.readAt > FRESH_MS) return 'read';
  if (work.deliveries.length > 0) return 'send';
  if (!work.isAll) return 'read';
  // There was nothing more; once all is over, another look.
  if (open.size > 0) return 'wait';
  return work.isEmpty ? 'end' : 'read';
}

function begin(loop: Loop, work: Work): void {
  const delivery = work.deliveries.shift();
  if (delivery === undefined) return;
  const { id } = delivery;
  const attempt = makeAttempt(loop, work, delivery).finally(() => loop.sending.delete(id));
  loop.sending.set(id, attempt);
  loop.open.set(
    id,
    attempt
      .then((made) => (made === null ? undefined : conclude(loop, work, delivery, made)))
      .finally(() => loop.open.delete(id)),
  );
}

/** The subscription as it is now, and what it has due; null where nothing is sent. */
async function read(loop: Loop): Promise<Work | null> {
  const { subscription } = loop;
  const { platform } = loop.dispatching;
  return platform.db.transaction(loop.organisation, async (tx) => {
    const found = await findSubscriptionRow(tx, subscription);
    if (found === undefined || found.state !== 'active') return null;
    // Later on we know better than what is written so far.
    loop.health ??= found.health;
    const { ordered, url } = found;
    const keys = (await listSecrets(tx, [subscription])).map((secret) => {
      const key = loop.keys.get(secret.id) ?? openSecret(platform.seal, secret);
      loop.keys.set(secret.id, key);
      return key;
    });
    if (keys.length === 0) throw new Error('a subscription has no secret: nothing is sent unsigned');
    const except = [...loop.open.keys()];
    const deliveries = await listDueDeliveries(tx, { subscription, ordered, except, limit: READ });
    const size = deliveries.length;
    return { url, ordered, keys, deliveries, isAll: size < READ, isEmpty: size === 0, readAt: performance.now() };
  });
}

/** @returns null where it was given up while it was under way: nothing is known, so it is made again */
async function makeAttempt(loop: Loop, work: Work, delivery: DueDelivery): Promise<Attempted | null> {
  const { platform, abandoning, timeoutMs } = loop.dispatching;
  const { url, keys } = work;
  const { id, body, attempts } = delivery;
  try {
    const options = { signal: abandoning, timeoutMs };
    return await attemptDelivery(platform, { id, number: attempts + 1, url, body, keys }, options);
  } catch (error) {
    if (abandoning.aborted) return null;
    throw error;
  }
}

/** Writes down what came of an attempt, and what that says about the receiver. */
async function conclude(loop: Loop, work: Work, delivery: DueDelivery, made: Attempted): Promise<void> {
  const { platform, results } = loop.dispatching;
  const at = platform.clock.now();
  const result = resultOf(loop, delivery, made, at);
  const before = loop.health ?? quiet;
  const { outcome, retryAfterMs, startedAt } = made;
  const health = healthAfter(before, { outcome, retryAfterMs, startedAt, at });
  loop.health = health;
  loop.disable ??= disabledBy(result, made, health);
  // What was read behind it must not pass it.
  if (work.ordered && result.state === 'waiting') work.deliveries.length = 0;
  await results.write(loop.organisation, result);
  if (before.failures > 0 || health.failures > 0)
    await platform.db.transaction(loop.organisation, (tx) => updateHealth(tx, loop.subscription, health));
}

const quiet: Health = { failingSince: null, failures: 0, holdUntil: null };

function resultOf(loop: Loop, delivery: DueDelivery, made: Attempted, at: Date): AttemptResult {
  const roundAttempts = delivery.roundAttempts + 1;
  const roundStartedAt = delivery.roundStartedAt ?? made.startedAt;
  const base = { delivery: delivery.id, subscription: loop.subscription, attempt: made, roundAttempts, roundStartedAt };
  if (made.outcome === 'accepted') return { ...base, state: 'delivered', dueAt: null };
  // Nobody is there any more. It waits, for whoever enables the subscription again.
  if (made.outcome === 'gone') return { ...base, state: 'waiting', dueAt: at };
  const round = { attempts: roundAttempts, startedAt: roundStartedAt };
  const dueAt = nextAttemptAt(round, at, made.retryAfterMs, Math.random());
  return { ...base, state: dueAt === null ? 'failed' : 'waiting', dueAt };
}

/** Gone for good, or three days of trying in which nothing at all was accepted. */
function disabledBy(result: AttemptResult, made: Attempted, health: Health): DisabledReason | null {
  if (made.outcome === 'gone') return 'gone';
  const { failingSince } = health;
  const isHopeless = result.state === 'failed' && failingSince !== null && failingSince <= result.roundStartedAt;
  return isHopeless ? 'failing' : null;
}
