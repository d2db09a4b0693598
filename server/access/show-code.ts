import type { GlobalTx } from '../platform/database.ts';
import type { Method } from './contract.ts';
import { selectTotp, takeRecoveryCode, takeTotpStep } from './factor-store.ts';
import { bareCode, hashRecoveryCode, totpStep } from './one-time-code.ts';
import type { Access } from './open-access.ts';
import type { PersonId } from './person-store.ts';

/**
 * Takes a code of a person's authenticator app, or one of their recovery codes; each works once.
 * @returns what was shown; undefined when the code does not fit
 */
export async function takeCode(
  access: Access,
  tx: GlobalTx,
  person: PersonId,
  text: string,
): Promise<Method | undefined> {
  const code = bareCode(text);
  const totp = await selectTotp(tx, person);
  if (totp?.secret != null) {
    const step = totpStep(access.platform.seal.open(totp.secret, 'totp', person), code, tx.at);
    if (step !== undefined) return (await takeTotpStep(tx, person, step)) ? 'totp' : undefined;
  }
  return (await takeRecoveryCode(tx, person, hashRecoveryCode(person, code))) ? 'recovery-code' : undefined;
}
