import type { GlobalTx } from '../platform/database.ts';

export type HandshakeKind = 'passkey-registration' | 'passkey-sign-in' | 'passkey-confirmation' | 'oidc' | 'saml';

/** What a dialogue with a browser remembers between its two requests. */
export interface Handshake {
  readonly kind: HandshakeKind;
  readonly personId: string | null;
  readonly providerId: string | null;
  readonly state: unknown;
}

/** Also clears away dialogues that nobody went on with. */
export async function insertHandshake(
  tx: GlobalTx,
  handshake: Handshake & { readonly hash: Buffer; readonly expiresAt: Date },
): Promise<void> {
  await tx.db.deleteFrom('access.handshake').where('expires_at', '<=', tx.at).execute();
  await tx.db
    .insertInto('access.handshake')
    .values({
      id_hash: handshake.hash,
      kind: handshake.kind,
      person_id: handshake.personId,
      provider_id: handshake.providerId,
      state: JSON.stringify(handshake.state),
      expires_at: handshake.expiresAt,
    })
    .execute();
}

/** Takes a dialogue up, once: of two answers at the same time one finds it. */
export async function takeHandshake(
  tx: GlobalTx,
  hash: Buffer,
  kinds: readonly HandshakeKind[],
): Promise<Handshake | undefined> {
  const row = await tx.db
    .deleteFrom('access.handshake')
    .where('id_hash', '=', hash)
    .where('kind', 'in', kinds)
    .where('expires_at', '>', tx.at)
    .returning(['kind', 'person_id', 'provider_id', 'state'])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { kind: row.kind, personId: row.person_id, providerId: row.provider_id, state: row.state };
}
