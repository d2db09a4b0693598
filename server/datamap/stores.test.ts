import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import pg from 'pg';
import { findOrganisation, isFirstOrganisation } from '../access/list-organisations.ts';
import { listLedgerEntries } from '../ledger/list-entries.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { Failure } from '../platform/failure.ts';
import { openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { checkPolicy, hasErrors } from '../policy/check-policy.ts';
import { measurePromises } from '../policy/measure-promises.ts';
import { createProvers } from '../policy/prover.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { readBoard } from '../policy/read-board.ts';
import { checkDataMap } from './check-data-map.ts';
import { draftPolicy } from './draft-policy.ts';
import { findDataMapInForce } from './find-data-map.ts';
import { openDatasetSystem } from './open-system.ts';
import { protectionProver } from './prove-protection.ts';
import { publishDataMap } from './publish-data-map.ts';
import { registerDatamapRoutes } from './routes.ts';

const test = await openTestPlatform({
  environment: { KEPT_SECRET_ENVIRONMENT: 'postgresql://nobody@127.0.0.1:1/first' },
});
const { platform, close } = test;
const productDatabase = await test.createProductDatabase();
const product = new pg.Client(productDatabase.url);
/** The configuration reads the file anew each time. */
const secrets: Record<string, string | Record<string, string>> = { shop: productDatabase.url };
const writeSecrets = () => writeFileSync(join(platform.config.dataDirectory, 'secrets.json'), JSON.stringify(secrets));

async function slugOf(id: OrganisationId): Promise<string> {
  const found = await findOrganisation(platform, id);
  assert.ok(found !== undefined);
  return found.slug;
}

/** One with credentials of its own. */
async function newOrganisation(credentials: Record<string, string> = { shop: productDatabase.url }) {
  const id = await test.newOrganisation();
  secrets[await slugOf(id)] = credentials;
  writeSecrets();
  return id;
}
const provers = createProvers();
provers.registerProver(protectionProver);

const envelope = () =>
  `enc:v1:${Buffer.concat([randomBytes(12), randomBytes(48), randomBytes(16)]).toString('base64')}`;

let organisation: OrganisationId;
const actor = { kind: 'person' as const, id: 'p' };
const http = openHttp(platform, async () => ({ organisationId: organisation, actor, language: 'en' }));
registerDatamapRoutes(http, platform);
const within = <T>(work: (tx: Tx) => Promise<T>) => platform.db.transaction(organisation, work);

before(async () => {
  await product.connect();
  await product.query(`
    create table public.shop (id bigint primary key, name text not null, status text not null, canceled_at timestamptz, owner_email text);
    create table public.customer (id bigint primary key, shop_id bigint not null references public.shop, full_name text, email text, created_at timestamptz not null);
    create table public.orders (id bigint primary key, customer_id bigint not null references public.customer, total numeric, placed_at timestamptz not null);
    create table public.invoice (id bigint primary key, shop_id bigint not null references public.shop, number text, issued_on date not null);
    create table public.token_key (id text primary key);
    create table public.access_grant (id bigint primary key, shop_id bigint not null references public.shop, access_token text not null, key_id text, expires_at timestamptz);
    create table public.page_view (id bigint primary key, ip inet, seen_at timestamptz not null);
    create table public.page_count (day date, page text, hits int, primary key (day, page));
    create table public.audit_log (id bigint, recorded_at timestamptz not null, shop_id bigint, primary key (recorded_at, id)) partition by range (recorded_at);
    create table public.audit_log_2026 partition of public.audit_log for values from ('2026-01-01') to ('2027-01-01');
    create table public.schema_migrations (version text primary key);
    create table public.currency (code text primary key, symbol text);
    create table public.loose (email text)`);
});
after(async () => {
  await http.close();
  await product.end();
  await close();
});
beforeEach(async () => {
  organisation = await newOrganisation();
});

const policySource = `kept: 1
organisation: { name: Loja, country: BR, time-zone: America/Sao_Paulo, regimes: [lgpd], languages: [en], contact: dpo@loja.example }
subjects:
  visitor: { en: visitors }
data:
  token: { of: visitor, role: controller, holds: [credentials] }
  view: { of: visitor, role: controller, holds: [network-prefix] }
  metric: { of: visitor, role: controller, holds: [counts] }
purposes:
  service: { basis: { lgpd: 7-IX }, data: [token, view, metric] }
promises:
  encrypted:
    protect: { measure: encrypted-field, data: token }
    says: { en: Tokens are stored encrypted. }
  keys:
    protect: { measure: keys-present, data: token }
    says: { en: Their keys stay. }
  addresses:
    protect: { measure: anonymised-ip, data: view }
    says: { en: Addresses are anonymised. }
  sums:
    protect: { measure: no-identifiers, data: metric }
    says: { en: Metrics name nobody. }
  space:
    protect: { measure: space-released }
    says: { en: Space is used again. }
`;

const mapSource = `kept-map: 1
systems:
  product: { kind: postgres, credential: shop }
datasets:
  grants:
    covers: [token]
    system: product
    table: public.access_grant
    key: [id]
    fields:
      secret: { column: access_token, prefix: 'enc:v1:' }
      key-reference: { column: key_id, table: public.token_key, to: id }
  views:
    covers: [view]
    system: product
    table: public.page_view
    key: [id]
    fields: { ip: ip }
  counts:
    covers: [metric]
    system: product
    table: public.page_count
    key: [day, page]
    fields: { text: [page] }
`;

async function publishBoth(map = mapSource) {
  await within((tx) => publishPolicy(tx, { source: policySource, parent: null, actor }));
  return await publishDataMap(platform, organisation, { source: map, parent: null, actor });
}

const failing = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof Failure && error.code === code && text.test(`${error.message} ${JSON.stringify(error.issues)}`);

describe('publishing a data map', () => {
  it('brings it into force, once, with an entry in the ledger', async () => {
    const { version, changed } = await publishBoth();
    assert.deepEqual([version.number, changed], [1, true]);
    const again = await publishDataMap(platform, organisation, {
      source: `# said again\n${mapSource}`,
      parent: null,
      actor,
    });
    assert.deepEqual([again.changed, again.version.hash], [false, version.hash]);
    const found = await within(findDataMapInForce);
    assert.deepEqual(
      [found?.hash, Object.keys(found?.map.datasets ?? {})],
      [version.hash, ['grants', 'views', 'counts']],
    );
    const { items } = await within((tx) => listLedgerEntries(tx, { limit: 5, kind: 'datamap.published' }));
    assert.equal(items.length, 1);
    const changedMap = mapSource.replace('fields: { text: [page] }', 'fields: { text: [page] }\n    brake: 0.5');
    await assert.rejects(
      publishDataMap(platform, organisation, { source: changedMap, parent: null, actor }),
      failing('data-map-changed', /version 1/),
    );
    const next = await publishDataMap(platform, organisation, { source: changedMap, parent: version.hash, actor });
    assert.equal(next.version.number, 2);
    organisation = await newOrganisation();
    assert.equal(await within(findDataMapInForce), undefined);
  });

  it('refuses a table or column that is not in the store, with the nearest name', async () => {
    await assert.rejects(
      publishBoth(mapSource.replace('public.page_view', 'public.page_views')),
      failing('data-map-has-errors', /page_view\b/),
    );
    organisation = await newOrganisation();
    await assert.rejects(
      publishBoth(mapSource.replace('key: [id]\n    fields: { ip', 'key: [idd]\n    fields: { ip')),
      failing('data-map-has-errors', /idd/),
    );
    assert.equal(await within(findDataMapInForce), undefined);
  });

  it('refuses a map that does not fit the policy', async () => {
    await assert.rejects(
      publishBoth(mapSource.replace('covers: [token]', 'covers: [tokens]')),
      failing('data-map-has-errors', /token\?/),
    );
    organisation = await newOrganisation();
    await assert.rejects(
      publishBoth('kept-map: 1\nsystems: {}\ndataset: {}'),
      failing('data-map-unreadable', /datasets/),
    );
  });

  it('takes one whose system does not answer, and says so', async () => {
    const { findings } = await publishBoth(mapSource.replace('credential: shop', 'credential: nowhere'));
    const [finding] = findings.filter(({ code }) => code === 'store-unreachable');
    const place = `“nowhere” under “${await slugOf(organisation)}” in the secrets file`;
    assert.ok(finding?.remedy.en?.includes(place), finding?.remedy.en);
    const found = await within(findDataMapInForce);
    assert.ok(found !== undefined);
    await assert.rejects(
      openDatasetSystem(platform, organisation, found.map, 'grants'),
      /No credential is known under “nowhere”/,
    );
  });

  it('answers what covers what through the API', async () => {
    await publishBoth();
    const answer = await http.fastify.inject({ url: '/v1/datamap' });
    assert.equal(answer.statusCode, 200);
    const body = answer.json<{ coverage: { dataset: string; promises: string[] }[]; uncovered: string[] }>();
    assert.deepEqual(body.coverage.find(({ dataset }) => dataset === 'grants')?.promises, ['encrypted', 'keys']);
    assert.deepEqual(body.uncovered, []);
    const check = await http.fastify.inject({
      method: 'POST',
      url: '/v1/datamap/check',
      payload: { source: mapSource.replace('public.page_count', 'public.page_cuont'), policy: null },
    });
    const { findings } = check.json<{
      findings: { code: string; message: { en: string }; remedy: { en: string } }[];
    }>();
    assert.ok(
      findings.some(
        ({ code, message, remedy }) => code === 'store-differs' && /page_count/.test(message.en + remedy.en),
      ),
      JSON.stringify(findings),
    );
  });
});

describe('promises that protect', () => {
  const measured = async (promise: string) => {
    await measurePromises(platform, provers, organisation, [promise]);
    const { promises } = await within((tx) => readBoard(tx, platform.clock.now()));
    const row = promises.find((entry) => entry.promise === promise);
    const [place] = row?.measurement?.places ?? [];
    return [row?.status, row?.reason?.code ?? null, place?.broken ?? null];
  };

  beforeEach(async () => {
    await product.query(
      'truncate public.access_grant, public.page_view, public.page_count, public.token_key, public.shop cascade',
    );
    await product.query("insert into public.shop values (1, 'Loja', 'active', null, null)");
    await product.query("insert into public.token_key values ('k1')");
    for (let id = 1; id <= 20; id += 1) {
      await product.query('insert into public.access_grant values ($1, 1, $2, $3)', [id, envelope(), 'k1']);
    }
    await product.query(
      "insert into public.page_view select i, ('203.0.113.0')::inet, now() from generate_series(1, 20) i",
    );
    await product.query(
      "insert into public.page_count select '2026-11-01'::date + i, '/home', i from generate_series(1, 20) i",
    );
    await publishBoth();
  });

  it('a token in plain text breaks its promise until it is encrypted', async () => {
    assert.deepEqual(await measured('encrypted'), ['kept', null, 0]);
    await product.query(
      "update public.access_grant set access_token = 'APP_USR-6182736451827364-112010-abcdef' where id = 7",
    );
    assert.deepEqual(await measured('encrypted'), ['broken', 'plain-text-found', 1]);
    await product.query('update public.access_grant set access_token = $1 where id = 7', [envelope()]);
    assert.deepEqual(await measured('encrypted'), ['kept', null, 0]);
  });

  it('a lost key breaks its promise until it is back', async () => {
    assert.deepEqual(await measured('keys'), ['kept', null, 0]);
    await product.query("delete from public.token_key where id = 'k1'");
    assert.deepEqual(await measured('keys'), ['broken', 'key-missing', 20]);
    await product.query("insert into public.token_key values ('k1')");
    assert.deepEqual(await measured('keys'), ['kept', null, 0]);
  });

  it('a whole address breaks its promise until it is truncated', async () => {
    assert.deepEqual(await measured('addresses'), ['kept', null, 0]);
    await product.query("update public.page_view set ip = '203.0.113.77' where id = 3");
    assert.deepEqual(await measured('addresses'), ['broken', 'address-found', 1]);
    await product.query("update public.page_view set ip = '203.0.113.0' where id = 3");
    assert.deepEqual(await measured('addresses'), ['kept', null, 0]);
  });

  it('an e-mail address among sums breaks their promise until it is gone', async () => {
    assert.deepEqual(await measured('sums'), ['kept', null, 0]);
    await product.query("insert into public.page_count values ('2026-11-30', '/thanks?e=ana.souza@example.org', 1)");
    assert.deepEqual(await measured('sums'), ['broken', 'identifier-found', 1]);
    await product.query("delete from public.page_count where page like '%@%'");
    assert.deepEqual(await measured('sums'), ['kept', null, 0]);
  });

  it('deleted rows that nobody vacuumed break their promise until somebody does', async () => {
    await product.query('alter table public.page_view set (autovacuum_enabled = off)');
    await product.query('insert into public.page_view select i, null, now() from generate_series(100, 5000) i');
    await product.query('vacuum analyze public.page_view');
    assert.equal((await measured('space'))[0], 'kept');
    await product.query('delete from public.page_view where id > 1000');
    await product.query('select pg_stat_force_next_flush()');
    assert.deepEqual((await measured('space')).slice(0, 2), ['broken', 'dead-rows-left']);
    await product.query('vacuum public.page_view');
    assert.equal((await measured('space'))[0], 'kept');
  });

  it('a measure that nothing was looked at for is unproven, never kept', async () => {
    organisation = await newOrganisation();
    await publishBoth(mapSource.replaceAll('    key:', '    disposed-by: elsewhere\n    key:'));
    assert.deepEqual(await measured('space'), ['unproven', 'nowhere-to-look', null]);
  });

  it('what cannot be looked at is unproven, never kept', async () => {
    await product.query('alter table public.page_view rename to page_view_away');
    const [status, code] = await measured('addresses');
    assert.deepEqual([status, code], ['unproven', 'system-refused']);
    await product.query('alter table public.page_view_away rename to page_view');
    assert.deepEqual(await measured('addresses'), ['kept', null, 0]);
    await product.query('truncate public.page_view');
    assert.deepEqual(await measured('addresses'), ['kept', 'nothing-there', 0]);
  });
});

describe('drafting from a live schema', () => {
  const request = { credential: 'shop', organisation: 'Loja: “Nº 1”', country: 'BR', timeZone: 'America/Sao_Paulo' };

  it('a draft reads, checks without errors and fits its own database', async () => {
    for (const country of ['BR', 'PT', 'ES', 'US']) {
      const { policy, dataMap } = await draftPolicy(platform, organisation, { ...request, country });
      const checked = checkPolicy(policy, '2026-11-20');
      assert.ok(
        !hasErrors(checked.findings),
        JSON.stringify(checked.findings.filter(({ severity }) => severity === 'error')),
      );
      assert.ok(checked.document !== undefined);
      const map = checkDataMap(dataMap, checked.document);
      assert.deepEqual(
        map.findings.filter(({ severity }) => severity === 'error'),
        [],
      );
      organisation = await newOrganisation();
      await within((tx) => publishPolicy(tx, { source: policy, parent: null, actor }));
      const { findings } = await publishDataMap(platform, organisation, { source: dataMap, parent: null, actor });
      assert.ok(!hasErrors(findings));
    }
  });

  it('recognises customers, people, clocks, ways through foreign keys and logs, and says what it left out', async () => {
    const { policy, dataMap, notes } = await draftPolicy(platform, organisation, request);
    const { document } = checkPolicy(policy, '2026-11-20');
    const { map } = checkDataMap(dataMap, document ?? null);
    assert.ok(document !== undefined && map !== undefined);
    assert.deepEqual(
      [map.accounts?.table, map.accounts?.state, map.accounts?.['cancelled-at']],
      ['public.shop', 'status', 'canceled_at'],
    );
    assert.deepEqual(map.datasets['orders']?.account, {
      column: 'shop_id',
      through: [{ table: 'public.customer', from: 'customer_id', to: 'id' }],
    });
    assert.deepEqual(map.datasets['customer']?.subjects, { customer: 'id' });
    assert.deepEqual(map.datasets['audit-log']?.clocks, { recorded: 'recorded_at' });
    assert.deepEqual(document.promises['customer-while-active']?.keep, {
      data: 'customer',
      while: 'account-active',
      plus: 'P30D',
      then: 'delete',
    });
    assert.deepEqual(document.promises['invoice-for-a-time']?.keep, {
      data: 'invoice',
      for: 'P6Y',
      from: 'issued',
      then: 'delete',
      because: ['ctn-173-i'],
    });
    assert.deepEqual(document.promises['contract-end']?.end, { grace: 'P30D', except: ['invoice-for-a-time'] });
    assert.match(policy, /# Decide/);
    const said = notes.join('\n');
    assert.match(said, /public\.loose/);
    assert.match(said, /public\.currency/);
    assert.match(said, /public\.access_grant\.access_token/);
    assert.doesNotMatch(said + dataMap, /schema_migrations/);
    assert.doesNotMatch(said + policy + dataMap, /postgres(ql)?:\/\//);
  });

  it('an empty database gives a frame to fill in', async () => {
    const empty = await test.createProductDatabase();
    const other = await newOrganisation({ shop: empty.url });
    const { policy, dataMap, notes } = await draftPolicy(platform, other, request);
    const { document, findings } = checkPolicy(policy, '2026-11-20');
    assert.ok(document !== undefined && !hasErrors(findings));
    assert.ok(checkDataMap(dataMap, document).map !== undefined);
    assert.match(notes.join(), /No table/);
  });

  it('takes no country that would make the draft another document', async () => {
    for (const country of ['br', '\n#', 'B:', 'BRA']) {
      const payload = { ...request, country };
      const answer = await http.fastify.inject({ method: 'POST', url: '/v1/datamap/drafts', payload });
      assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [400, 'invalid-input'], country);
    }
  });

  it('says what is missing where it cannot look', async () => {
    await assert.rejects(
      draftPolicy(platform, organisation, { ...request, credential: 'absent' }),
      failing('credential-unknown', /absent/),
    );
    const wrong = await newOrganisation({ shop: 'postgresql://nobody@127.0.0.1:1/nowhere' });
    await assert.rejects(draftPolicy(platform, wrong, request), failing('system-unreachable', /./));
  });
});

describe('credentials of several organisations', () => {
  const request = { credential: 'shop', organisation: 'Loja', country: 'BR', timeZone: 'America/Sao_Paulo' };
  const unknown = /No credential is known under “shop”/;

  it('what stands under no organisation is for the first one only', async () => {
    organisation = test.organisationId;
    assert.equal(await isFirstOrganisation(platform, organisation), true);
    assert.match((await draftPolicy(platform, organisation, request)).dataMap, /public\.orders/);
    assert.deepEqual(
      (await publishBoth()).findings.filter(({ code }) => code.startsWith('store-')),
      [],
    );
    const ofEnvironment = { ...request, credential: 'environment' };
    await assert.rejects(draftPolicy(platform, organisation, ofEnvironment), failing('system-unreachable', /./));
    const absent = { ...request, credential: 'absent' };
    const places = new RegExp(`KEPT_SECRET_ABSENT.*“absent” under “${await slugOf(organisation)}”`);
    await assert.rejects(draftPolicy(platform, organisation, absent), failing('credential-unknown', places));
  });

  it('another one opens none of them by publishing, checking, drafting or measuring', async () => {
    const other = await newOrganisation();
    organisation = await newOrganisation({});
    assert.equal(await isFirstOrganisation(platform, organisation), false);
    const [slug, otherSlug] = [await slugOf(organisation), await slugOf(other)];
    const remedy = `Set “shop” under “${slug}” in the secrets file.`;

    const { findings } = await publishBoth();
    const [unreachable] = findings.filter(({ code }) => code === 'store-unreachable');
    assert.match(unreachable?.message.en ?? '', unknown);
    assert.equal(unreachable?.remedy.en, remedy);

    const wrongTable = mapSource.replace('public.page_count', 'public.page_cuont');
    const payload = { source: wrongTable, policy: null };
    const answer = await http.fastify.inject({ method: 'POST', url: '/v1/datamap/check', payload });
    const checked = answer.json<{ findings: { code: string }[] }>().findings.map(({ code }) => code);
    assert.ok(checked.includes('store-unreachable') && !checked.includes('store-differs'), checked.join());

    for (const credential of ['shop', 'environment', slug, otherSlug, `${otherSlug}.shop`, 'KEPT_SECRET_SHOP']) {
      const drafted = draftPolicy(platform, organisation, { ...request, credential });
      await assert.rejects(drafted, failing('credential-unknown', new RegExp(`under “${slug}”`)), credential);
    }
    const draft = await http.fastify.inject({ method: 'POST', url: '/v1/datamap/drafts', payload: request });
    assert.deepEqual([draft.statusCode, draft.json<{ code: string }>().code], [422, 'credential-unknown']);

    await measurePromises(platform, provers, organisation, ['encrypted']);
    const { promises } = await within((tx) => readBoard(tx, platform.clock.now()));
    const row = promises.find(({ promise }) => promise === 'encrypted');
    assert.deepEqual([row?.status, row?.reason?.code], ['unproven', 'system-unreachable']);
  });

  it('two may use one name and mean each its own', async () => {
    const empty = await test.createProductDatabase();
    const [one, two] = [await newOrganisation(), await newOrganisation({ shop: empty.url })];
    assert.match((await draftPolicy(platform, one, request)).dataMap, /public\.orders/);
    assert.doesNotMatch((await draftPolicy(platform, two, request)).dataMap, /public\.orders/);
  });
});
