import type { Tx } from '../platform/database.ts';

/** In whose name the organisation writes. */
export interface SenderRecord {
  readonly fromName: string | null;
  readonly replyTo: string | null;
  readonly changedAt: Date | null;
}

export async function findSender(tx: Tx): Promise<SenderRecord> {
  const row = await tx.db
    .selectFrom('messages.sender')
    .select(['from_name', 'reply_to', 'changed_at'])
    .where('organisation_id', '=', tx.organisationId)
    .executeTakeFirst();
  return { fromName: row?.from_name ?? null, replyTo: row?.reply_to ?? null, changedAt: row?.changed_at ?? null };
}

export async function writeSender(tx: Tx, sender: Omit<SenderRecord, 'changedAt'>): Promise<void> {
  const values = { from_name: sender.fromName, reply_to: sender.replyTo, changed_at: tx.at };
  await tx.db
    .insertInto('messages.sender')
    .values({ organisation_id: tx.organisationId, ...values })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(values))
    .execute();
}
