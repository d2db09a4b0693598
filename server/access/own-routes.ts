import type { HttpServer } from '../platform/http.ts';
import { sessionOf } from './authorise.ts';
import { beginTotp, confirmTotp } from './enrol-totp.ts';
import type { Access } from './open-access.ts';
import * as contract from './own-contract.ts';
import { writeSessionCookie } from './session-cookie.ts';

/** A person's own account: second factors, password, address, sessions. */
export function registerOwnRoutes(http: HttpServer, access: Access): void {
  http.route(contract.beginTotp, ({ raw }) => beginTotp(access, sessionOf(raw)));

  http.route(contract.confirmTotp, async ({ body, raw, reply }) => {
    const { recoveryCodes, opened } = await confirmTotp(access, sessionOf(raw), body.code);
    writeSessionCookie(access.platform.config, reply, opened);
    return { recoveryCodes };
  });
}
