import type { HttpServer } from '../platform/http.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { answerSession } from './answer-session.ts';
import { askForPasswordReset } from './ask-for-password-reset.ts';
import { findOwnSession } from './authorise.ts';
import * as contract from './contract.ts';
import { lookAtToken } from './look-at-token.ts';
import type { Access } from './open-access.ts';
import { resetPassword } from './reset-password.ts';
import { setUp } from './set-up.ts';
import { verifyEmail } from './verify-email.ts';

/** What whoever holds a token may do with it: set up, verify, reset, accept. */
export function registerTokenRoutes(http: HttpServer, access: Access): void {
  const { limits } = access;

  http.route(contract.lookAtToken, async ({ body, raw }) => {
    await limits.link({ address: raw.ip });
    return lookAtToken(access, body.token);
  });

  http.route(contract.setUp, async ({ body, raw, reply }) => {
    await limits.link({ address: raw.ip });
    return answerSession(access, reply, await setUp(access, body));
  });

  http.route(contract.askForPasswordReset, async ({ body, raw }) => {
    await limits.reset({ email: body.email, address: raw.ip });
    await askForPasswordReset(access, body.email);
    return null;
  });

  http.route(contract.resetPassword, async ({ body, raw }) => {
    await limits.link({ address: raw.ip });
    await resetPassword(access, body.token, body.password);
    return null;
  });

  http.route(contract.verifyEmail, async ({ body, raw }) => {
    await limits.link({ address: raw.ip });
    await verifyEmail(access, body.token);
    return null;
  });

  http.route(contract.acceptInvitation, async ({ body, raw, reply }) => {
    await limits.link({ address: raw.ip });
    const session = await findOwnSession(access, raw);
    return answerSession(access, reply, await acceptInvitation(access, session, body));
  });
}
