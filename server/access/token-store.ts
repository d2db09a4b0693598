import type { OrganisationId } from '../platform/contract.ts';
import type { GlobalTx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type Method, methodSchema } from './contract.ts';
import type { PersonId } from './person-store.ts';

export type TokenKind = 'setup' | 'link' | 'email-verification' | 'password-reset' | 'invitation';

/** Something that is mailed or printed once. */
export interface OneTimeToken {
  readonly kind: TokenKind;
  readonly organisationId: OrganisationId | null;
  readonly personId: PersonId | null;
  /** The invitation. */
  readonly subjectId: string | null;
  /** The address that it verifies. */
  readonly email: string | null;
  readonly methods: readonly Method[];
  readonly expiresAt: Date;
}

interface TokenRow {
  readonly kind: TokenKind;
  readonly organisation_id: string | null;
  readonly person_id: string | null;
  readonly subject_id: string | null;
  readonly email: string | null;
  readonly methods: string[];
  readonly expires_at: Date;
}

const columns = ['kind', 'organisation_id', 'person_id', 'subject_id', 'email', 'methods', 'expires_at'] as const;

function toToken(row: TokenRow): OneTimeToken {
  return {
    kind: row.kind,
    organisationId: row.organisation_id === null ? null : brand<'Organisation'>(row.organisation_id),
    personId: row.person_id === null ? null : brand<'Person'>(row.person_id),
    subjectId: row.subject_id,
    email: row.email,
    methods: row.methods.map((method) => methodSchema.parse(method)),
    expiresAt: row.expires_at,
  };
}

export async function insertToken(
  tx: GlobalTx,
  token: {
    readonly hash: Buffer;
    readonly kind: TokenKind;
    readonly expiresAt: Date;
    readonly organisationId?: OrganisationId;
    readonly personId?: PersonId;
    readonly subjectId?: string;
    readonly email?: string;
    readonly methods?: readonly Method[];
  },
): Promise<void> {
  await tx.db
    .insertInto('access.one_time_token')
    .values({
      token_hash: token.hash,
      kind: token.kind,
      organisation_id: token.organisationId ?? null,
      person_id: token.personId ?? null,
      subject_id: token.subjectId ?? null,
      email: token.email ?? null,
      methods: [...(token.methods ?? [])],
      created_at: tx.at,
      expires_at: token.expiresAt,
    })
    .execute();
}

/** Uses a token up; undefined when there is none of these kinds, or it was used or has expired. Two at once: one gets it. */
export async function takeToken(
  tx: GlobalTx,
  hash: Buffer,
  kinds: readonly TokenKind[],
): Promise<OneTimeToken | undefined> {
  const row = await tx.db
    .updateTable('access.one_time_token')
    .set({ used_at: tx.at })
    .where('token_hash', '=', hash)
    .where('kind', 'in', kinds)
    .where('used_at', 'is', null)
    .where('expires_at', '>', tx.at)
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? undefined : toToken(row);
}

/** A token that can still be used. */
export async function selectToken(tx: GlobalTx, hash: Buffer): Promise<OneTimeToken | undefined> {
  const row = await tx.db
    .selectFrom('access.one_time_token')
    .select(columns)
    .where('token_hash', '=', hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', tx.at)
    .executeTakeFirst();
  return row === undefined ? undefined : toToken(row);
}

/** Makes tokens of a kind worthless: a newer one is in the post, or what they were for is done. */
export async function voidTokens(
  tx: GlobalTx,
  which: { readonly kind: TokenKind; readonly personId?: PersonId; readonly subjectId?: string },
): Promise<void> {
  let statement = tx.db
    .updateTable('access.one_time_token')
    .set({ used_at: tx.at })
    .where('kind', '=', which.kind)
    .where('used_at', 'is', null);
  if (which.personId !== undefined) statement = statement.where('person_id', '=', which.personId);
  if (which.subjectId !== undefined) statement = statement.where('subject_id', '=', which.subjectId);
  await statement.execute();
}
