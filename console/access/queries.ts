import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  getSettings,
  listAudit,
  listInvitations,
  listKeys,
  listMembers,
} from '../../server/access/members-contract.ts';
import { getOwnAccount, listOwnSessions, previewDeletion } from '../../server/access/own-contract.ts';
import { listDomains, listProviders } from '../../server/access/providers-contract.ts';
import { call } from '../api.ts';

// Looking at people is recorded, so nothing here is looked at again by itself.
const pageAfter = (after: string | undefined) => ({ limit: 50, ...(after === undefined ? {} : { after }) });

export const ownAccountQuery = queryOptions({
  queryKey: ['access', 'own'],
  queryFn: ({ signal }) => call(getOwnAccount, { signal }),
});

export const ownSessionsQuery = queryOptions({
  queryKey: ['access', 'own', 'sessions'],
  queryFn: ({ signal }) => call(listOwnSessions, { signal }),
});

export const deletionQuery = queryOptions({
  queryKey: ['access', 'own', 'deletion'],
  queryFn: ({ signal }) => call(previewDeletion, { signal }),
});

export const membersQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['access', 'members', after ?? ''],
    queryFn: ({ signal }) => call(listMembers, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });

/** As many members as one answer holds, for choosing one. */
export const someMembersQuery = queryOptions({
  queryKey: ['access', 'members', 'some'],
  queryFn: ({ signal }) => call(listMembers, { query: { limit: 200 }, signal }),
  staleTime: 300_000,
  refetchOnWindowFocus: false,
});

export const invitationsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['access', 'invitations', after ?? ''],
    queryFn: ({ signal }) => call(listInvitations, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });

export const keysQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['access', 'keys', after ?? ''],
    queryFn: ({ signal }) => call(listKeys, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
  });

export const settingsQuery = queryOptions({
  queryKey: ['access', 'settings'],
  queryFn: ({ signal }) => call(getSettings, { signal }),
});

export const providersQuery = queryOptions({
  queryKey: ['access', 'providers'],
  queryFn: ({ signal }) => call(listProviders, { signal }),
});

export const domainsQuery = queryOptions({
  queryKey: ['access', 'domains'],
  queryFn: ({ signal }) => call(listDomains, { signal }),
});

export interface AuditFilter {
  readonly person?: string;
  readonly kind?: string;
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
}

export const auditQuery = (filter: AuditFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ['access', 'audit', filter, after ?? ''],
    queryFn: ({ signal }) => call(listAudit, { query: { ...pageAfter(after), ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
