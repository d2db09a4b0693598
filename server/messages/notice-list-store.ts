import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { AudienceMember, AudienceShare } from './notice-audiences.ts';
import type { Listed } from './notice-list.ts';

/** Rows in one statement: PostgreSQL takes 65,535 parameters. */
const AT_ONCE = 5_000;

/** Adds recipients to the list of a draft; who was on it is replaced. @returns how many were on it already */
export async function insertListed(tx: Tx, notice: Id<'Notice'>, recipients: readonly Listed[]): Promise<number> {
  let repeated = 0;
  for (let from = 0; from < recipients.length; from += AT_ONCE) {
    const part = recipients.slice(from, from + AT_ONCE);
    const { known } = await tx.db
      .selectFrom('messages.notice_listed')
      .select((row) => row.cast<number>(row.fn.countAll(), 'integer').as('known'))
      .where('organisation_id', '=', tx.organisationId)
      .where('notice_id', '=', notice)
      .where(
        'reference',
        'in',
        part.map(({ reference }) => reference),
      )
      .executeTakeFirstOrThrow();
    repeated += known;
    await tx.db
      .insertInto('messages.notice_listed')
      .values(
        part.map(({ reference, email, language }) => ({
          organisation_id: tx.organisationId,
          notice_id: notice,
          reference,
          email,
          language,
          given_at: tx.at,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['organisation_id', 'notice_id', 'reference']).doUpdateSet((row) => ({
          email: row.ref('excluded.email'),
          language: row.ref('excluded.language'),
          given_at: row.ref('excluded.given_at'),
        })),
      )
      .execute();
  }
  return repeated;
}

export async function deleteListed(tx: Tx, notice: Id<'Notice'>): Promise<void> {
  await tx.db
    .deleteFrom('messages.notice_listed')
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', notice)
    .execute();
}

export async function selectListed(
  tx: Tx,
  query: { readonly notice: Id<'Notice'>; readonly after: string | null; readonly limit: number },
): Promise<AudienceMember[]> {
  let rows = tx.db
    .selectFrom('messages.notice_listed')
    .select(['reference', 'email', 'language'])
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', query.notice)
    .orderBy('reference')
    .limit(query.limit);
  if (query.after !== null) rows = rows.where('reference', '>', query.after);
  return rows.execute();
}

export async function countListed(tx: Tx, notice: Id<'Notice'>): Promise<AudienceShare[]> {
  return tx.db
    .selectFrom('messages.notice_listed')
    .select((row) => [
      'language',
      row('email', 'is not', null).$castTo<boolean>().as('hasAddress'),
      row.cast<number>(row.fn.countAll(), 'integer').as('count'),
    ])
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', notice)
    .groupBy((row) => ['language', row('email', 'is not', null)])
    .execute();
}
