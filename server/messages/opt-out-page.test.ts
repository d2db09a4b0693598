import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import type { OrganisationId } from '../platform/contract.ts';
import { openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { isOptedOut } from './opt-out.ts';
import { optOutToken, readOptOutToken } from './opt-out-link.ts';
import { recipientKeyOf } from './recipient-key.ts';
import { registerMessagesRoutes } from './routes.ts';
import { registerMessagesTasks } from './tasks.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const { platform, organisationId, adminUrl, newOrganisation, close } = await openTestPlatform({ clock });
const elsewhere = await newOrganisation();
await registerMessagesTasks(platform);
const http = openHttp(platform, () => Promise.reject(new Error('nobody is asked who they are')));
registerMessagesRoutes(http, platform);
const address = await http.listen();
const admin = new pg.Client(adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await http.close();
  await close();
});

const tokenOf = (to: string, where: OrganisationId = organisationId) =>
  optOutToken(platform.db, {
    organisationId: where,
    recipientKey: recipientKeyOf({ database: platform.db, organisationId: where }, to),
  });
const asked = (to: string, where: OrganisationId = organisationId) =>
  platform.db.transaction(where, (tx) => isOptedOut(tx, to));
const get = (token: string, query = '', headers: Record<string, string> = {}) =>
  fetch(`${address}/opt-out/${token}${query}`, { headers });
const post = (token: string, body: string | URLSearchParams | FormData, headers: Record<string, string> = {}) =>
  fetch(`${address}/opt-out/${token}?language=en`, { method: 'POST', body, headers });

/** Everything that the database holds of messages and of the ledger. */
async function picture(): Promise<unknown> {
  const tables = ['messages.opt_out', 'messages.message', 'ledger.pending', 'queue.job'];
  const rows: unknown[] = [];
  for (const table of tables) rows.push((await admin.query(`select t::text from ${table} t`)).rows);
  return rows;
}

test('looking at the page changes nothing, however often and with whatever method that reads', async () => {
  const token = tokenOf('ana@example.org');
  const before = await picture();
  for (const method of ['GET', 'HEAD', 'GET'])
    assert.equal(
      (await fetch(`${address}/opt-out/${token}?act=opt-out&List-Unsubscribe=One-Click`, { method })).status,
      200,
    );
  assert.deepEqual(await picture(), before);
  assert.equal(await asked('ana@example.org'), false);
});

test('one click declines: a form of either kind, without a session, as often as a mail program likes', async () => {
  const plain = tokenOf('bia@example.org');
  for (let time = 0; time < 2; time += 1) {
    const answer = await post(plain, 'List-Unsubscribe=One-Click', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.redirected, false);
  }
  assert.equal(await asked('bia@example.org'), true);
  const parts = new FormData();
  parts.set('List-Unsubscribe', 'One-Click');
  assert.equal((await post(tokenOf('caio@example.org'), parts)).status, 200);
  assert.equal(await asked('caio@example.org'), true);
  assert.equal(await asked('bia@example.org', elsewhere), false, 'another organisation goes on');
  const { rows } = await admin.query('select via::text, count(*)::int as n from messages.opt_out group by 1');
  assert.deepEqual(rows, [{ via: 'one-click', n: 2 }]);
});

test('the page’s own button declines, and takes it back', async () => {
  const token = tokenOf('davi@example.org');
  const page = await (await get(token, '?language=en')).text();
  assert.match(page, /<form method="post" action="\/opt-out\/[\w-]+\?language=en">/);
  const done = await (await post(token, new URLSearchParams({ act: 'opt-out' }))).text();
  assert.equal(await asked('davi@example.org'), true);
  assert.match(done, /You get no announcements/);
  assert.match(await (await get(token, '?language=en')).text(), /You get no announcements/);
  const back = await (await post(token, new URLSearchParams({ act: 'opt-in' }))).text();
  assert.equal(await asked('davi@example.org'), false);
  assert.match(back, /value="opt-out"/);
});

test('a POST that asks for nothing changes nothing', async () => {
  const before = await picture();
  for (const body of ['', 'List-Unsubscribe=Maybe', 'act=delete', '{"act":"opt-out"}', 'x'.repeat(4000)])
    assert.equal((await post(tokenOf('eva@example.org'), body)).status, 400, body.slice(0, 40));
  assert.equal((await post(tokenOf('eva@example.org'), 'x'.repeat(5000))).status, 413);
  assert.deepEqual(await picture(), before);
});

test('a link cannot be guessed, changed or moved to another organisation or recipient', async () => {
  const token = tokenOf('flora@example.org');
  assert.match(token, /^[\w-]{107}$/);
  const octets = Buffer.from(token, 'base64url');
  const wrong = new Set(['', 'x', token.slice(1), `${token}A`, 'A'.repeat(107), token.toUpperCase()]);
  for (let at = 0; at < octets.length; at += 1) {
    const changed = Buffer.from(octets);
    changed[at] = (changed[at] ?? 0) ^ 1;
    wrong.add(changed.toString('base64url'));
  }
  const other = Buffer.from(tokenOf('flora@example.org', elsewhere), 'base64url');
  wrong.add(Buffer.concat([other.subarray(0, 16), octets.subarray(16)]).toString('base64url'));
  const bia = Buffer.from(tokenOf('bia@example.org'), 'base64url');
  wrong.add(Buffer.concat([octets.subarray(0, 16), bia.subarray(16, 48), octets.subarray(48)]).toString('base64url'));
  // The last character holds bits that mean nothing: another spelling of the same octets.
  wrong.add(token.slice(0, -1) + (token.endsWith('A') ? 'B' : token.endsWith('g') ? 'h' : 'B'));
  const before = await picture();
  for (const guess of wrong) {
    if (guess === token) continue;
    assert.equal(readOptOutToken(platform.db, guess), undefined, guess);
  }
  for (const guess of [...wrong].slice(1, 8)) {
    assert.equal((await get(guess)).status, 404);
    assert.equal((await post(guess, 'List-Unsubscribe=One-Click')).status, 404);
  }
  assert.deepEqual(await picture(), before);
});

test('the page reads in three languages, runs no script, loads nothing and tells nobody where it was opened', async () => {
  const token = tokenOf('gil@example.org');
  const titles = new Set<string>();
  for (const [query, header, language] of [
    ['?language=pt-BR', 'en', 'pt-BR'],
    ['?language=es', 'en', 'es'],
    ['', 'en-GB,en;q=0.9', 'en'],
    ['?language=xx', 'es-MX', 'es'],
  ] as const) {
    const answer = await get(token, query, { 'accept-language': header });
    const page = await answer.text();
    assert.match(page, new RegExp(`<html lang="${language}"`));
    titles.add(/<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? '');
    assert.doesNotMatch(page, /<script|<img|<link|src=|https?:|@import|url\(/);
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /style-src 'sha256-/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(answer.headers.get('set-cookie'), null);
  }
  assert.equal(titles.size, 3);
});
