import type { Tx } from '../platform/database.ts';
import { currentOrigin } from '../platform/origin.ts';
import { selectSignInsSeen } from './audit-seen-store.ts';
import type { Access } from './open-access.ts';
import type { Session } from './session.ts';

/**
 * Tells a person by mail that they signed in with a browser they had not used in this organisation before, as far as
 * the audit trail remembers. Their very first sign-in is no news to them.
 */
export async function greetNewDevice(access: Access, tx: Tx, session: Session): Promise<void> {
  const origin = currentOrigin();
  if (origin === undefined || session.emailVerifiedAt === null) return;
  const { before, withDevice } = await selectSignInsSeen(tx, session.personId, origin.device);
  if (before === 0 || withDevice > 0) return;
  await access.queueMail(tx, {
    template: 'new-device',
    to: session.email,
    language: session.language,
    figures: {
      name: session.name,
      device: origin.device,
      address: origin.address,
      country: origin.country,
      at: tx.at.toISOString(),
    },
    idempotencyKey: `new-device:${session.id}`,
  });
}
