import { getMember } from '../access/change-role.ts';
import { accessProblems } from '../access/contract.ts';
import { may } from '../access/permissions.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { mailboxProblems, type ThreadState } from './mailbox-contract.ts';
import { getThread } from './show-thread.ts';
import { lockThread, type ThreadId, type ThreadRow, updateThread } from './thread-store.ts';

const fail = failuresOf({ ...mailboxProblems, 'member-not-found': accessProblems['member-not-found'] });
const acts = { open: 'reopened', closed: 'closed', dismissed: 'dismissed' } as const;

/**
 * Gives a thread another state or assignee; what is left out stays. A member who may not read mail is given none.
 * @throws Failure `thread-not-found`, `member-not-found`
 */
export async function changeThread(
  tx: Tx,
  id: ThreadId,
  change: { readonly state?: ThreadState | undefined; readonly assignee?: Id<'Person'> | null | undefined },
  by: Actor,
): Promise<ThreadRow> {
  const thread = await lockThread(tx, id);
  if (thread === undefined) throw fail('thread-not-found', 'There is no such thread here.');
  const state = change.state ?? thread.state;
  const assignee = change.assignee === undefined ? thread.assignee : change.assignee;
  if (assignee !== null && assignee !== thread.assignee) {
    const { role } = await getMember(tx, assignee);
    if (!may(role, 'mail:write')) throw fail('member-not-found', 'Nobody who may answer mail is meant by this.');
  }
  // Whoever closes a thread, or says that it is no request, has decided that nothing is owed.
  const awaitsReply = thread.awaitsReply && (state === 'open' || state === thread.state);
  await updateThread(tx, id, { state, assignee, awaitsReply });
  if (state !== thread.state)
    await recordEntry(tx, { kind: 'thread.changed', actor: by, body: { thread: id, act: acts[state] } });
  if (assignee !== thread.assignee)
    await recordEntry(tx, { kind: 'thread.changed', actor: by, body: { thread: id, act: 'assigned', assignee } });
  return getThread(tx, id);
}
