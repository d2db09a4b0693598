import type { FastifyRequest } from 'fastify';
import type { HttpServer } from '../platform/http.ts';
import { brand } from '../platform/ids.ts';
import { identityOf } from './authorise.ts';
import { changeRole, type Governor, removeMember } from './change-role.ts';
import { describeInvitation } from './describe-invitation.ts';
import { selectInvitations } from './invitation-store.ts';
import { invite } from './invite.ts';
import { type MemberRow, selectMembers } from './member-store.ts';
import * as contract from './members-contract.ts';
import type { Access } from './open-access.ts';
import { revokeInvitation } from './revoke-invitation.ts';

/** Who belongs to the organisation, and who is invited. */
export function registerMembersRoutes(http: HttpServer, access: Access): void {
  serveMembers(http, access);
  serveInvitations(http, access);
}

function serveMembers(http: HttpServer, { platform: { db } }: Access): void {
  http.route(contract.listMembers, ({ caller, query: { limit, after } }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const members = await selectMembers(tx, { limit: limit + 1, after });
      const shown = members.slice(0, limit);
      return { items: shown.map(toMember), next: members.length > limit ? (shown.at(-1)?.person ?? null) : null };
    }),
  );

  http.route(contract.changeRole, ({ caller, params, body, raw }) =>
    db.transaction(caller.organisationId, async (tx) =>
      toMember(await changeRole(tx, governor(raw), brand<'Person'>(params.person), body.role)),
    ),
  );

  http.route(contract.removeMember, ({ caller, params, raw }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await removeMember(tx, governor(raw), brand<'Person'>(params.person));
      return null;
    }),
  );
}

function serveInvitations(http: HttpServer, access: Access): void {
  const { db } = access.platform;

  http.route(contract.listInvitations, ({ caller, query: { limit, after } }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const stored = await selectInvitations(tx, { limit: limit + 1, after });
      const items = [];
      for (const invitation of stored.slice(0, limit)) items.push(await describeInvitation(access, tx, invitation));
      return { items, next: stored.length > limit ? (items.at(-1)?.id ?? null) : null };
    }),
  );

  http.route(contract.invite, async ({ caller, body, raw }) => {
    const { organisationId } = caller;
    await access.limits.invitation({ organisation: organisationId, email: body.email });
    const name = identityOf(raw).session?.name ?? null;
    return db.transaction(organisationId, async (tx) =>
      describeInvitation(access, tx, await invite(access, tx, { ...governor(raw), name }, body)),
    );
  });

  http.route(contract.revokeInvitation, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await revokeInvitation(tx, caller.actor, params.invitation);
      return null;
    }),
  );
}

function governor(request: FastifyRequest): Governor {
  const { actor, role } = identityOf(request);
  return { actor, role };
}

function toMember(row: MemberRow): contract.Member {
  return {
    ...row,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    memberSince: row.memberSince.toISOString(),
  };
}
