import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent, redirect } from '@tanstack/react-router';
import type { Export } from '../server/exports/contract.ts';
import type { Category, MessageState } from '../server/messages/contract.ts';
import type { ThreadState } from '../server/messages/mailbox-contract.ts';
import type { NoticeState, RecipientState } from '../server/messages/notices-contract.ts';
import type { Status } from '../server/policy/contract.ts';
import type { Received } from '../server/webhooks/endpoints-contract.ts';
import type { MappedEvent } from '../server/webhooks/mapping-contract.ts';
import type { DeliveryState } from '../server/webhooks/subscriptions-contract.ts';
import { Problem } from './frame/problem.tsx';
import { Shell } from './frame/shell.tsx';
import { useTitle } from './frame/title.ts';
import { frameWords } from './frame/words.ts';
import { useWords } from './language/language.ts';
import { PolicyPage } from './policy/policy-page.tsx';
import { oneOf, textFrom } from './search.ts';

type Search = Record<string, unknown>;
/** Lists keep the cursor of their page in the address. */
const paged = (search: Search): { after?: string } => ({ after: textFrom(search['after']) });

/** What the audit trail is searched by; days in the organisation's time zone. */
interface AuditSearch {
  readonly after?: string;
  readonly kind?: string;
  readonly person?: string;
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What deliveries are searched by. */
interface DeliverySearch {
  readonly after?: string;
  readonly subscription?: string;
  readonly state?: DeliveryState;
  readonly type?: string;
}

/** What came in is searched by. */
interface ReceivedSearch {
  readonly after?: string;
  readonly endpoint?: string;
  readonly state?: Received['state'];
  readonly type?: MappedEvent['type'];
}

/** What messages are searched by; days in the organisation's time zone. */
interface MessageSearch {
  readonly after?: string;
  readonly state?: MessageState;
  readonly category?: Category;
  readonly template?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What conversations are searched by. */
interface ThreadSearch {
  readonly after?: string;
  readonly state?: ThreadState;
  readonly assignee?: string;
  readonly waiting?: 'yes' | 'no';
  readonly q?: string;
}

/** What recipients of a notice are searched by. */
interface RecipientSearch {
  readonly after?: string;
  readonly state?: RecipientState;
  readonly seen?: 'yes' | 'no';
  readonly reference?: string;
}

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => (
    <div className="page">
      <Problem error={error} reading isPage onRetry={reset} />
    </div>
  ),
});

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/policy', replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/policy',
    component: PolicyPage,
    validateSearch: (search: Search): { status?: Status; q?: string } => ({
      status: oneOf(search['status'], ['kept', 'due', 'broken', 'unproven']),
      q: textFrom(search['q']),
    }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/policy/promises/$promise',
    component: lazyRouteComponent(() => import('./policy/promise-page.tsx'), 'PromisePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/policy/versions',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./policy/versions-page.tsx'), 'VersionsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/policy/versions/$hash',
    component: lazyRouteComponent(() => import('./policy/versions-page.tsx'), 'VersionPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/datamap',
    component: lazyRouteComponent(() => import('./datamap/data-map-page.tsx'), 'DataMapPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention',
    component: lazyRouteComponent(() => import('./retention/disposal-page.tsx'), 'DisposalPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention/runs',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./retention/runs-page.tsx'), 'RunsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention/runs/$run',
    component: lazyRouteComponent(() => import('./retention/run-page.tsx'), 'RunPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention/plans',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./retention/plans-page.tsx'), 'PlansPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention/plans/$plan',
    component: lazyRouteComponent(() => import('./retention/plan-page.tsx'), 'PlanPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention/holds',
    validateSearch: (search: Search): { after?: string; released?: 'yes' } => ({
      ...paged(search),
      released: oneOf(search['released'], ['yes']),
    }),
    component: lazyRouteComponent(() => import('./retention/holds-page.tsx'), 'HoldsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/retention/contract-ends',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./retention/contract-ends-page.tsx'), 'ContractEndsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/ledger',
    validateSearch: (search: Search): { after?: string; kind?: string } => ({
      ...paged(search),
      kind: textFrom(search['kind']),
    }),
    component: lazyRouteComponent(() => import('./ledger/ledger-page.tsx'), 'LedgerPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/ledger/entries/$entry',
    component: lazyRouteComponent(() => import('./ledger/entry-page.tsx'), 'EntryPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/ledger/checkpoint',
    component: lazyRouteComponent(() => import('./ledger/checkpoint-page.tsx'), 'CheckpointPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages',
    validateSearch: (search: Search): MessageSearch => ({
      ...paged(search),
      state: oneOf(search['state'], ['queued', 'sent', 'bounced', 'failed']),
      category: oneOf(search['category'], ['transactional', 'legal', 'announcement']),
      template: textFrom(search['template']),
      from: textFrom(search['from']),
      to: textFrom(search['to']),
    }),
    component: lazyRouteComponent(() => import('./messages/log-page.tsx'), 'MailLogPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/$message',
    component: lazyRouteComponent(() => import('./messages/message-page.tsx'), 'MessagePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/threads',
    validateSearch: (search: Search): ThreadSearch => ({
      ...paged(search),
      state: oneOf(search['state'], ['open', 'closed', 'dismissed']),
      assignee: textFrom(search['assignee']),
      waiting: oneOf(search['waiting'], ['yes', 'no']),
      q: textFrom(search['q']),
    }),
    component: lazyRouteComponent(() => import('./messages/threads-page.tsx'), 'ThreadsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/threads/$thread',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./messages/thread-page.tsx'), 'ThreadPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/notices',
    validateSearch: (search: Search): { after?: string; state?: NoticeState } => ({
      ...paged(search),
      state: oneOf(search['state'], ['draft', 'announced', 'in-force', 'cancelled']),
    }),
    component: lazyRouteComponent(() => import('./messages/notices-page.tsx'), 'NoticesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/notices/new',
    component: lazyRouteComponent(() => import('./messages/notices-page.tsx'), 'NewNoticePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/notices/$notice',
    validateSearch: (search: Search): RecipientSearch => ({
      ...paged(search),
      state: oneOf(search['state'], ['waiting', 'sent', 'bounced', 'failed', 'opted-out', 'without-address', 'placed']),
      seen: oneOf(search['seen'], ['yes', 'no']),
      reference: textFrom(search['reference']),
    }),
    component: lazyRouteComponent(() => import('./messages/notice-page.tsx'), 'NoticePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/settings',
    component: lazyRouteComponent(() => import('./messages/mail-settings-page.tsx'), 'MailSettingsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/templates',
    validateSearch: (search: Search): { template?: string; language?: string } => ({
      template: textFrom(search['template']),
      language: textFrom(search['language']),
    }),
    component: lazyRouteComponent(() => import('./messages/templates-page.tsx'), 'TemplatesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/messages/opt-outs',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./messages/opt-outs-page.tsx'), 'OptOutsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./webhooks/subscriptions-page.tsx'), 'SubscriptionsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/subscriptions/$subscription',
    component: lazyRouteComponent(() => import('./webhooks/subscription-page.tsx'), 'SubscriptionPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/deliveries',
    validateSearch: (search: Search): DeliverySearch => ({
      ...paged(search),
      subscription: textFrom(search['subscription']),
      state: oneOf(search['state'], ['waiting', 'delivered', 'failed', 'skipped']),
      type: textFrom(search['type']),
    }),
    component: lazyRouteComponent(() => import('./webhooks/deliveries-page.tsx'), 'DeliveriesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/deliveries/$delivery',
    component: lazyRouteComponent(() => import('./webhooks/delivery-page.tsx'), 'DeliveryPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/endpoints',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./webhooks/endpoints-page.tsx'), 'EndpointsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/endpoints/$endpoint',
    component: lazyRouteComponent(() => import('./webhooks/endpoint-page.tsx'), 'EndpointPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/received',
    validateSearch: (search: Search): ReceivedSearch => ({
      ...paged(search),
      endpoint: textFrom(search['endpoint']),
      state: oneOf(search['state'], ['waiting', 'mapped', 'unmapped', 'failed', 'unreadable']),
      type: oneOf(search['type'], [
        'account.cancelled',
        'account.reactivated',
        'grant.revoked',
        'person.deleted',
        'contact.opted-out',
      ]),
    }),
    component: lazyRouteComponent(() => import('./webhooks/received-page.tsx'), 'ReceivedPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks/received/$received',
    component: lazyRouteComponent(() => import('./webhooks/received-page.tsx'), 'OneReceivedPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/exports',
    validateSearch: (search: Search): { after?: string; kind?: string; state?: Export['state'] } => ({
      ...paged(search),
      kind: textFrom(search['kind']),
      state: oneOf(search['state'], ['queued', 'making', 'ready', 'expired', 'cancelled', 'failed']),
    }),
    component: lazyRouteComponent(() => import('./exports/exports-page.tsx'), 'ExportsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/account',
    component: lazyRouteComponent(() => import('./access/account-page.tsx'), 'AccountPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/members',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./access/members-page.tsx'), 'MembersPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/invitations',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./access/invitations-page.tsx'), 'InvitationsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/roles',
    component: lazyRouteComponent(() => import('./access/roles-page.tsx'), 'RolesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/rules',
    component: lazyRouteComponent(() => import('./access/rules-page.tsx'), 'RulesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/providers',
    component: lazyRouteComponent(() => import('./access/providers-page.tsx'), 'ProvidersPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/keys',
    validateSearch: paged,
    component: lazyRouteComponent(() => import('./access/access-keys-page.tsx'), 'AccessKeysPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings/audit',
    validateSearch: (search: Search): AuditSearch => ({
      ...paged(search),
      kind: textFrom(search['kind']),
      person: textFrom(search['person']),
      address: textFrom(search['address']),
      from: textFrom(search['from']),
      to: textFrom(search['to']),
    }),
    component: lazyRouteComponent(() => import('./access/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/enter',
    validateSearch: (search: Search): { refused?: string; tried?: string } => ({
      refused: textFrom(search['refused']),
      tried: textFrom(search['tried']),
    }),
    component: lazyRouteComponent(() => import('./access/enter-page.tsx'), 'EnterPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/setup',
    component: lazyRouteComponent(() => import('./access/setup-page.tsx'), 'SetupPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/verify',
    component: lazyRouteComponent(() => import('./access/verification-page.tsx'), 'VerificationPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/reset',
    component: lazyRouteComponent(() => import('./access/reset-page.tsx'), 'ResetPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/invitation',
    component: lazyRouteComponent(() => import('./access/invitation-page.tsx'), 'InvitationPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function NotFound() {
  const words = useWords(frameWords);
  useTitle(words.notFound);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.notFound}</h1>
        <p className="lede">{words.notFoundText}</p>
      </header>
      <Link to="/policy" className="button">
        {words.toPolicy}
      </Link>
    </div>
  );
}
