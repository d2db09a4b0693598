import { z } from 'zod';
import { type Actor, type Id, idSchema, type Json, type OrganisationId } from '../platform/contract.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { Tasks } from '../platform/tasks.ts';
import type { EntryKind } from './kinds-contract.ts';
import { readLeaf } from './leaf.ts';
import { findEntry } from './store.ts';

/** An entry as a listener is told of it. */
export interface HeardEntry {
  readonly id: Id<'Entry'>;
  readonly organisationId: OrganisationId;
  readonly kind: EntryKind;
  readonly at: Date;
  readonly actor: Actor;
  readonly body: Json;
}

export interface Listener {
  /** Unique, kebab-case, stable: tasks that wait in the queue carry it. */
  readonly name: string;
  readonly kinds: readonly EntryKind[];
  /** Called at least once for each entry, in no particular order; must be safe to run twice. */
  handle(entry: HeardEntry): Promise<void>;
}

/** Name of the task that gives entries their places, see `tasks.ts`. */
export const sequenceTask = 'ledger.sequence';

/** Who is told of new entries of one database. */
interface Audience {
  readonly tasks: Tasks;
  readonly listeners: Listener[];
  readonly followers: Follower[];
  sequencing: boolean;
}

/** Told, in the transaction that gave entries their places, that there are new ones; it may enqueue a task. */
export type Follower = (tx: Tx) => Promise<void>;

const audiences = new WeakMap<Database, Audience>();
/** Transactions that have asked for sequencing already. */
const asked = new WeakSet<object>();

const payloadSchema = z.object({ organisation: idSchema('Organisation'), entry: idSchema('Entry') });

/**
 * Calls `handle` for every entry of these kinds, durably: the task is enqueued in the transaction that records the
 * entry. Register before the tasks start.
 */
export function onEntry(platform: Platform, listener: Listener): void {
  const task = taskOf(listener);
  platform.tasks.define({
    name: task,
    payload: payloadSchema,
    concurrency: 2,
    async handle({ organisation, entry }) {
      const found = await platform.db.transaction(organisation, (tx) => findEntry(tx, entry));
      if (found === undefined) {
        platform.log.warn({ entry, task }, 'the entry was pruned before its listener ran');
        return;
      }
      const { id, kind, at, actor, body } = readLeaf(found.leaf);
      await listener.handle({ id, organisationId: organisation, kind, at: new Date(at), actor, body });
    },
  });
  audienceOf(platform).listeners.push(listener);
}

/**
 * Calls `follower` whenever entries of an organisation got their places, in the same transaction: what it enqueues is
 * there if and only if they are. For whoever reads the log by index, with `readPlaced`.
 */
export function onPlaced(platform: Platform, follower: Follower): void {
  audienceOf(platform).followers.push(follower);
}

/** Tells them; the transaction acts as the application by now. */
export async function announcePlaced(tx: Tx): Promise<void> {
  for (const follower of audiences.get(tx.database)?.followers ?? []) await follower(tx);
}

/** From now on, recording an entry also asks for its place in the tree. */
export function askForSequencing(platform: Platform): void {
  audienceOf(platform).sequencing = true;
}

/** Enqueues what new entries cause, in their own transaction. */
export async function announceEntries(
  tx: Tx,
  entries: readonly { readonly id: Id<'Entry'>; readonly kind: EntryKind }[],
): Promise<void> {
  const audience = audiences.get(tx.database);
  if (audience === undefined) return;
  const { tasks, listeners } = audience;
  for (const { id, kind } of entries) {
    for (const listener of listeners.filter((listener) => listener.kinds.includes(kind))) {
      await tasks.enqueue(tx, taskOf(listener), { organisation: tx.organisationId, entry: id });
    }
  }
  // One request per transaction. It has no singleton key, on purpose: a second transaction would have to wait for the
  // first one's commit to learn whether the key is taken, and every writer would queue behind the slowest.
  if (audience.sequencing && !asked.has(tx.db)) {
    asked.add(tx.db);
    await tasks.enqueue(tx, sequenceTask, { organisation: tx.organisationId });
  }
}

/** Enqueues a task of the ledger itself, where the ledger's tasks are registered. */
export async function enqueueOwn(
  tx: Tx,
  task: string,
  payload: { readonly organisation: OrganisationId },
  singletonKey: string,
): Promise<void> {
  const audience = audiences.get(tx.database);
  if (audience?.sequencing === true) await audience.tasks.enqueue(tx, task, payload, { singletonKey });
}

function taskOf(listener: Listener): string {
  return `ledger.entry.${listener.name}`;
}

function audienceOf(platform: Platform): Audience {
  const known = audiences.get(platform.db);
  if (known !== undefined) return known;
  const audience: Audience = { tasks: platform.tasks, listeners: [], followers: [], sequencing: false };
  audiences.set(platform.db, audience);
  return audience;
}
