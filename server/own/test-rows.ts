import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import type { TestAccess, TestPerson } from '../access/test-access.ts';

/** A running server, and an organisation of it that is to have a row of every kind. */
export interface Filled {
  readonly kept: TestAccess;
  readonly admin: pg.Client;
  readonly address: string;
  /** Headers of the local key, for this organisation. */
  readonly localKey: Readonly<Record<string, string>>;
  /** Makes a key that systems send events with. */
  makeKey(): Promise<string>;
}

const noticeDraft = {
  category: 'announcement',
  reason: 'other',
  audience: { name: 'members', only: ['owner'] },
  channels: ['in-product'],
  leadDays: 0,
  effectiveOn: '2090-01-01',
  mainLanguage: 'en',
  texts: { en: { title: 'T', body: 'B' } },
};

const nowhere = '00000000-0000-7000-8000-000000000000';

/** Bodies that endpoints with parameters take. */
export const bodies: Readonly<Record<string, unknown>> = {
  'PUT /v1/access/members/:person': { role: 'agent' },
  'PUT /v1/access/providers/:provider': {
    kind: 'google',
    name: 'G',
    defaultRole: 'agent',
    admits: false,
    enabled: true,
    settings: { clientId: 'c' },
  },
  'POST /v1/retention/plans/:plan/approval': { rows: 0 },
  'POST /v1/retention/plans/:plan/rejection': { reason: 'r' },
  'POST /v1/retention/runs/:run/steps/:position/release': { rows: 0, reason: 'r' },
  'POST /v1/retention/holds/:hold/release': { reason: 'r' },
  'POST /v1/messages/:message/resend': {},
  'PUT /v1/messages/notices/:notice': { revision: 1, draft: noticeDraft },
  'PUT /v1/messages/notices/:notice/list': { csv: 'reference\nc-1\n' },
  'POST /v1/messages/notices/:notice/announcement': { revision: 1, recipients: 1 },
  'POST /v1/messages/notices/:notice/cancellation': { texts: {} },
  'PUT /v1/messages/mailboxes/:mailbox': { kind: 'webhook', name: 'M', mailAddress: 'm@example.com' },
  'PUT /v1/messages/threads/:thread': { state: 'closed' },
  'POST /v1/messages/threads/:thread/replies': { text: 't', idempotencyKey: nowhere },
  'PUT /v1/webhooks/subscriptions/:subscription': {
    name: 'S',
    url: 'https://203.0.114.7/',
    kinds: null,
    ordered: true,
  },
  'POST /v1/webhooks/subscriptions/:subscription/resume': {},
  'POST /v1/webhooks/subscriptions/:subscription/enable': {},
  'POST /v1/webhooks/subscriptions/:subscription/secrets': {},
  'POST /v1/webhooks/subscriptions/:subscription/replay': {
    since: '2026-01-01T00:00:00Z',
    until: '2027-01-01T00:00:00Z',
  },
  'PUT /v1/webhooks/endpoints/:endpoint': { name: 'E', scheme: { kind: 'stripe' }, enabled: false },
  'POST /v1/webhooks/endpoints/:endpoint/secrets': {},
  'PUT /v1/webhooks/endpoints/:endpoint/rules': { rules: [] },
  'POST /v1/webhooks/endpoints/:endpoint/trial': { example: { from: 'text', body: '{}' } },
  'POST /v1/webhooks/endpoints/:endpoint/replay': { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' },
};

/** Makes a row of each kind in the organisation. @returns parameter of a path → what stands in its place */
export async function fillOrganisation(filled: Filled): Promise<Readonly<Record<string, string>>> {
  const { kept, admin, address, localKey } = filled;
  const ours = kept.organisationId;
  const owner: TestPerson = await kept.addPerson({ organisationId: ours, role: 'owner' });
  await kept.cookieOf(owner);
  const example = join(import.meta.dirname, '..', '..', 'examples', 'messaging-crm');
  const published = await fetch(`${address}/v1/policy/versions`, {
    method: 'POST',
    headers: { ...localKey, 'content-type': 'application/json' },
    body: JSON.stringify({ source: readFileSync(join(example, 'policy.yaml'), 'utf8'), parent: null }),
  });
  assert.equal(published.status, 201, await published.clone().text());
  const one = async (text: string, values: unknown[] = []): Promise<string> => {
    const { rows } = await admin.query<{ one: string }>(text, values);
    assert.ok(rows[0] !== undefined, text);
    return rows[0].one;
  };
  const insert = (text: string) => one(`insert into ${text} returning id::text as one`, [ours]);
  return {
    person: kept.people.agent.id,
    key: await filled.makeKey(),
    session: await one('select id::text as one from access.session where person_id = $1', [owner.id]),
    passkey: await one(
      `insert into access.passkey (credential_id, person_id, public_key, counter, transports, name, backed_up, created_at)
       values ('\\x010203', $1, '\\x00', 0, '{}', 'P', false, now())
       returning rtrim(replace(replace(encode(credential_id, 'base64'), '+', '-'), '/', '_'), '=') as one`,
      [owner.id],
    ),
    message: await insert(
      `messages.message (organisation_id, id, idempotency_key, template, category, language, recipient, subject, body_text,
         body_html, salt, commitment, state, attempts, queued_at, failed_at)
       values ($1, gen_random_uuid(), 'k', 'service-message', 'transactional', 'en', 'x@example.com', 's', 't', 'h', 's',
         'c', 'failed', 1, now(), now())`,
    ),
    export: await insert(
      `exports.export (organisation_id, id, kind, format, parameters, state, bytes, sha256, actor_kind, actor_id, asked_at,
         ended_at, expires_at)
       values ($1, gen_random_uuid(), 'ledger-entries', 'csv', '{}', 'ready', 1, 'h', 'system', 'test', now(), now(),
         now() + interval '7 days')`,
    ),
    invitation: await insert(
      `access.invitation (organisation_id, id, email, role, invited_by, created_at, expires_at)
       values ($1, gen_random_uuid(), 'x@example.com', 'agent', gen_random_uuid(), now(), now() + interval '7 days')`,
    ),
    provider: await insert(
      `access.provider (organisation_id, id, kind, name, settings, default_role, created_at)
       values ($1, gen_random_uuid(), 'google', 'G', '{"clientId":"c"}', 'agent', now())`,
    ),
    domain: await one(
      `insert into access.domain (organisation_id, domain, challenge, created_at)
       values ($1, 'ours.example', 'c', now()) returning domain as one`,
      [ours],
    ),
    entry: await one(
      `select entry_id::text as one from ledger.pending where organisation_id = $1
       union all select entry_id::text from ledger.entry where organisation_id = $1 limit 1`,
      [ours],
    ),
    hash: await one('select hash as one from policy.version where organisation_id = $1', [ours]),
    promise: 'invoices-five-years',
    hold: await insert(
      `retention.hold (organisation_id, id, kind, account, reason, review_on, placed_at, placed_by)
       values ($1, gen_random_uuid(), 'account', 'a', 'r', '2030-01-01', now(), '{"kind":"system","id":"test"}')`,
    ),
    plan: await insert(
      `retention.plan (organisation_id, id, state, created_at, planned_for_at, created_by, policy_hash, data_map_hash, row_count)
       values ($1, gen_random_uuid(), 'awaiting-approval', now(), now(), '{"kind":"system","id":"test"}', repeat('0', 64), repeat('0', 64), 0)`,
    ),
    run: await insert(
      `retention.run (organisation_id, id, cause, state, pause_asked, is_cautious, epoch, created_at, started_by)
       values ($1, gen_random_uuid(), 'schedule', 'paused', false, false, 0, now(), '{"kind":"system","id":"test"}')`,
    ),
    position: '0',
    notice: await noticeForOwners(filled),
    ...(await fillMailIn(insert)),
    ...(await fillInbound(filled)),
    ...(await fillOutbound(filled)),
  };
}

async function noticeForOwners({ address, localKey }: Filled): Promise<string> {
  const headers = { ...localKey, 'content-type': 'application/json' };
  const answer = await fetch(`${address}/v1/messages/notices`, {
    method: 'POST',
    headers,
    body: JSON.stringify(noticeDraft),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  return z.object({ id: z.string() }).parse(await answer.json()).id;
}

/** A mailbox, with a mail and its attachment. */
async function fillMailIn(insert: (text: string) => Promise<string>): Promise<Readonly<Record<string, string>>> {
  const mailbox = await insert(
    `messages.mailbox (organisation_id, id, kind, name, mail_address, enabled, subaddressing, scheme, last_four, sealed_secret, created_at)
     values ($1, gen_random_uuid(), 'webhook', 'M', 'm@example.com', true, false, 'standard', 'abcd', '\\x00', now())`,
  );
  const thread = await insert(
    `messages.thread (organisation_id, id, mailbox_id, token, state, awaits_reply, mails, opened_at, last_mail_at)
     values ($1, gen_random_uuid(), gen_random_uuid(), 't', 'open', true, 1, now(), now())`,
  );
  await insert(
    `messages.mail (organisation_id, id, thread_id, kind, was_page, defects, received_at)
     values ($1, gen_random_uuid(), (select id from messages.thread where organisation_id = $1), 'mail', false, '{}', now())`,
  );
  const attachment = await insert(
    `messages.attachment (organisation_id, id, mail_id, media_type, bytes, sha256, received_at)
     values ($1, gen_random_uuid(), (select id from messages.mail where organisation_id = $1), 'a/b', 1, '\\x00', now())`,
  );
  return { mailbox, thread, attachment };
}

/** An endpoint with two secrets, and something that came there. */
async function fillInbound({ address, localKey }: Filled): Promise<Readonly<Record<string, string>>> {
  const ask = async (path: string, body: unknown) => {
    const headers = { ...localKey, 'content-type': 'application/json' };
    const answer = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return z
      .object({
        endpoint: z.object({ id: z.string(), url: z.string(), secrets: z.array(z.object({ id: z.string() })) }),
      })
      .parse(await answer.json()).endpoint;
  };
  const secret = 'a-secret-of-the-platform';
  const { id, url } = await ask('/v1/webhooks/endpoints', { name: 'E', scheme: { kind: 'shopify' }, secret });
  const { secrets } = await ask(`/v1/webhooks/endpoints/${id}/secrets`, {});
  const signature = createHmac('sha256', secret).update('{}').digest('base64');
  const sent = await fetch(new URL(url, address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-shopify-hmac-sha256': signature },
    body: '{}',
  });
  const { received } = z.object({ received: z.string() }).parse(await sent.json());
  return { endpoint: id, endpointSecret: secrets.at(-1)?.id ?? '', received };
}

/** A subscription with two secrets, and something that was sent there. */
async function fillOutbound({ kept, admin, address, localKey }: Filled): Promise<Readonly<Record<string, string>>> {
  const ask = async (path: string, body: unknown) => {
    const headers = { ...localKey, 'content-type': 'application/json' };
    const answer = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return z.object({ id: z.string(), secrets: z.array(z.object({ id: z.string() })) }).parse(await answer.json());
  };
  const url = 'https://203.0.114.7/hook';
  const { id } = await ask('/v1/webhooks/subscriptions', { name: 'S', url, kinds: ['hold.placed'] });
  const { secrets } = await ask(`/v1/webhooks/subscriptions/${id}/secrets`, {});
  const { rows } = await admin.query<{ id: string }>(
    `insert into webhooks.delivery (organisation_id, id, subscription_id, sequence, entry_id, kind, body, state, attempts,
       round_attempts, created_at, queued_at, settled_at)
     values ($1, gen_random_uuid(), $2, 0, gen_random_uuid(), 'hold.placed', '{}', 'failed', 0, 0, now(), now(), now())
     returning id`,
    [kept.organisationId, id],
  );
  return { subscription: id, secret: secrets.at(-1)?.id ?? '', delivery: rows[0]?.id ?? '' };
}

/** Everything of it that another organisation's people could have changed. */
export async function pictureOf({ kept, admin }: Filled): Promise<unknown> {
  const ours = kept.organisationId;
  const tables = ['access.membership', 'access.key', 'access.invitation', 'access.provider', 'access.domain'];
  const more = [
    'messages.message',
    'exports.export',
    'exports.link',
    'retention.hold',
    'retention.plan',
    'retention.run',
    'policy.version',
  ];
  const inbound = ['webhooks.endpoint', 'webhooks.endpoint_secret', 'webhooks.received'];
  const outbound = ['webhooks.subscription', 'webhooks.subscription_secret', 'webhooks.delivery', 'webhooks.attempt'];
  const notices = ['messages.notice', 'messages.notice_text', 'messages.notice_listed', 'messages.notice_recipient'];
  const mailIn = ['messages.mailbox', 'messages.thread', 'messages.mail', 'messages.attachment'];
  const pictures: Record<string, unknown> = {};
  for (const table of [...tables, ...more, ...mailIn, ...inbound, ...outbound, ...notices]) {
    const { rows } = await admin.query(`select t::text from ${table} t where organisation_id = $1 order by 1`, [ours]);
    pictures[table] = rows;
  }
  pictures['access.passkey'] = (await admin.query('select p::text from access.passkey p order by 1')).rows;
  return pictures;
}
