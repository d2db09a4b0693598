import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { opensCommitment } from '../ledger/record-entry.ts';
import { brand } from '../platform/ids.ts';
import { findDelivery } from './list-delivery.ts';
import { optOut } from './opt-out.ts';
import { commitmentOfBatch } from './tell-notice.ts';
import { NOON, openTestNotices, texts } from './test-notices.ts';

const DAY = 86_400_000;
const server = await openTestNotices();
const { kept, mail, admin, clock } = server;
after(() => server.close());
beforeEach(() => {
  clock.set(NOON);
  mail.taken.length = 0;
});

const people = [
  { reference: 'c-1', email: 'ana@example.org', language: 'pt-BR' },
  { reference: 'c-2', email: 'bea@example.org', language: 'es' },
  { reference: 'c-3', email: 'carl@example.org' },
];
const path = (notice: string, more = '') => `/v1/messages/notices/${notice}${more}`;
const show = (notice: string) => server.get(path(notice));
const act = (notice: string, what: string, body?: unknown) => kept.call('POST', path(notice, what), 'dpo', body);

async function announced(change: Parameters<typeof server.draft>[0] = {}, list: readonly object[] = people) {
  const notice = await server.draft(change);
  if (change.audience === undefined) await server.giveList(notice, list);
  await server.announce(notice);
  return notice;
}

async function told(change: Parameters<typeof server.draft>[0] = {}, list: readonly object[] = people) {
  const notice = await announced(change, list);
  await server.tell(notice);
  return notice;
}

/** The ledger entries about one notice, oldest first. */
async function entries(notice: string) {
  const { rows } = await admin.query<{ leaf: string }>(
    'select leaf from ledger.pending where organisation_id = $1 order by entry_id',
    [kept.organisationId],
  );
  return rows
    .map(({ leaf }) => {
      assert.doesNotMatch(leaf, /@example\.org/);
      return JSON.parse(leaf);
    })
    .filter(({ kind, body }) => kind.startsWith('notice.') && body.notice === notice);
}

test('a notice goes to everybody in their language, is recorded, and shows its figures', async () => {
  const notice = await told();
  const received = mail.taken.map(({ to, mail: { subject } }) => [to[0], subject]).sort();
  assert.deepEqual(received, [
    ['ana@example.org', 'Nossa política muda'],
    ['bea@example.org', 'Nuestra política cambia'],
    ['carl@example.org', 'Our policy changes'],
  ]);
  const english = mail.taken.find(({ to }) => to[0] === 'carl@example.org');
  assert.match(english?.mail.text ?? '', /Takes effect on: 4 January 2027/);
  assert.match(english?.mail.text ?? '', /Legal basis: LGPD Art\. 9 § 6/);
  assert.equal(
    english?.mail.headers.some(({ key }) => key === 'list-unsubscribe'),
    false,
  );
  const { figures, state, toldAt, mayTakeEffectOn, recipients } = await show(notice);
  assert.deepEqual(
    [state, toldAt, mayTakeEffectOn, recipients],
    ['announced', clock.now().toISOString(), '2027-01-04', 3],
  );
  assert.deepEqual(figures, {
    recipients: 3,
    told: 3,
    waiting: 0,
    sent: 3,
    bounced: 0,
    failed: 0,
    optedOut: 0,
    withoutAddress: 0,
    seen: 0,
    followUpsSent: 0,
    followUpsWaiting: 0,
  });
  const recorded = await entries(notice);
  assert.deepEqual(
    recorded.map(({ kind }) => kind),
    ['notice.announced', 'notice.told', 'notice.all-told'],
  );
  const { rows: left } = await admin.query('select 1 from messages.notice_listed where notice_id = $1', [notice]);
  assert.equal(left.length, 0, 'the list has served');
});

test('who was told what is provable: the ledger commits to each recipient, by reference', async () => {
  const notice = await told();
  const { rows } = await admin.query(
    'select reference, email, language, salt, commitment from messages.notice_recipient where notice_id = $1 order by reference',
    [notice],
  );
  for (const { reference, email, language, salt, commitment } of rows) {
    const text = Object.entries(texts).find(([key]) => key === language)?.[1];
    assert.ok(text !== undefined && opensCommitment(commitment, { notice, reference, email, language, text }, salt));
  }
  const [, batch] = await entries(notice);
  assert.equal(batch.commitment, commitmentOfBatch(rows.map(({ commitment }) => commitment)));
  const [first] = await entries(notice);
  const { rows: own } = await admin.query('select salt from messages.notice where id = $1', [notice]);
  assert.ok(opensCommitment(first.commitment, { notice, texts }, own[0].salt));
  const delivery = await server.within((tx) => findDelivery(tx, brand<'Notice'>(notice), 'c-1'));
  assert.deepEqual([delivery?.state, delivery?.concludedAt], ['sent', clock.now()]);
  assert.equal(await server.within((tx) => findDelivery(tx, brand<'Notice'>(notice), 'c-9')), undefined);
});

test('nothing takes effect before its lead time ended, neither by the act nor by the database', async () => {
  const notice = await told({ leadDays: 30, effectiveOn: '2026-12-21' });
  const tries: [at: string, status: number][] = [
    [NOON, 409],
    // Still 20 December in São Paulo, the last of thirty days after 20 November.
    ['2026-12-21T02:59:59Z', 409],
    ['2026-12-21T03:00:00Z', 200],
  ];
  for (const [at, status] of tries) {
    clock.set(at);
    if (status === 409)
      await assert.rejects(
        admin.query(`update messages.notice set state = 'in-force', in_force_at = $2 where id = $1`, [notice, at]),
        /notice_lead_time|notice_effective_on/,
      );
    const answer = await act(notice, '/entry-into-force');
    assert.equal(answer.status, status, answer.text);
    if (status === 409) assert.equal(answer.json().code, 'lead-time-running');
  }
  assert.equal((await show(notice)).state, 'in-force');
  assert.equal((await act(notice, '/entry-into-force')).status, 200, 'twice changes nothing');
  const recorded = (await entries(notice)).filter(({ kind }) => kind === 'notice.in-force');
  assert.deepEqual(
    recorded.map(({ body }) => body),
    [{ notice, effectiveOn: '2026-12-21' }],
  );
});

test('each of the walls of the database holds by itself', async () => {
  const force = (notice: string, at: string) =>
    admin.query(`update messages.notice set state = 'in-force', in_force_at = $2 where id = $1`, [notice, at]);
  const distant = await told({ leadDays: 30, effectiveOn: '2027-01-04' });
  await assert.rejects(force(distant, '2027-01-03T12:00:00Z'), /notice_effective_on/);
  const late = await announced({ leadDays: 30, effectiveOn: '2026-12-21' });
  clock.set('2026-12-10T15:00:00Z');
  await server.tell(late);
  await assert.rejects(force(late, '2027-01-09T12:00:00Z'), /notice_lead_time/);
  await assert.rejects(
    admin.query(`update messages.notice set in_force_at = '2027-01-10', lead_days = 0 where id = $1`, [late]),
    /check constraint/,
    'in force is a state, not an instant alone',
  );
  clock.set(NOON);
  const untold = await announced({ leadDays: 0, effectiveOn: '2026-11-20' });
  await assert.rejects(
    admin.query(`update messages.notice set state = 'in-force', in_force_at = '2030-01-01' where id = $1`, [untold]),
    /notice_lead_time/,
    'a notice that nobody was told of never takes effect',
  );
  assert.equal((await act(untold, '/entry-into-force')).json().code, 'lead-time-running');
});

test('the lead time counts from the last recipient told, so a mail that is late moves the day', async () => {
  mail.onRecipient.push({ code: 451, text: 'greylisted' });
  const notice = await told({ leadDays: 10, effectiveOn: '2026-12-01' }, people.slice(0, 2));
  const waiting = await show(notice);
  assert.deepEqual([waiting.toldAt, waiting.mayTakeEffectOn, waiting.figures.waiting], [null, null, 1]);
  clock.set('2026-11-25T15:00:00Z');
  await server.tell(brand<'Notice'>(notice));
  const late = await show(notice);
  assert.deepEqual([late.toldAt, late.mayTakeEffectOn], ['2026-11-25T15:00:00.000Z', '2026-12-06']);
  clock.set('2026-12-03T15:00:00Z');
  assert.equal((await act(notice, '/entry-into-force')).json().code, 'lead-time-running');
  clock.set('2026-12-06T15:00:00Z');
  assert.equal((await act(notice, '/entry-into-force')).status, 200);
});

test('who cannot be told holds nothing up: a refusal is an attempt for good', async () => {
  mail.onRecipient.push({ code: 550, text: '5.1.1 unknown' });
  const notice = await told({}, [...people.slice(0, 2), { reference: 'c-4' }]);
  const { figures, toldAt } = await show(notice);
  assert.notEqual(toldAt, null);
  assert.deepEqual([figures.sent, figures.failed, figures.withoutAddress, figures.told], [1, 1, 1, 1]);
  const { items } = await server.get(path(notice, '/recipients?state=failed'));
  assert.deepEqual(
    items.map(({ mailReason }: { mailReason: string }) => mailReason),
    ['refused'],
  );
  const seen = await server.get(path(notice, '/recipients?state=without-address'));
  assert.deepEqual(
    seen.items.map(({ reference }: { reference: string }) => reference),
    ['c-4'],
  );
});

test('an announcement honours opt-outs, a legal notice does not', async () => {
  await server.within((tx) => optOut(tx, { address: 'Ana@example.org', via: 'api' }));
  const announcement = await told({ category: 'announcement', legalBasis: [] });
  assert.deepEqual(mail.taken.map(({ to }) => to[0]).sort(), ['bea@example.org', 'carl@example.org']);
  assert.ok(mail.taken.every(({ mail: { headers } }) => headers.some(({ key }) => key === 'list-unsubscribe')));
  assert.equal((await show(announcement)).figures.optedOut, 1);
  mail.taken.length = 0;
  const legal = await told();
  assert.equal(mail.taken.length, 3);
  assert.equal((await show(legal)).figures.optedOut, 0);
});

test('one mailbox gets one mail, however many references lead to it', async () => {
  const notice = await told({}, [
    { reference: 'shop-1', email: 'ana@example.org' },
    { reference: 'shop-2', email: 'Ana@Example.org' },
  ]);
  assert.equal(mail.taken.length, 1);
  assert.equal((await show(notice)).figures.sent, 2, 'both are proven');
});

test('a draft that lacks something is not announced, and says what', async () => {
  const code = async (change: Parameters<typeof server.draft>[0], list: readonly object[] = people) => {
    const notice = await server.draft(change);
    if (change?.audience === undefined && list.length > 0) await server.giveList(notice, list);
    const preview = await server.get(path(notice, '/preview'));
    const { revision, recipients } = preview;
    const answer = await act(notice, '/announcement', { revision, recipients });
    assert.equal(answer.status, 409, answer.text);
    assert.equal((await show(notice)).state, 'draft');
    return [answer.json().code, preview.obstacles];
  };
  assert.deepEqual(await code({ legalBasis: [] }), ['notice-incomplete', ['legal-basis-missing']]);
  assert.deepEqual(await code({ effectiveOn: null }), ['notice-incomplete', ['effective-date-missing']]);
  assert.deepEqual(await code({ effectiveOn: '2026-12-20' }), ['notice-incomplete', ['effective-date-too-early']]);
  assert.deepEqual(await code({ audience: { name: 'made-up', only: [] } }), [
    'notice-incomplete',
    ['audience-unknown'],
  ]);
  assert.deepEqual(await code({}, []), ['notice-incomplete', ['audience-empty']]);
  assert.deepEqual(await code({ texts: { en: texts.en, es: texts.es } }), ['language-missing', ['language-missing']]);
});

test('what was changed or has grown since it was looked at is not announced', async () => {
  const notice = await server.draft();
  await server.giveList(notice, people);
  const { revision } = await server.get(`${path(notice)}/preview`);
  await server.giveList(notice, people.toReversed());
  const old = await act(notice, '/announcement', { revision, recipients: 3 });
  assert.deepEqual([old.status, old.json().code], [409, 'notice-changed'], 'another list, as long as the first');
  const grown = await act(notice, '/announcement', { revision: revision + 1, recipients: 2 });
  assert.deepEqual([grown.status, grown.json().code], [409, 'audience-grown']);
  await server.announce(notice);
  const again = await act(notice, '/announcement', { revision: revision + 1, recipients: 3 });
  assert.deepEqual([again.status, again.json().code], [409, 'notice-not-a-draft']);
  const edited = await kept.call('PUT', path(notice), 'dpo', { revision: 1, draft: await draftBody(notice) });
  assert.equal(edited.json().code, 'notice-not-a-draft');
  assert.equal((await kept.call('DELETE', path(notice), 'dpo')).json().code, 'notice-not-a-draft');
});

async function draftBody(notice: string) {
  const {
    category,
    reason,
    legalBasis,
    audience,
    channels,
    leadDays,
    effectiveOn,
    mainLanguage,
    texts: said,
  } = await show(notice);
  return { category, reason, legalBasis, audience, channels, leadDays, effectiveOn, mainLanguage, texts: said };
}

test('a draft is edited as it was read, and discarded with its list', async () => {
  const notice = await server.draft();
  await server.giveList(notice, people);
  const draft = { ...(await draftBody(notice)), leadDays: 45 };
  const edited = await kept.call('PUT', path(notice), 'engineer', { revision: 2, draft });
  assert.deepEqual([edited.json().leadDays, edited.json().revision, edited.json().listed], [45, 3, 3]);
  assert.equal(
    (await kept.call('PUT', path(notice), 'engineer', { revision: 2, draft })).json().code,
    'notice-changed',
  );
  assert.equal((await kept.call('DELETE', path(notice), 'engineer')).status, 204);
  const { rows } = await admin.query(
    'select 1 from messages.notice_listed where notice_id = $1 union all select 1 from messages.notice_text where notice_id = $1',
    [notice],
  );
  assert.equal(rows.length, 0);
  assert.equal((await kept.call('GET', path(notice), 'dpo')).status, 404);
});

test('a list that is wrong is refused as a whole, by line, and repeats nobody’s data', async () => {
  const notice = await server.draft();
  const csv =
    'reference,email,language\nc-1,ana@example.org,pt-BR\nc-2,not an address,es\n,x@example.org,\nc-4,,klingon\n';
  const answer = await kept.call('PUT', path(notice, '/list'), 'dpo', { csv });
  assert.deepEqual([answer.status, answer.json().code], [400, 'list-invalid']);
  assert.deepEqual(
    answer.json().issues.map((issue: { path: string }) => issue.path),
    ['line 3, email', 'line 4, reference', 'line 5, language'],
  );
  assert.doesNotMatch(answer.text, /example\.org|not an address|klingon/);
  assert.equal((await show(notice)).listed, 0);
  const good = await kept.call('PUT', path(notice, '/list'), 'dpo', {
    csv: '\uFEFFreference;email\r\n"c;1";ana@example.org\r\nc-2;\r\nc-2;bea@example.org\r\n',
  });
  assert.deepEqual(good.json(), { listed: 2, added: 2, repeated: 1 });
  const more = await kept.call('PUT', path(notice, '/list'), 'dpo', {
    mode: 'append',
    recipients: [{ reference: 'c-2' }, { reference: 'c-3', language: 'es' }],
  });
  assert.deepEqual(more.json(), { listed: 3, added: 1, repeated: 1 });
});

test('a cancellation follows to who was told, after the notice itself, and to nobody else', async () => {
  mail.onRecipient.push({ code: 550, text: '5.1.1 unknown' }, { code: 451, text: 'greylisted' });
  const notice = await told();
  assert.equal(mail.taken.length, 1);
  const sorry = { title: 'It does not change', body: 'We were wrong.', link: null };
  const lacking = await act(notice, '/cancellation', { texts: { en: sorry } });
  assert.equal(lacking.json().code, 'language-missing');
  const answer = await act(notice, '/cancellation', { texts: { en: sorry, 'pt-BR': sorry, es: sorry } });
  assert.equal(answer.json().state, 'cancelled');
  await server.tell(brand<'Notice'>(notice));
  const order = (address: string | undefined) =>
    mail.taken.filter(({ to }) => to[0] === address).map(({ mail: { subject } }) => subject);
  const first = mail.taken[0]?.to[0];
  assert.equal(order(first).length, 2);
  assert.equal(mail.taken.length, 2, 'whose notice still waits is not told of its end before it');
  assert.equal((await show(notice)).figures.followUpsWaiting, 1);
  clock.advance(10 * 60_000);
  await server.tell(brand<'Notice'>(notice));
  assert.equal(mail.taken.length, 4);
  for (const address of new Set(mail.taken.map(({ to }) => to[0])))
    assert.equal(order(address).at(-1), 'It does not change', 'what takes it back comes last');
  const { figures } = await show(notice);
  assert.deepEqual([figures.followUpsSent, figures.followUpsWaiting, figures.failed], [2, 0, 1]);
  assert.equal((await act(notice, '/entry-into-force')).json().code, 'notice-not-announced');
  await assert.rejects(
    admin.query(`update messages.notice set in_force_at = '2030-01-01' where id = $1`, [notice]),
    /check constraint/,
  );
});

test('who was not told yet when a notice is cancelled is never told', async () => {
  const notice = await announced();
  const sorry = { title: 'Never mind', body: 'Nothing changes.', link: null };
  await act(notice, '/cancellation', { texts: { en: sorry, 'pt-BR': sorry, es: sorry } });
  await server.tell(brand<'Notice'>(notice));
  assert.equal(mail.taken.length, 0);
  assert.equal((await show(notice)).figures.followUpsWaiting, 0);
});

test('members are told by mail and in the console, each for themselves', async () => {
  const notice = await told({ audience: { name: 'members', only: ['dpo', 'agent'] } });
  assert.deepEqual(mail.taken.map(({ to }) => to[0]).sort(), [kept.people.agent.email, kept.people.dpo.email].sort());
  const own = (who: string) => server.get('/v1/messages/own-notices', who);
  assert.deepEqual(
    (await own('agent')).items.map(({ id, title }: { id: string; title: string }) => [id, title]),
    [[notice, 'Our policy changes']],
  );
  assert.deepEqual((await own('owner')).items, []);
  const seen = (who: string) => kept.call('POST', `/v1/messages/own-notices/${notice}/seen`, who);
  assert.equal((await seen('owner')).status, 404);
  assert.equal((await seen('agent')).status, 204);
  assert.equal((await seen('agent')).status, 204);
  assert.deepEqual((await own('agent')).items, []);
  assert.equal((await own('dpo')).items.length, 1);
  assert.equal((await show(notice)).figures.seen, 1);
});

test('somebody who joins after the announcement is not of its audience', async () => {
  const notice = await announced({ audience: { name: 'members', only: ['auditor'] } });
  clock.advance(1000);
  await kept.addPerson({ organisationId: kept.organisationId, role: 'auditor' });
  await server.tell(brand<'Notice'>(notice));
  assert.equal((await show(notice)).recipients, 1);
});

test('recipients come in pages, by reference, filtered', async () => {
  const many = Array.from({ length: 25 }, (_, at) => ({
    reference: `r-${String(at).padStart(2, '0')}`,
    language: at % 2 === 0 ? 'en' : 'es',
  }));
  const notice = await told({ channels: ['in-product'] }, many);
  const found: string[] = [];
  let after = '';
  for (;;) {
    const page = await server.get(path(notice, `/recipients?limit=10&language=en${after}`));
    found.push(...page.items.map(({ reference }: { reference: string }) => reference));
    if (page.next === null) break;
    after = `&after=${page.next}`;
  }
  assert.deepEqual(
    found,
    many.filter((_, at) => at % 2 === 0).map(({ reference }) => reference),
  );
  const beginning = await server.get(path(notice, '/recipients?reference=r-1&state=placed'));
  assert.equal(beginning.items.length, 10);
  const { figures, toldAt } = await show(notice);
  assert.deepEqual([figures.recipients, figures.told, toldAt], [25, 0, clock.now().toISOString()]);
});

test('notices are listed newest first, by state, reason and category', async () => {
  const one = await server.draft({ reason: 'price-change', category: 'announcement' });
  clock.advance(1000);
  const two = await server.draft({ reason: 'price-change', category: 'announcement' });
  const list = async (query: string) =>
    (await server.get(`/v1/messages/notices?${query}`)).items.map(({ id }: { id: string }) => id);
  assert.deepEqual(await list('reason=price-change&state=draft&category=announcement'), [two, one]);
  assert.deepEqual(await list(`reason=price-change&limit=1&after=${two}`), [one]);
  assert.deepEqual(await list('reason=price-change&category=legal'), []);
});

test('the preview counts by channel and language, and shows the mails as they will go', async () => {
  const notice = await server.draft();
  await server.giveList(notice, [...people, { reference: 'c-4' }]);
  const preview = await server.get(path(notice, '/preview'));
  assert.deepEqual(preview.byChannel, { 'e-mail': 3, 'in-product': 4, page: 'anyone' });
  assert.deepEqual(preview.byLanguage, { 'pt-BR': 1, en: 0, es: 1 });
  assert.deepEqual(
    [preview.recipients, preview.withoutAddress, preview.languageUnknown, preview.earliestOn, preview.timeZone],
    [4, 1, 2, '2026-12-21', 'America/Sao_Paulo'],
  );
  assert.deepEqual(preview.obstacles, []);
  assert.deepEqual(
    preview.mails.map(({ language, subject }: { language: string; subject: string }) => [language, subject]),
    [
      ['pt-BR', 'Nossa política muda'],
      ['en', 'Our policy changes'],
      ['es', 'Nuestra política cambia'],
    ],
  );
});

test('a year on, an address that has gone leaves the proof', async () => {
  const notice = await told();
  clock.advance(400 * DAY);
  await admin.query(
    'update messages.notice_recipient set email = null, salt = null, purged_at = $2 where notice_id = $1',
    [notice, clock.now()],
  );
  const { items } = await server.get(path(notice, '/recipients'));
  assert.deepEqual(
    items.map(({ reference, state }: { reference: string; state: string }) => [reference, state]),
    [
      ['c-1', 'sent'],
      ['c-2', 'sent'],
      ['c-3', 'sent'],
    ],
  );
});
