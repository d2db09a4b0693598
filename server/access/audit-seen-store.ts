import { sql } from 'kysely';
import type { Tx } from '../platform/database.ts';
import type { PersonId } from './person-store.ts';

/** How often a person signed in to this organisation as far as its audit trail goes back, and with one device. */
export async function selectSignInsSeen(
  tx: Tx,
  person: PersonId,
  device: string,
): Promise<{ readonly before: number; readonly withDevice: number }> {
  const { rows } = await sql<{ before: number; with_device: number }>`
    select count(*)::int as before, count(*) filter (where d.device = ${device})::int as with_device
    from access.audit_detail d
    where d.organisation_id = ${tx.organisationId} and d.person_id = ${person} and d.kind = 'access.signed-in'`.execute(
    tx.db,
  );
  return { before: rows[0]?.before ?? 0, withDevice: rows[0]?.with_device ?? 0 };
}
