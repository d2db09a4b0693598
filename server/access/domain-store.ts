import type { Id, OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';

/** A domain that an organisation says is its own. */
export interface StoredDomain {
  readonly domain: string;
  /** What the record has to hold. */
  readonly challenge: string;
  readonly providerId: Id<'Provider'> | null;
  readonly createdAt: Date;
  readonly verifiedAt: Date | null;
}

const columns = ['domain', 'challenge', 'provider_id', 'created_at', 'verified_at'] as const;

function toDomain(row: {
  readonly domain: string;
  readonly challenge: string;
  readonly provider_id: string | null;
  readonly created_at: Date;
  readonly verified_at: Date | null;
}): StoredDomain {
  return {
    domain: row.domain,
    challenge: row.challenge,
    providerId: row.provider_id === null ? null : brand<'Provider'>(row.provider_id),
    createdAt: row.created_at,
    verifiedAt: row.verified_at,
  };
}

export async function selectDomains(tx: Tx): Promise<StoredDomain[]> {
  const rows = await tx.db
    .selectFrom('access.domain')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('domain')
    .limit(500)
    .execute();
  return rows.map(toDomain);
}

export async function selectDomain(tx: Tx, domain: string): Promise<StoredDomain | undefined> {
  const row = await tx.db
    .selectFrom('access.domain')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .where('domain', '=', domain)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : toDomain(row);
}

/** Claims a domain. Claiming it again names another provider; challenge and proof stay. */
export async function upsertDomain(
  tx: Tx,
  claim: { readonly domain: string; readonly challenge: string; readonly providerId: string | null },
): Promise<StoredDomain> {
  const row = await tx.db
    .insertInto('access.domain')
    .values({
      organisation_id: tx.organisationId,
      domain: claim.domain,
      challenge: claim.challenge,
      provider_id: claim.providerId,
      created_at: tx.at,
      verified_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'domain']).doUpdateSet({ provider_id: claim.providerId }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow();
  return toDomain(row);
}

export async function deleteDomain(tx: Tx, domain: string): Promise<boolean> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('access.domain')
    .where('organisation_id', '=', tx.organisationId)
    .where('domain', '=', domain)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

export interface ProvedDomain {
  readonly organisationId: OrganisationId;
  readonly providerId: Id<'Provider'> | null;
}

/** Whose a domain is; one organisation's at most. */
export async function selectProvedDomain(tx: GlobalTx, domain: string): Promise<ProvedDomain | undefined> {
  const row = await tx.db
    .selectFrom('access.domain')
    .select(['organisation_id', 'provider_id'])
    .where('domain', '=', domain)
    .where('verified_at', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    organisationId: brand<'Organisation'>(row.organisation_id),
    providerId: row.provider_id === null ? null : brand<'Provider'>(row.provider_id),
  };
}

/**
 * Notes that a domain was proved, unless another organisation proved it first. In a global transaction, since the
 * other's row is not to be seen from within this organisation.
 */
export async function updateDomainProved(
  tx: GlobalTx,
  organisationId: OrganisationId,
  domain: string,
): Promise<'proved' | 'taken' | 'not-found'> {
  // All claims to the domain, so that of two organisations that prove it at once one waits for the other.
  const claims = await tx.db
    .selectFrom('access.domain')
    .select(['organisation_id', 'verified_at'])
    .where('domain', '=', domain)
    .orderBy('organisation_id')
    .forUpdate()
    .execute();
  if (claims.some((claim) => claim.organisation_id !== organisationId && claim.verified_at !== null)) return 'taken';
  const { numUpdatedRows } = await tx.db
    .updateTable('access.domain')
    .set({ verified_at: tx.at })
    .where('organisation_id', '=', organisationId)
    .where('domain', '=', domain)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n ? 'proved' : 'not-found';
}
