import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { checkpointText, privateKeyFromSeed, rawPublicKey, signNote, verifierKey } from './note.ts';
import { leafHash, type Receipt } from './proof.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));

test('a browser checks a receipt with the very same module', { skip: executablePath === undefined }, async () => {
  const { receipt, key } = await smallestReceipt();
  const source = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'proof.ts'), 'utf8'));
  // Web Crypto is only there in a secure context, such as an address of this machine.
  const server = createServer((request, response) => {
    const script = request.url === '/proof.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? source : '<!doctype html>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  const browser = await chromium.launch({
    executablePath: executablePath ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${bound.port}/`);
    const check = (claim: Receipt) =>
      page.evaluate(`import('/proof.js').then((proof) => proof.verifyReceipt(${JSON.stringify(claim)}, '${key}'))`);
    const good = await check(receipt);
    assert.deepEqual(pick(good, ['valid', 'log', 'size']), [true, 'browser.example/log', 1]);
    const bad = await check({ ...receipt, leaf: receipt.leaf.replace('hold', 'held') });
    assert.deepEqual(pick(bad, ['valid', 'reason']), [false, 'root-mismatch']);
  } finally {
    await browser.close();
    await new Promise((done) => server.close(done));
  }
});

async function smallestReceipt(): Promise<{ receipt: Receipt; key: string }> {
  const name = 'browser.example/log';
  const privateKey = privateKeyFromSeed(new Uint8Array(32).fill(7));
  const leaf = JSON.stringify({
    actor: { id: 'p', kind: 'person' },
    at: '2026-11-20T00:00:00.000Z',
    body: { hold: 'h' },
    format: 'kept-entry-1',
    id: 'e',
    kind: 'hold.placed',
    organisation: 'o',
  });
  const root = await leafHash(new TextEncoder().encode(leaf));
  const checkpoint = await signNote(checkpointText(name, 1, root), { name, privateKey });
  const receipt: Receipt = { format: 'kept-receipt-1', leaf, index: 0, proof: [], checkpoint };
  return { receipt, key: await verifierKey(name, rawPublicKey(privateKey)) };
}

function pick(value: unknown, keys: readonly string[]): unknown[] {
  assert.ok(typeof value === 'object' && value !== null);
  return keys.map((key) => Reflect.get(value, key));
}
