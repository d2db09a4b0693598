import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { Id } from '../platform/contract.ts';
import { lookAfterExports } from './look-after.ts';
import { openTestExports } from './test-exports.ts';

const day = 86_400_000;
let shift = 0;
const clock: Clock = { now: () => new Date(systemClock.now().getTime() + shift) };
const kept = await openTestExports({ clock });
const { platform, organisationId } = kept;
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
});
beforeEach(() => {
  kept.kind.onPage = async () => {};
  shift = 0;
});

const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
const folder = join(platform.config.dataDirectory, 'files', 'exports', organisationId);
const filesThere = () => (existsSync(folder) ? readdirSync(folder) : []);
const rowsOf = async (query: string, values: unknown[] = []) => (await admin.query(query, values)).rows;
const fileOf = async (id: string) =>
  (
    await rowsOf('select f.id, f.path from exports.file f join exports.export e on e.file_id = f.id where e.id = $1', [
      id,
    ])
  )[0];
const problem = (answer: { status: number; json(): { code: string } }) => `${answer.status} ${answer.json().code}`;

test('an export becomes a file with its size and hash, in each format', async () => {
  for (const format of ['csv', 'ndjson', 'json']) {
    const made = await kept.make({ kind: 'numbers', format, parameters: { rows: 2_345 } });
    assert.deepEqual([made.state, made.rows, made.rowsExpected, made.reason], ['ready', 2_345, 2_345, null]);
    const answer = await kept.download(made.id);
    const content = Buffer.from(await answer.arrayBuffer());
    assert.equal(made.bytes, content.length);
    assert.equal(made.sha256, sha256(content));
    const text = content.toString('utf8');
    if (format === 'json') assert.equal(JSON.parse(text).length, 2_345);
    if (format === 'ndjson')
      assert.deepEqual(JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''), {
        number: 2_344,
        text: 'text 2344',
        list: [2_344],
      });
    if (format === 'csv') {
      const lines = text.split('\r\n');
      assert.deepEqual([lines.length, lines[0], lines[1]], [2_347, '\uFEFFnumber,text,list', "0,'=1+1,[0]"]);
    }
    assert.equal(answer.headers.get('content-disposition'), `attachment; filename="${made.fileName}"`);
    assert.match(made.fileName, new RegExp(`^numbers-\\d{4}-\\d\\d-\\d\\d\\.${format}$`));
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
});

test('one without rows is a file, too', async () => {
  for (const [format, text] of [
    ['csv', '\uFEFFnumber,text,list\r\n'],
    ['ndjson', ''],
    ['json', '[\n]\n'],
  ]) {
    const made = await kept.make({ kind: 'numbers', format, parameters: { rows: 0 } });
    assert.equal(made.state, 'ready');
    const answer = await kept.download(made.id);
    assert.deepEqual([answer.status, Buffer.from(await answer.arrayBuffer()).toString()], [200, text]);
  }
});

test('what is stored is encrypted', async () => {
  const made = await kept.make({ kind: 'numbers', format: 'ndjson', parameters: { rows: 100 } });
  const { path } = await fileOf(made.id);
  const stored = readFileSync(join(platform.config.dataDirectory, 'files', path));
  assert.ok(stored.length > (made.bytes ?? 0));
  assert.equal(stored.includes('text 99'), false);
});

test('the audit trail, the ledger and the message log can be exported, newest first and narrowed down', async () => {
  await kept.call('GET', '/v1/access/audit', 'auditor');
  const trail = await kept.make({ kind: 'audit-trail', format: 'ndjson', parameters: { kind: 'access.viewed' } });
  const entries = (await (await kept.download(trail.id)).text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(entries.length > 0 && entries.every(({ kind }) => kind === 'access.viewed'));
  assert.equal(entries[0].email, kept.people.auditor.email);
  assert.equal(trail.rows, entries.length);
  await admin.query('update access.person set name = $1 where id = $2', ['=HYPERLINK("x"),"', kept.people.auditor.id]);
  const csv = await kept.make({ kind: 'audit-trail', format: 'csv', parameters: { kind: 'access.viewed' } });
  const text = Buffer.from(await (await kept.download(csv.id)).arrayBuffer()).toString();
  assert.match(text, /^\uFEFFat,kind,person,email,/);
  assert.ok(text.includes(`"'=HYPERLINK(""x""),""",`), text);

  const ledger = await kept.make({ kind: 'ledger-entries', format: 'json', parameters: { kind: 'export.made' } });
  const list = JSON.parse(await (await kept.download(ledger.id)).text());
  assert.equal(list.length, ledger.rows);
  assert.ok(list.length > 1 && list[0].at >= list.at(-1).at);
  assert.equal(JSON.parse(list[0].leaf).body.sha256.length, 64);
  const log = await kept.make({ kind: 'message-log', format: 'csv' });
  assert.equal(log.state, 'ready');
  const later = new Date(clock.now().getTime() + day).toISOString();
  const none = await kept.make({ kind: 'ledger-entries', format: 'csv', parameters: { from: later } });
  assert.equal(none.rows, 0);
});

test('who may not see something may not take it along, and does not learn of it', async () => {
  const made = await kept.make({ kind: 'audit-trail', format: 'csv' });
  const engineer = {
    cookie: await kept.cookieOf(await kept.addPerson({ organisationId, role: 'engineer', totp: true })),
  };
  const asked = await kept.call('POST', '/v1/exports', engineer, { kind: 'audit-trail' });
  assert.equal(problem(asked), '403 not-permitted');
  assert.equal(problem(await kept.call('GET', `/v1/exports/${made.id}`, engineer)), '404 export-not-found');
  assert.equal(problem(await kept.call('POST', `/v1/exports/${made.id}/links`, engineer)), '404 export-not-found');
  const kinds = (await kept.call('GET', '/v1/exports/kinds', engineer)).json().items;
  const names = kinds.map(({ kind }: { kind: string }) => kind);
  assert.deepEqual([names.includes('audit-trail'), names.includes('numbers')], [false, true]);
  const listed = (await kept.call('GET', '/v1/exports?limit=200', engineer)).json().items;
  assert.ok(listed.length > 0 && listed.every(({ kind }: { kind: string }) => kind !== 'audit-trail'));
  const seen = (await kept.call('GET', '/v1/exports?limit=200', 'auditor')).json().items;
  assert.ok(seen.some(({ id }: { id: string }) => id === made.id));
});

test('making one and downloading it ask for a second factor shown of late', async () => {
  const stale = { cookie: await kept.cookieOf('owner', { fresh: false }) };
  assert.equal(problem(await kept.call('POST', '/v1/exports', stale, { kind: 'numbers' })), '403 second-factor-needed');
  const made = await kept.make({ kind: 'numbers' });
  assert.equal(problem(await kept.call('POST', `/v1/exports/${made.id}/links`, stale)), '403 second-factor-needed');
});

test('another organisation has none of it', async () => {
  const made = await kept.make({ kind: 'numbers' });
  const other = await kept.newOrganisation();
  const stranger = { cookie: await kept.cookieOf(await kept.addPerson({ organisationId: other, role: 'owner' })) };
  assert.equal(problem(await kept.call('GET', `/v1/exports/${made.id}`, stranger)), '404 export-not-found');
  assert.equal(problem(await kept.call('POST', `/v1/exports/${made.id}/links`, stranger)), '404 export-not-found');
  assert.deepEqual((await kept.call('GET', '/v1/exports', stranger)).json(), { items: [], next: null });
  const { path } = (await kept.call('POST', `/v1/exports/${made.id}/links`, kept.keyOf())).json();
  const moved = path.replace(organisationId, other);
  assert.equal((await fetch(kept.address + moved)).status, 404);
});

test('what cannot be exported is refused with what can', async () => {
  const ask = (body: unknown) => kept.call('POST', '/v1/exports', 'owner', body);
  assert.equal(problem(await ask({ kind: 'nothing' })), '400 export-kind-unknown');
  assert.equal(problem(await ask({ kind: 'numbers', format: 'xlsx' })), '400 invalid-input');
  assert.equal(problem(await ask({ kind: 'numbers', parameters: { rows: 'many' } })), '400 export-parameters-invalid');
  assert.equal(problem(await ask({ kind: 'numbers', parameters: { roes: 1 } })), '400 export-parameters-invalid');
});

test('a link gives any part of the file, and goes on where it was interrupted', async () => {
  const made = await kept.make({ kind: 'numbers', format: 'csv', parameters: { rows: 20_000 } });
  const whole = Buffer.from(await (await kept.download(made.id)).arrayBuffer());
  const { path } = (await kept.call('POST', `/v1/exports/${made.id}/links`, 'owner')).json();
  const get = (headers: Record<string, string>, method = 'GET') => fetch(kept.address + path, { method, headers });
  const total = whole.length;
  const parts: [string, number, number][] = [
    ['bytes=0-0', 0, 1],
    ['bytes=0-99', 0, 100],
    ['bytes=100-', 100, total],
    ['bytes=-7', total - 7, total],
    ['bytes=70000-200000', 70_000, 200_001],
    [`bytes=${total - 1}-${total + 50}`, total - 1, total],
  ];
  for (const [range, start, end] of parts) {
    const answer = await get({ range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers.get('content-range'), `bytes ${start}-${end - 1}/${total}`);
    assert.equal(answer.headers.get('content-length'), String(end - start));
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(whole.subarray(start, end)), range);
  }
  for (const range of [`bytes=${total}-`, 'bytes=-0']) {
    const answer = await get({ range });
    assert.deepEqual([answer.status, answer.headers.get('content-range')], [416, `bytes */${total}`], range);
  }
  for (const range of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=5-2']) {
    const answer = await get({ range });
    assert.equal(answer.status, 200, range);
    await answer.arrayBuffer();
  }
  const changed = await get({ range: 'bytes=0-9', 'if-range': '"other"' });
  assert.equal(changed.status, 200);
  await changed.arrayBuffer();
  const same = await get({ range: 'bytes=0-9', 'if-range': `"${made.sha256}"` });
  assert.equal(same.status, 206);
  await same.arrayBuffer();
  const asked = await get({}, 'HEAD');
  assert.deepEqual([asked.status, asked.headers.get('content-length')], [200, String(total)]);
  const digest = Buffer.from(made.sha256 ?? '', 'hex').toString('base64');
  assert.equal(asked.headers.get('repr-digest'), `sha-256=:${digest}:`);
});

test('a link works for 15 minutes, is worth nothing when it is changed, and is recorded once', async () => {
  const made = await kept.make({ kind: 'numbers' });
  const before = (await kept.entriesOf('export.downloaded')).length;
  const { path, expiresAt } = (await kept.call('POST', `/v1/exports/${made.id}/links`, 'owner')).json();
  const minutes = (new Date(expiresAt).getTime() - clock.now().getTime()) / 60_000;
  assert.ok(minutes > 14.5 && minutes <= 15);
  const at = async (address: string) => {
    const answer = await fetch(kept.address + address);
    await answer.arrayBuffer();
    return answer.status;
  };
  const [head = '', signature = ''] = path.split('?signature=');
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  for (const wrong of [head, `${head}?signature=`, `${head}?signature=${flipped}`, `${path}x`])
    assert.equal(await at(wrong), 404, wrong);
  assert.equal((await kept.entriesOf('export.downloaded')).length, before);
  assert.equal(await at(path), 200);
  assert.equal(await at(path), 200);
  const recorded = (await kept.entriesOf('export.downloaded')).slice(before);
  assert.deepEqual(
    recorded.map(({ actor, body }) => [actor.id, body['export'], body['kind']]),
    [[kept.people.owner.id, made.id, 'numbers']],
  );
  const [detail] = await rowsOf(
    "select person_id, route from access.audit_detail where kind = 'export.downloaded' order by entry_id desc limit 1",
  );
  assert.deepEqual(detail, {
    person_id: kept.people.owner.id,
    route: 'GET /v1/exports/files/:organisation/:link/:fileName',
  });
  assert.equal((await kept.call('GET', `/v1/exports/${made.id}`, 'owner')).json().downloads, 1);
  shift = 15 * 60_000 + 1_000;
  assert.equal(await at(path), 404);
});

test('after seven days the file is no longer given out, and the rest is still known', async () => {
  const made = await kept.make({ kind: 'numbers' });
  const [{ begun_at }] = await rowsOf('select begun_at from exports.file where export_id = $1', [made.id]);
  assert.equal(new Date(made.expiresAt ?? '').getTime() - begun_at.getTime(), 7 * day);
  shift = 7 * day + 60_000;
  assert.equal(problem(await kept.call('POST', `/v1/exports/${made.id}/links`, kept.keyOf())), '409 export-not-ready');
  await lookAfterExports(platform);
  const later = (await kept.call('GET', `/v1/exports/${made.id}`, kept.keyOf())).json();
  assert.deepEqual([later.state, later.bytes, later.sha256, later.rows], ['expired', made.bytes, made.sha256, 10]);
  const expired = await kept.entriesOf('export.expired');
  assert.equal(expired.filter(({ body }) => body['export'] === made.id).length, 1);
  await lookAfterExports(platform);
  assert.equal((await kept.entriesOf('export.expired')).length, expired.length);
});

test('one that is under way tells how far it is, and can be cancelled; nothing of it stays', async () => {
  let cancelled = false;
  let id = '';
  kept.kind.onPage = async (_tx, first) => {
    if (first >= 5_000 && !cancelled) await sleep(600);
    if (first >= 8_000 && !cancelled) {
      const [seen] = await rowsOf(
        'select state, rows_done::int as rows, rows_expected::int as of from exports.export where id = $1',
        [id],
      );
      assert.equal(seen.state, 'making');
      assert.ok(seen.rows > 0 && seen.of === 1_000_000);
      const answer = await kept.call('POST', `/v1/exports/${id}/cancellation`, 'owner');
      assert.equal(answer.json().state, 'cancelled');
      cancelled = true;
    }
    if (cancelled) await sleep(150);
    assert.ok(first < 100_000, 'it went on although it was cancelled');
  };
  const asked = await kept.call('POST', '/v1/exports', 'owner', { kind: 'numbers', parameters: { rows: 1_000_000 } });
  ({ id } = asked.json());
  await platform.tasks.settled();
  assert.ok(cancelled);
  assert.equal((await kept.call('GET', `/v1/exports/${id}`, 'owner')).json().state, 'cancelled');
  assert.deepEqual(await rowsOf('select id from exports.file where export_id = $1', [id]), []);
  assert.deepEqual(readdirSync(join(platform.config.dataDirectory, 'files', '.partial')), []);
  assert.equal(problem(await kept.call('POST', `/v1/exports/${id}/cancellation`, 'owner')), '409 export-ended');
  assert.equal(problem(await kept.call('POST', `/v1/exports/${id}/links`, 'owner')), '409 export-not-ready');
  assert.deepEqual((await kept.entriesOf('export.cancelled')).at(-1)?.body, { export: id, kind: 'numbers' });
});

test('an error is tried again; one that stays ends it, and leaves nothing', async () => {
  let errors = 0;
  kept.kind.onPage = async (_tx, first) => {
    if (first < 3_000 || errors >= 2) return;
    errors += 1;
    throw new Error('the page broke');
  };
  const made = await kept.make({ kind: 'numbers', format: 'ndjson', parameters: { rows: 5_000 } });
  assert.deepEqual([made.state, made.rows, errors], ['ready', 5_000, 2]);
  assert.equal((await rowsOf('select id from exports.file where export_id = $1', [made.id])).length, 1);

  kept.kind.onPage = async () => {
    throw new Error('the page is broken');
  };
  // Four errors already: what the queue waits between them would take the test's time.
  const asked = await kept.call('POST', '/v1/exports', 'owner', { kind: 'numbers' });
  const { id } = asked.json();
  await admin.query('update exports.export set failures = 4 where id = $1', [id]);
  for (let waited = 0; waited < 100; waited += 1) {
    if ((await kept.call('GET', `/v1/exports/${id}`, kept.keyOf())).json().state === 'failed') break;
    await sleep(100);
  }
  const failed = (await kept.call('GET', `/v1/exports/${id}`, kept.keyOf())).json();
  assert.deepEqual([failed.state, failed.reason], ['failed', 'internal-error']);
  await platform.tasks.settled();
  assert.deepEqual(await rowsOf('select id from exports.file where export_id = $1', [id]), []);
  assert.deepEqual((await kept.entriesOf('export.failed')).at(-1)?.body, {
    export: id,
    kind: 'numbers',
    reason: 'internal-error',
  });
});

test('not more than five are under way at once, however fast they are asked for', async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  kept.kind.onPage = () => gate;
  const answers = await Promise.all(
    Array.from({ length: 9 }, () => kept.call('POST', '/v1/exports', 'owner', { kind: 'numbers' })),
  );
  go();
  assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 202, 202, 202, 202, 429, 429, 429, 429]);
  await platform.tasks.settled();
});

test('what attempts that came to nothing left goes, and what is given out stays', async () => {
  const made = await kept.make({ kind: 'numbers' });
  const { path } = await fileOf(made.id);
  const stray: string = '01900000-0000-7000-8000-00000000000a';
  const strayPath = `exports/${organisationId}/${stray}`;
  await platform.files.write(
    strayPath,
    (async function* () {
      yield Buffer.from('left behind');
    })(),
  );
  await admin.query('insert into exports.file values ($1, $2, $3, $4, $5)', [
    organisationId,
    stray,
    made.id,
    strayPath,
    new Date(clock.now().getTime() - 2 * day),
  ]);
  assert.ok(filesThere().includes(stray));
  await lookAfterExports(platform);
  assert.ok(!filesThere().includes(stray));
  assert.ok(filesThere().includes(path.split('/').at(-1)));
  assert.deepEqual(await rowsOf('select id from exports.file where id = $1', [stray]), []);
});

test('the list is read page by page, by kind and state', async () => {
  const seen: string[] = [];
  for (let next: string | null = '', page = 0; next !== null && page < 100; page += 1) {
    const after = next === '' ? '' : `&after=${next}`;
    const answer: { items: { id: Id<'Export'> }[]; next: string | null } = (
      await kept.call('GET', `/v1/exports?limit=3${after}`, kept.keyOf())
    ).json();
    seen.push(...answer.items.map(({ id }) => id));
    next = answer.next;
  }
  assert.ok(seen.length > 10);
  assert.deepEqual(seen, [...new Set(seen)].sort().reverse());
  const failed = (await kept.call('GET', '/v1/exports?kind=numbers&state=failed', kept.keyOf())).json().items;
  assert.ok(failed.length === 1 && failed[0].kind === 'numbers' && failed[0].state === 'failed');
});
