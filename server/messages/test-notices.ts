import assert from 'node:assert/strict';
import pg from 'pg';
import { openTestAccess, type TestAccess } from '../access/test-access.ts';
import { fixedClock } from '../platform/clock.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { deliverMessage } from './deliver-message.ts';
import { registerNoticeRoutes } from './notice-routes.ts';
import { registerNoticeTasks } from './notice-tasks.ts';
import type { NoticeDraft } from './notices-contract.ts';
import { registerTimeZone } from './organisation-calendar.ts';
import { registerMessagesRoutes } from './routes.ts';
import { registerMessagesTasks } from './tasks.ts';
import { tellNotice } from './tell-notice.ts';
import { openTestMailServer, type TestMailServer } from './test-mail-server.ts';

/** Noon in São Paulo. */
export const NOON = '2026-11-20T15:00:00Z';

export interface TestNotices {
  readonly kept: TestAccess;
  readonly mail: TestMailServer;
  readonly admin: pg.Client;
  readonly clock: ReturnType<typeof fixedClock>;
  within<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Drafts one over HTTP. */
  draft(change?: Partial<NoticeDraft>): Promise<Id<'Notice'>>;
  giveList(notice: string, recipients: readonly object[]): Promise<void>;
  /** Announces it over HTTP, with what its preview says. */
  announce(notice: string): Promise<void>;
  /** Runs the task that tells, as often as the queue would, and delivers each mail, until nothing is left to do. */
  tell(notice: Id<'Notice'>): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked at in tests
  get(path: string, who?: string): Promise<any>;
  close(): Promise<void>;
}

export const texts = {
  en: { title: 'Our policy changes', body: 'We keep logs for 30 days.\n\n- Nothing else changes.', link: null },
  'pt-BR': { title: 'Nossa política muda', body: 'Guardamos registros por 30 dias.', link: null },
  es: { title: 'Nuestra política cambia', body: 'Guardamos registros 30 días.', link: null },
};

/** A server with everything that notices need, its clock at noon of 20 November 2026 in São Paulo. */
export async function openTestNotices(): Promise<TestNotices> {
  const clock = fixedClock(NOON);
  const mail = await openTestMailServer();
  const kept = await openTestAccess({
    clock,
    environment: { KEPT_SMTP_URL: mail.url, KEPT_MAIL_FROM: 'Maré <avisos@mare.example>' },
    async register(http, platform) {
      await registerMessagesTasks(platform);
      registerMessagesRoutes(http, platform);
      registerTimeZone(async () => 'America/Sao_Paulo');
      await registerNoticeTasks(platform);
      registerNoticeRoutes(http, platform);
    },
  });
  const admin = new pg.Client(kept.adminUrl);
  await admin.connect();
  const { platform, organisationId } = kept;
  const succeeded = async (method: string, path: string, who: string, body?: unknown) => {
    const answer = await kept.call(method, path, who, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.status === 204 ? null : answer.json();
  };
  const deliverAll = async () => {
    const { rows } = await admin.query<{ id: string }>(
      `select id from messages.message where state in ('queued', 'sending') and next_attempt_at <= $1 order by id`,
      [clock.now()],
    );
    for (const { id } of rows) await deliverMessage(platform, organisationId, brand<'Message'>(id));
    return rows.length;
  };
  return {
    kept,
    mail,
    admin,
    clock,
    within: (work) => platform.db.transaction(organisationId, work),
    async draft(change = {}) {
      const draft = {
        category: 'legal',
        reason: 'policy-change',
        legalBasis: ['LGPD Art. 9 § 6'],
        audience: { name: 'list' },
        channels: ['e-mail', 'in-product', 'page'],
        leadDays: 30,
        effectiveOn: '2027-01-04',
        mainLanguage: 'en',
        texts,
        ...change,
      };
      return brand<'Notice'>((await succeeded('POST', '/v1/messages/notices', 'dpo', draft)).id);
    },
    async giveList(notice, recipients) {
      await succeeded('PUT', `/v1/messages/notices/${notice}/list`, 'dpo', { recipients });
    },
    async announce(notice) {
      const { revision, recipients } = await succeeded('GET', `/v1/messages/notices/${notice}/preview`, 'dpo');
      await succeeded('POST', `/v1/messages/notices/${notice}/announcement`, 'dpo', { revision, recipients });
    },
    async tell(notice) {
      const under = { ...platform, clock };
      for (let round = 0; round < 100; round += 1) {
        await tellNotice(under, organisationId, notice);
        if ((await deliverAll()) === 0) break;
      }
      await tellNotice(under, organisationId, notice);
    },
    get: (path, who = 'dpo') => succeeded('GET', path, who),
    async close() {
      await admin.end();
      await kept.close();
      await mail.close();
    },
  };
}
