import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import pg from 'pg';
import { SystemUnreachable } from '../connectors/connector.ts';
import { listLedgerEntries } from '../ledger/list-entries.ts';
import { fixedClock } from '../platform/clock.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { Failure } from '../platform/failure.ts';
import { openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import type { Board, Measurement } from './contract.ts';
import { findPolicyInForce } from './find-policy.ts';
import { measurePromises } from './measure-promises.ts';
import { createProvers, type Prover } from './prover.ts';
import { publishPolicy } from './publish-policy.ts';
import { readBoard } from './read-board.ts';
import { readPromise } from './read-policy.ts';
import { registerPolicyRoutes } from './routes.ts';
import { thinProofs } from './store.ts';
import { registerPolicyTasks } from './tasks.ts';

const start = '2026-11-20T12:00:00Z';
const clock = fixedClock(start);
const { platform, adminUrl, newOrganisation, createProductDatabase, close } = await openTestPlatform({ clock });
const admin = new pg.Client(adminUrl);
await admin.connect();
const productDatabase = await createProductDatabase();
const product = new pg.Client(productDatabase.url);
await product.connect();
await product.query('create table log (written_at timestamptz not null)');

/** Looks at a real table of a product: how many rows are older than thirty days. */
const logProver: Prover = {
  name: 'test-log',
  proves: (rule) => rule.verb === 'keep' && rule.form === 'for',
  async prove(_platform, _organisation, _promise, at): Promise<Omit<Measurement, 'measuredAt'>> {
    const before = new Date(at.getTime() - 30 * 86_400_000);
    const { rows } = await product.query<{ overdue: number; total: number }>(
      'select count(*)::int as total, count(*) filter (where written_at < $1)::int as overdue from log',
      [before],
    );
    const { overdue = 0, total = 0 } = rows[0] ?? {};
    const place = { dataset: 'log', system: 'product', rows: total, due: 0, held: 0, excepted: 0, oldestAt: null };
    return {
      status: overdue === 0 ? 'kept' : 'broken',
      reason: null,
      oldestAt: null,
      ageSeconds: 86_400,
      limitSeconds: 30 * 86_400,
      toleranceSeconds: 86_400,
      places: [{ ...place, broken: overdue }],
    };
  },
};
let trouble: Error = new Error('not set');
const troubledProver: Prover = {
  name: 'test-trouble',
  proves: (rule) => rule.verb === 'protect',
  prove: async () => {
    throw trouble;
  },
};
const provers = createProvers();
provers.registerProver(logProver);
provers.registerProver(troubledProver);

let organisation: OrganisationId;
const actor = { kind: 'person' as const, id: 'p' };
const http = openHttp(platform, async () => ({ organisationId: organisation, actor, language: 'en' }));
registerPolicyRoutes(http, platform, provers);
await registerPolicyTasks(platform, provers);

after(async () => {
  await http.close();
  await product.end();
  await admin.end();
  await close();
});
beforeEach(async () => {
  clock.set(start);
  await product.query('truncate log');
  organisation = await newOrganisation();
});

const policy = (period = 'P30D') => `kept: 1
organisation:
  name: Maré
  country: BR
  time-zone: America/Sao_Paulo
  regimes: [lgpd]
  languages: [pt-BR, en]
  contact: dpo@mare.example
subjects:
  person: { pt-BR: pessoas, en: people }
data:
  log: { of: person, role: controller, holds: [events] }
purposes:
  service: { basis: { lgpd: 7-IX }, data: [log] }
promises:
  log-for-a-time:
    ref: T-1
    keep: { data: log, for: ${period}, from: written, then: delete }
    says: { pt-BR: 'Guardamos por {for}.', en: 'We keep it for {for}.' }
  log-protected:
    protect: { measure: no-identifiers, data: log }
    says: { pt-BR: 'Sem identificadores.', en: 'No identifiers.' }
  log-released:
    erase: { data: log, on: grant-revoked, within: PT1M }
    says: { pt-BR: 'Apagado em {within}.', en: 'Erased within {within}.' }
  reply:
    answer: { within: P15D }
    says: { pt-BR: 'Respondemos em {within}.', en: 'We answer within {within}.' }
`;

const within = <T>(work: (tx: Tx) => Promise<T>) => platform.db.transaction(organisation, work);
const publish = (source: string, parent: string | null) => within((tx) => publishPolicy(tx, { source, parent, actor }));
const board = () => within((tx) => readBoard(tx, clock.now()));
const measure = (promises?: string[]) => measurePromises(platform, provers, organisation, promises);
const rowOf = ({ promises }: Board, promise: string) => {
  const row = promises.find((entry) => entry.promise === promise);
  assert.ok(row !== undefined, promise);
  return row;
};
const statusOf = async (promise: string) => {
  const { status, reason } = rowOf(await board(), promise);
  return [status, reason?.code ?? null];
};
const failing = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;

describe('versions', () => {
  it('a policy comes into force once, and publishing it again changes nothing', async () => {
    const first = await publish(policy(), null);
    assert.ok(first.changed);
    assert.equal(first.version.number, 1);
    const again = await publish(`# the same, said otherwise\n${policy()}`, null);
    assert.deepEqual([again.changed, again.version.number], [false, 1]);
    const { items } = await within((tx) => listLedgerEntries(tx, { limit: 10, kind: 'policy.published' }));
    assert.deepEqual(
      items.map(({ body }) => body),
      [{ version: first.version.hash, parent: null, number: 1, promises: 4 }],
    );
    const inForce = await within(findPolicyInForce);
    assert.deepEqual(
      [inForce?.hash, inForce?.timeZone, inForce?.country],
      [first.version.hash, 'America/Sao_Paulo', 'BR'],
    );
    assert.deepEqual(
      inForce?.promises.map(({ promise }) => promise),
      ['log-for-a-time', 'log-protected', 'log-released'],
    );
  });

  it('who edits an old version is told so, and of two at once only one wins', async () => {
    const { version } = await publish(policy(), null);
    await assert.rejects(publish(policy('P31D'), null), failing('parent-is-not-current'));
    const both = await Promise.allSettled([
      publish(policy('P31D'), version.hash),
      publish(policy('P32D'), version.hash),
    ]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    const lost = both.find(({ status }) => status === 'rejected');
    assert.ok(lost?.status === 'rejected' && failing('parent-is-not-current')(lost.reason));
  });

  it('an earlier text may come back, and the history says so', async () => {
    const one = await publish(policy(), null);
    const two = await publish(policy('P31D'), one.version.hash);
    const three = await publish(policy(), two.version.hash);
    assert.deepEqual([three.version.number, three.version.hash], [3, one.version.hash]);
    const answer = await http.fastify.inject({ url: '/v1/policy/versions?limit=2' });
    const page = answer.json<{ items: { number: number }[]; next: string | null }>();
    assert.deepEqual([page.items.map(({ number }) => number), page.next], [[3, 2], '2']);
    const rest = await http.fastify.inject({ url: '/v1/policy/versions?limit=2&after=2' });
    assert.deepEqual(
      rest.json<{ items: { number: number }[] }>().items.map(({ number }) => number),
      [1],
    );
    const text = await http.fastify.inject({ url: `/v1/policy/versions/${two.version.hash}` });
    assert.match(text.json<{ source: string }>().source, /P31D/);
  });

  it('a policy with a mistake is refused with its place and remedy, and nothing is kept of it', async () => {
    const refused = async (source: string) => {
      const answer = await http.fastify.inject({
        method: 'POST',
        url: '/v1/policy/versions',
        payload: { source, parent: null },
      });
      return {
        status: answer.statusCode,
        ...answer.json<{ code: string; detail: string; issues: { path: string; message: string }[] }>(),
      };
    };
    const unreadable = await refused(policy().replace('from:', 'form:'));
    assert.deepEqual([unreadable.status, unreadable.code], [400, 'policy-unreadable']);
    assert.match(unreadable.detail, /^Line 18, column 5: “from” is missing/);
    const wrong = await refused(policy().replace('data: log, for', 'data: logs, for'));
    assert.deepEqual([wrong.status, wrong.code], [422, 'policy-has-errors']);
    assert.equal(wrong.issues[0]?.path, 'promises.log-for-a-time.keep.data');
    assert.match(wrong.issues[0]?.message ?? '', /Did you mean log/);
    assert.equal(await within(findPolicyInForce), undefined);
  });

  it('another organisation sees none of it', async () => {
    const { version } = await publish(policy(), null);
    await measure();
    organisation = await newOrganisation();
    assert.equal(await within(findPolicyInForce), undefined);
    assert.deepEqual((await board()).promises, []);
    assert.equal((await http.fastify.inject({ url: `/v1/policy/versions/${version.hash}` })).statusCode, 404);
    assert.equal((await http.fastify.inject({ url: '/v1/policy/promises/log-for-a-time' })).statusCode, 404);
    assert.equal((await http.fastify.inject({ url: '/v1/policy/document' })).statusCode, 404);
  });
});

describe('the board', () => {
  it('calls nothing kept that was not measured', async () => {
    await publish(policy(), null);
    assert.deepEqual(await statusOf('log-for-a-time'), ['unproven', 'never-measured']);
    await measure(['log-for-a-time']);
    assert.deepEqual(await statusOf('log-for-a-time'), ['kept', null]);
    assert.deepEqual(await statusOf('log-protected'), ['unproven', 'never-measured']);
    const shown = rowOf(await board(), 'log-for-a-time');
    assert.equal(shown.sentence['pt-BR'], 'Guardamos por 30 dias.');
    assert.equal(shown.sentence.en, 'We keep it for 30 days.');
    assert.deepEqual(shown.period, { 'pt-BR': '30 dias', en: '30 days' });
    assert.equal(shown.measurement?.measuredAt, '2026-11-20T12:00:00.000Z');
    assert.equal(shown.freshUntil, '2026-11-21T14:00:00.000Z');
    assert.ok(shown.entry !== null);
  });

  it('turns broken when the store does, and kept again when it is repaired', async () => {
    await publish(policy(), null);
    await product.query("insert into log values ('2026-11-01'), ('2026-09-01')");
    await measure(['log-for-a-time']);
    const broken = rowOf(await board(), 'log-for-a-time');
    assert.equal(broken.status, 'broken');
    assert.deepEqual(
      broken.measurement?.places.map(({ rows, broken: overdue }) => [rows, overdue]),
      [[2, 1]],
    );
    await product.query("delete from log where written_at < '2026-10-01'");
    clock.advance(60_000);
    await measure(['log-for-a-time']);
    assert.deepEqual(await statusOf('log-for-a-time'), ['kept', null]);
  });

  it('an old look proves nothing good, and what was broken stays broken', async () => {
    await publish(policy(), null);
    await measure(['log-for-a-time']);
    clock.advance(26 * 3_600_000);
    assert.deepEqual(await statusOf('log-for-a-time'), ['kept', null]);
    clock.advance(1);
    assert.deepEqual(await statusOf('log-for-a-time'), ['unproven', 'stale']);
    await product.query("insert into log values ('2026-09-01')");
    await measure(['log-for-a-time']);
    clock.advance(100 * 3_600_000);
    assert.deepEqual(await statusOf('log-for-a-time'), ['broken', null]);
  });

  it('a clock that went back leaves no promise kept by a measurement of the future, until it is measured again', async () => {
    await publish(policy(), null);
    await measure(['log-for-a-time']);
    clock.set('2026-11-20T11:00:00Z');
    assert.deepEqual(await statusOf('log-for-a-time'), ['unproven', 'measured-ahead']);
    await measure(['log-for-a-time']);
    assert.deepEqual(await statusOf('log-for-a-time'), ['kept', null]);
  });

  it('the proof of one rule is none of another', async () => {
    const { version } = await publish(policy(), null);
    await measure(['log-for-a-time']);
    await publish(policy('P60D'), version.hash);
    assert.deepEqual(await statusOf('log-for-a-time'), ['unproven', 'rule-changed']);
  });

  it('a look that failed says why, in three languages, and does not stop the others', async () => {
    await publish(policy(), null);
    trouble = new SystemUnreachable('The product database did not answer.', 'Look whether it runs.', undefined);
    await measure();
    const unreachable = rowOf(await board(), 'log-protected');
    assert.deepEqual([unreachable.status, unreachable.reason?.code], ['unproven', 'system-unreachable']);
    assert.match(unreachable.reason?.text.en ?? '', /did not answer.*Look whether it runs/);
    assert.ok((unreachable.reason?.text['pt-BR'] ?? '').length > 0 && (unreachable.reason?.text.es ?? '').length > 0);
    trouble = new TypeError('undefined is not a function');
    await measure();
    assert.deepEqual(await statusOf('log-protected'), ['unproven', 'measurement-crashed']);
    assert.doesNotMatch(JSON.stringify(rowOf(await board(), 'log-protected')), /undefined is not/);
    assert.deepEqual(await statusOf('log-for-a-time'), ['kept', null]);
    assert.deepEqual(await statusOf('log-released'), ['unproven', 'no-prover']);
    assert.deepEqual(await statusOf('reply'), ['unproven', 'verb-later']);
    assert.deepEqual((await board()).counts, { kept: 1, due: 0, broken: 0, unproven: 3 });
    assert.equal(rowOf(await board(), 'reply').sentence.en, 'We answer within 15 days.');
  });

  it('tells the nearest name of a promise that is not there', async () => {
    await publish(policy(), null);
    await assert.rejects(
      measure(['log-for-time']),
      (error) => failing('promise-not-found')(error) && /log-for-a-time/.test(String(error)),
    );
  });
});

describe('a promise', () => {
  it('shows its rule as written, its findings and its history, newest first', async () => {
    await publish(policy().replace('for {for}.', 'for a while.').replace('por {for}.', 'por um tempo.'), null);
    for (let look = 0; look < 5; look += 1) {
      clock.advance(3_600_000);
      await measure(['log-for-a-time']);
    }
    const page = await within((tx) => readPromise(tx, 'log-for-a-time', { limit: 3 }, clock.now()));
    assert.match(page.source, /^ {2}log-for-a-time:\n/);
    assert.match(page.source, /a while/);
    assert.doesNotMatch(page.source, /log-protected/);
    assert.deepEqual(
      page.findings.map(({ code }) => code),
      ['number-not-said'],
    );
    const hours = (items: { measurement: Measurement }[]) =>
      items.map(({ measurement }) => measurement.measuredAt.slice(11, 13));
    assert.deepEqual(hours(page.history.items), ['17', '16', '15']);
    const { next } = page.history;
    assert.ok(next !== null);
    const rest = await within((tx) => readPromise(tx, 'log-for-a-time', { limit: 3, after: next }, clock.now()));
    assert.deepEqual([hours(rest.history.items), rest.history.next], [['14', '13'], null]);
  });

  it('keeps of old days the first proof of each status', async () => {
    await publish(policy(), null);
    for (let look = 0; look < 4; look += 1) {
      if (look === 2) await product.query("insert into log values ('2026-09-01')");
      await measure(['log-for-a-time']);
      clock.advance(3_600_000);
    }
    const removed = await within((tx) => thinProofs(tx, clock.now(), 'America/Sao_Paulo'));
    assert.equal(removed, 2);
    const { history } = await within((tx) => readPromise(tx, 'log-for-a-time', { limit: 10 }, clock.now()));
    assert.deepEqual(
      history.items.map(({ measurement }) => measurement.status),
      ['broken', 'kept'],
    );
  });
});

describe('measuring by itself', () => {
  before(() => platform.tasks.start());

  it('publishing a policy has its promises measured, and the figures are there for an alarm', async () => {
    await publish(policy(), null);
    await platform.tasks.settled();
    assert.deepEqual(await statusOf('log-for-a-time'), ['kept', null]);
    const metrics = await platform.metrics.metrics();
    const { rows } = await admin.query<{ slug: string }>('select slug from access.organisation where id = $1', [
      organisation,
    ]);
    const slug = rows[0]?.slug ?? '';
    assert.ok(metrics.includes(`kept_promises{organisation="${slug}",status="kept"} 1`));
    assert.ok(metrics.includes(`kept_promise_status{organisation="${slug}",promise="log-for-a-time",status="kept"} 1`));
    assert.ok(
      metrics.includes(`kept_promise_oldest_age_seconds{organisation="${slug}",promise="log-for-a-time"} 86400`),
    );
    assert.doesNotMatch(metrics, /mare\.example/);
  });

  it('answers with the board through the API', async () => {
    await publish(policy(), null);
    const answer = await http.fastify.inject({ method: 'POST', url: '/v1/policy/measurements', payload: {} });
    assert.equal(answer.statusCode, 200);
    assert.equal(rowOf(answer.json<Board>(), 'log-for-a-time').status, 'kept');
    const document = await http.fastify.inject({ url: '/v1/policy/document' });
    assert.deepEqual(document.json<{ sections: { promises: string[] }[] }>().sections[0]?.promises.length, 4);
    const check = await http.fastify.inject({
      method: 'POST',
      url: '/v1/policy/check',
      payload: { source: 'kept: 2' },
    });
    assert.equal(check.statusCode, 200);
    assert.equal(check.json<{ hash: string | null }>().hash, null);
    for (const path of ['versions', 'promises/log-for-a-time']) {
      for (const cursor of ['x', '-1', '99999999999']) {
        const page = await http.fastify.inject({ url: `/v1/policy/${path}?after=${cursor}` });
        assert.deepEqual([page.statusCode, page.json().code], [400, 'invalid-input'], `${path} ${cursor}`);
      }
      assert.equal((await http.fastify.inject({ url: `/v1/policy/${path}?after=1` })).statusCode, 200);
    }
    const schema = await http.fastify.inject({ url: '/v1/policy/schema.json' });
    assert.equal(schema.json<{ type: string }>().type, 'object');
  });
});
