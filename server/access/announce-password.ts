import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import { currentOrigin } from '../platform/origin.ts';
import type { Language } from './contract.ts';
import type { Access } from './open-access.ts';

/** Tells a person by mail that their password is another now, and from where that was done. */
export async function announcePassword(
  access: Access,
  tx: Tx,
  person: { readonly name: string; readonly email: string; readonly language: Language },
): Promise<void> {
  const origin = currentOrigin();
  await access.queueMail(tx, {
    template: 'password-changed',
    to: person.email,
    language: person.language,
    figures: {
      name: person.name,
      device: origin?.device ?? null,
      address: origin?.address ?? null,
      country: origin?.country ?? null,
      at: tx.at.toISOString(),
    },
    idempotencyKey: `password-changed:${newId(tx.at)}`,
  });
}
