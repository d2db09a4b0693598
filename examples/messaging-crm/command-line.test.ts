import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createClient, endpoints } from '@kept/sdk';
import { z } from 'zod';
import { daysBefore } from './ages.ts';
import { codeAt, stepAt } from './authenticator.ts';
import { cast } from './people.ts';
import { type Example, eventually, startExample } from './test-example.ts';

/** The commands that speak to a server, against a real one with the example in it. */
let example: Example;

before(async () => {
  example = await startExample(0.01);
});
after(() => example.close());

function answer<Schema extends z.ZodType>(schema: Schema, ...args: string[]): z.output<Schema> {
  const { code, out, err } = example.kept(...args, '--json');
  assert.equal(code, 0, `kept ${args.join(' ')}: ${err}${out}`);
  assert.equal(out.trimEnd().split('\n').length, 1, 'one line of JSON');
  return schema.parse(JSON.parse(out));
}

function refusal(...args: string[]) {
  const { code, out } = example.kept(...args, '--json');
  const { error } = z
    .object({ error: z.object({ code: z.string(), detail: z.string(), issues: z.array(z.unknown()) }) })
    .parse(JSON.parse(out));
  return { exit: code, ...error };
}

const { policy, retention, ledger } = endpoints;

test('board: every promise of the policy, in JSON and as a table', () => {
  const board = answer(policy.listPromises.answer, 'board', '--measure');
  assert.equal(board.promises.length, 22);
  assert.equal(board.organisation.name, 'Maré');
  assert.ok(board.counts.broken > 0, 'nothing was disposed of yet');
  const { code, out } = example.kept('board');
  assert.equal(code, 0);
  assert.match(out, /^webhook-log-30-days +30 days .*✕ broken$/m);
  assert.equal(example.kept('board', '--strict').code, 1);
});

test('hold place, list and release', () => {
  const placed = answer(
    retention.placeHold.answer,
    'hold',
    'place',
    ...['--account', cast.inDispute, '--reason', 'Court', '--review-on', '2099-01-01'],
  );
  const list = z.object({ items: z.array(retention.releaseHold.answer) });
  assert.ok(answer(list, 'hold', 'list').items.some((hold) => hold.id === placed.id));
  const rows = [
    '--dataset',
    'invoices',
    '--row',
    '1',
    '--row',
    '2',
    '--reason',
    'Tax office',
    '--review-on',
    '2099-01-01',
  ];
  const other = answer(retention.placeHold.answer, 'hold', 'place', ...rows);
  const released = answer(retention.releaseHold.answer, 'hold', 'release', other.id, '--reason', 'decided');
  assert.notEqual(released.releasedAt, null);
  assert.equal(answer(list, 'hold', 'list').items.length, 1);
  assert.equal(example.kept('hold', 'place', '--reason', 'r', '--review-on', '2099-01-01').code, 2);
  assert.equal(
    refusal('hold', 'place', '--dataset', 'invoces', '--reason', 'r', '--review-on', '2099-01-01').code,
    'hold-target-unknown',
  );
});

test('plan: what would go, also on a later date; approve wants the number that was read; run does it', () => {
  const made = answer(retention.getPlan.answer, 'plan');
  assert.equal(made.state, 'awaiting-approval');
  assert.ok(made.rows > 0);
  const later = answer(
    retention.getPlan.answer,
    'plan',
    '--at',
    daysBefore(new Date(), -400).toISOString().slice(0, 10),
  );
  assert.equal(later.state, 'draft');
  assert.ok(later.rows > made.rows, 'more is past its period then');
  const misspelt = refusal('plan', '--promise', 'webhook-log-30-dais');
  assert.equal(misspelt.exit, 4);
  assert.match(misspelt.detail, /webhook-log-30-days/);

  const wrong = refusal('approve', made.id, '--rows', String(made.rows + 1));
  assert.equal(wrong.exit, 4);
  assert.equal(example.kept('approve', made.id).code, 2, 'nobody is there to be asked');
  assert.equal(answer(retention.getPlan.answer, 'approve', 'latest', '--rows', String(made.rows)).state, 'approved');
  const run = answer(retention.getRun.answer, 'run');
  assert.equal(run.state, 'finished');
  const table = example.kept('run');
  assert.match(table.out, /webhook-deliveries/);
});

test('stop halts disposal and says what is under way, restart allows it again', () => {
  const stopped = answer(retention.stopDisposal.answer, 'stop', '--reason', 'looking');
  assert.equal(stopped.stopped?.reason, 'looking');
  assert.equal(refusal('run').code, 'disposal-stopped');
  assert.equal(answer(retention.restartDisposal.answer, 'restart').stopped, null);
});

test('event: the same id has one effect; ends shows who is in grace', async () => {
  const { rows } = await example.product.query<{ grant_id: string }>(
    'select grant_id from oauth_token order by id limit 1',
  );
  const grant = rows[0]?.grant_id ?? '';
  const event = ['event', 'grant.revoked', '--grant', grant, '--id', 'e-1'];
  const { answer: received } = endpoints.webhooks.receiveEvent;
  assert.equal(answer(received, ...event).repeated, false);
  assert.equal(answer(received, ...event).repeated, true);
  await eventually(async () => {
    const found = await example.product.query('select from oauth_token where grant_id = $1', [grant]);
    return found.rowCount === 0 ? true : undefined;
  }, 'the token is gone');
  const ends = answer(retention.listContractEnds.answer.pick({ items: true }), 'ends');
  for (const account of cast.inGrace)
    assert.equal(ends.items.find((end) => end.account === account)?.state, 'in-grace');
});

test('receipt and verify: offline with the key; a changed receipt proves nothing', async () => {
  const { items } = await example.client.call(ledger.listEntries, { query: { kind: 'policy.published' } });
  const entry = items[0]?.id ?? '';
  await eventually(() => (example.kept('receipt', entry).code === 0 ? true : undefined), 'the entry is signed');
  const file = join(example.place.home, 'receipt.json');
  assert.equal(example.kept('receipt', entry, '--out', file).code, 0);
  const { key } = await example.client.call(ledger.getLedgerKey);
  const keyFile = join(example.place.home, 'ledger.vkey');
  writeFileSync(keyFile, `${key}\n`);
  const verdict = z.object({ valid: z.boolean(), keyFrom: z.enum(['given', 'server']), entry: z.unknown().optional() });
  const proven = answer(verdict, 'verify', file, '--key', key);
  assert.deepEqual([proven.valid, proven.keyFrom], [true, 'given']);
  assert.deepEqual(answer(verdict, 'verify', file, '--key', keyFile), proven);
  assert.equal(answer(verdict, 'verify', file).keyFrom, 'server');

  const receipt = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  const tampered = join(example.place.home, 'tampered.json');
  writeFileSync(
    tampered,
    JSON.stringify({ ...receipt, leaf: String(receipt['leaf']).replace('policy.published', 'hold.released') }),
  );
  const { code, out } = example.kept('verify', tampered, '--key', key, '--json');
  assert.equal(code, 1);
  assert.equal(verdict.parse(JSON.parse(out)).valid, false);
});

test('ledger status: signed, and nothing is behind', async () => {
  const status = await eventually(() => {
    const seen = answer(ledger.getLedgerStatus.answer, 'ledger', 'status');
    return seen.signedSize === seen.size && seen.pending === 0 ? seen : undefined;
  }, 'everything is signed');
  assert.equal(status.signing, 'ok');
  assert.ok(status.size > 20);
});

test('publish: the version in force again is no change; a map that names nothing real is refused', () => {
  const answerSchema = z.object({ changed: z.boolean(), version: z.object({ number: z.number() }) });
  const own = join(import.meta.dirname, 'policy.yaml');
  assert.deepEqual(answer(answerSchema, 'publish', 'policy', own), { changed: false, version: { number: 1 } });
  const map = join(example.place.home, 'map.yaml');
  copyFileSync(join(import.meta.dirname, 'data-map.yaml'), map);
  assert.equal(answer(answerSchema, 'publish', 'map', map).changed, false);
  writeFileSync(map, readFileSync(map, 'utf8').replace('table: public.lead\n', 'table: public.leads\n'));
  const refused = refusal('publish', 'map', map);
  assert.equal(refused.code, 'data-map-has-errors');
  assert.match(JSON.stringify(refused), /public\.lead\b/, 'the nearest table is named');
});

test('init drafts a policy and a data map from the live schema', () => {
  const schema = endpoints.datamap.draftDataMap.answer;
  const draft = answer(
    schema,
    'init',
    '--credential',
    'mare-crm',
    '--name',
    'Maré',
    '--country',
    'BR',
    '--time-zone',
    'America/Sao_Paulo',
  );
  assert.match(draft.dataMap, /public\.message/);
  assert.match(draft.policy, /^kept: 1/m);
  const folder = join(example.place.home);
  assert.equal(example.kept('init', '--credential', 'mare-crm', '--name', 'Maré', '--out', folder).code, 0);
  const checked = example.kept('check', join(folder, 'policy.yaml'), '--json');
  const { findings } = z
    .object({ findings: z.array(z.object({ severity: z.string(), code: z.string() })) })
    .parse(JSON.parse(checked.out));
  assert.deepEqual(
    findings.filter((finding) => finding.code.startsWith('yaml')),
    [],
    'what was drafted can be read',
  );
  assert.equal(
    example.kept('init', '--credential', 'mare-crm', '--name', 'Maré', '--out', folder).code,
    2,
    'nothing is overwritten',
  );
});

test('organisation, owner and link: somebody new is let in, but not past the second factor', async () => {
  const made = answer(endpoints.access.createOrganisation.answer, 'organisation', 'make', 'sul', '--name', 'Sul');
  assert.equal(made.slug, 'sul');
  assert.equal(refusal('organisation', 'make', 'sul', '--name', 'Sul').code, 'slug-taken');
  const list = answer(endpoints.access.listOrganisations.answer, 'organisation', 'list');
  assert.deepEqual(list.items.map(({ slug }) => slug).sort(), ['kept', 'mare', 'sul']);

  const person = ['--email', 'davi@sul.example', '--name', 'Davi Reis'];
  assert.equal(example.kept('owner', ...person).code, 2, 'which organisation is meant is not clear');
  const owner = answer(endpoints.access.createOwner.answer, 'owner', ...person, '--organisation', 'sul');
  assert.notEqual(owner.totp, null);
  const again = answer(endpoints.access.createOwner.answer, 'owner', ...person, '--organisation', 'mare');
  assert.deepEqual(again, { person: owner.person, totp: null }, 'a secret is told once');

  const { url } = answer(endpoints.access.createSignInLink.answer, 'link', '--email', 'davi@sul.example');
  const session = await follow(url);
  assert.equal(session.owes, 'second-factor');
  assert.deepEqual(session.permissions, ['access:begin']);
  const open = await fetch(url, { redirect: 'manual' });
  assert.equal(open.status, 410, 'a link works once');

  const secret = owner.totp?.secret ?? '';
  const code = codeAt(secret, stepAt(new Date()));
  const whole = ['link', '--email', 'davi@sul.example', '--code', code];
  const { owes, organisation } = await follow(
    answer(endpoints.access.createSignInLink.answer, ...whole, '--organisation', 'sul').url,
  );
  assert.deepEqual([owes, organisation?.slug], [null, 'sul']);
  assert.equal(refusal(...whole).code, 'code-refused', 'no code works twice');
  assert.equal(refusal('link', '--email', 'nobody@sul.example').code, 'member-not-found');
  assert.equal(example.kept('link').code, 2, 'whom it is for must be said');
});

test('reset-factors: who lost their telephone enrols another, and every session is over', async () => {
  const owner = answer(
    endpoints.access.createOwner.answer,
    ...['owner', '--email', 'lia@sul.example', '--name', 'Lia Reis', '--organisation', 'sul'],
  );
  const code = codeAt(owner.totp?.secret ?? '', stepAt(new Date()));
  const link = () => answer(endpoints.access.createSignInLink.answer, 'link', '--email', 'lia@sul.example').url;
  const before = await open(
    answer(endpoints.access.createSignInLink.answer, 'link', '--email', 'lia@sul.example', '--code', code).url,
  );
  assert.equal((await sessionOf(before)).status, 200);
  const unused = link();
  assert.equal(example.kept('reset-factors', '--email', 'lia@sul.example').code, 0);
  assert.equal((await sessionOf(before)).status, 401);
  assert.equal((await fetch(unused, { redirect: 'manual' })).status, 410, 'links of before are void, too');
  assert.equal((await follow(link())).owes, 'second-factor-enrolment');
  const mail = await eventually(
    () => example.mails().find((text) => /^To: .*lia@sul\.example/m.test(text)),
    'the mail',
  );
  assert.match(mail, /^Subject: Your second factors were removed/m);
  assert.equal(refusal('reset-factors', '--email', 'nobody@sul.example').code, 'member-not-found');
});

/** Opens a link as a browser would. @returns the cookie of the session */
async function open(url: string): Promise<string> {
  const opened = await fetch(url, { redirect: 'manual' });
  assert.equal(opened.status, 303, await opened.text());
  const set = opened.headers.getSetCookie().find((line) => line.startsWith('kept_session=')) ?? '';
  assert.match(set, /HttpOnly/);
  assert.match(set, /SameSite=Lax/);
  return set.split(';')[0] ?? '';
}

function sessionOf(cookie: string) {
  return fetch(new URL(endpoints.access.getSession.path, example.server.address), { headers: { cookie } });
}

/** Opens a link and tells who is signed in then. */
async function follow(url: string) {
  const answered = await sessionOf(await open(url));
  return endpoints.access.getSession.answer.parse(await answered.json());
}

test('key: made, used within its scopes, revoked at once', async () => {
  const organisation = ['--organisation', 'mare'];
  const scopes = ['--kind', 'api', '--name', 'reports', '--scope', 'policy:read', '--expires', '2099-01-31'];
  const made = answer(endpoints.access.createKey.answer, 'key', 'make', ...scopes, ...organisation);
  assert.equal(made.expiresAt, '2099-01-31T23:59:59.999Z');
  const program = createClient({ address: example.server.address, key: made.key });
  assert.equal((await program.call(policy.listPromises)).promises.length, 22);
  await assert.rejects(program.call(retention.startRun, { body: {} }), { code: 'not-permitted' });
  const list = z.object({ items: z.array(endpoints.access.keySchema) });
  const listed = answer(list, 'key', 'list', ...organisation).items.find(({ id }) => id === made.id);
  assert.deepEqual([listed?.state, listed?.name], ['active', 'reports']);
  assert.doesNotMatch(JSON.stringify(listed), new RegExp(made.key));
  assert.equal(example.kept('key', 'revoke', made.id, ...organisation).code, 0);
  await assert.rejects(program.call(policy.listPromises), { code: 'not-signed-in' });
  assert.match(example.kept('key', 'list', ...organisation).out, /reports .*revoked$/m);
  assert.equal(example.kept('key', 'make', '--kind', 'skeleton', '--name', 'x').code, 2);
});

test('Kept’s own organisation has a board of its own', () => {
  const board = answer(policy.listPromises.answer, 'board', '--measure', '--organisation', 'kept');
  assert.ok(board.promises.length > 0);
  assert.equal(board.counts.broken, 0, JSON.stringify(board.promises.filter(({ status }) => status === 'broken')));
});
