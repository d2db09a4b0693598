import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHttp } from './http.ts';
import { servePages } from './pages.ts';
import { openTestPlatform } from './test-database.ts';

const { platform, close } = await openTestPlatform();
const folder = mkdtempSync(join(tmpdir(), 'kept-pages-'));
const build = join(folder, 'dist');
writeFileSync(join(folder, 'secret.txt'), 'secret');
const http = openHttp(platform, () => Promise.reject(new Error('no page asks who calls')));
mkdirSync(build);
servePages(http, build);
const address = await http.listen();
after(async () => {
  await http.close();
  await close();
  rmSync(folder, { recursive: true });
});

test('before the build there is a page that says how to build', async () => {
  const answer = await fetch(address);
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /npm run build/);
});

test('files are served under their names, every other address is the application', async () => {
  mkdirSync(join(build, 'assets'));
  writeFileSync(join(build, 'index.html'), '<title>application</title>');
  writeFileSync(join(build, 'assets', 'a-123.js'), 'let a;');
  for (const path of ['/', '/policy/promises/P-1', '/ledger?entry=1']) {
    const page = await fetch(address + path);
    assert.match(await page.text(), /application/, path);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
  }
  const file = await fetch(`${address}/assets/a-123.js`);
  assert.match(file.headers.get('content-type') ?? '', /javascript/);
  assert.match(file.headers.get('cache-control') ?? '', /immutable/);
  assert.equal((await fetch(`${address}/assets/missing.js`)).status, 404);
  assert.equal((await (await fetch(`${address}/v1/nowhere`)).json()).code, 'not-found');
});

test('nothing outside the build can be had', async () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00.js',
    '/%ff.js',
    '/..%5csecret.txt',
  ]) {
    const { status, body } = await bare(path);
    assert.doesNotMatch(body, /secret/, path);
    assert.ok(status >= 400 || body.includes('application'), `${path}: ${status}`);
    assert.ok(status < 500, `${path}: ${status}`);
  }
});

/** Sends the path as it stands; fetch would tidy it. */
function bare(path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => {
        body += String(chunk);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
