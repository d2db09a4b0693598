import type { FastifyRequest } from 'fastify';
import { sessionOf } from '../access/authorise.ts';
import { deleteOwnAccount } from '../access/delete-own-account.ts';
import type { Access } from '../access/open-access.ts';
import * as contract from '../access/own-contract.ts';
import { clearSessionCookie } from '../access/session-cookie.ts';
import type { HttpServer } from '../platform/http.ts';
import { exportOwnData, type Oneself } from './export-own-data.ts';
import { previewDeletion } from './preview-deletion.ts';

/**
 * A person's own data. It stands here and not in access since it reaches into every folder that knows people, and says
 * until when what stays does, which Kept's own policy decides.
 */
export function registerOwnDataRoutes(http: HttpServer, access: Access): void {
  /** Whoever belongs nowhere any more does it at the server's own organisation. */
  const oneselfOf = (request: FastifyRequest): Oneself => {
    const { personId: id, email, belonging } = sessionOf(request);
    return { id, email, organisationId: belonging?.organisationId ?? access.ownOrganisationId };
  };
  http.route(contract.exportOwnData, ({ query, raw }) => exportOwnData(access, oneselfOf(raw), query.format));

  http.route(contract.previewDeletion, ({ raw }) => previewDeletion(access, oneselfOf(raw)));

  http.route(contract.deleteOwnAccount, async ({ body, raw, reply }) => {
    await deleteOwnAccount(access, oneselfOf(raw), body);
    clearSessionCookie(access.platform.config, reply);
    return null;
  });
}
