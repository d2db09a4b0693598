import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cookieName } from './session-cookie.ts';
import { openTestAccess, type TestAccess } from './test-access.ts';

const plain = await openTestAccess();
const secure = await openTestAccess({ environment: { KEPT_PUBLIC_URL: 'https://kept.example.org' } });
after(async () => {
  await plain.close();
  await secure.close();
});

const look = (server: TestAccess, cookie: string) => server.call('GET', '/v1/access/session', cookie);

/** The attributes of the session's cookie as an answer takes it back; undefined where it does not. */
function clearedIn(answer: { readonly headers: Headers }): string[] | undefined {
  const [line] = answer.headers.getSetCookie();
  return line?.split('; ').filter((attribute) => !attribute.startsWith('Expires='));
}

test('a cookie of no session is taken back with its own name and attributes', async () => {
  const made = await look(plain, 'kept_session=made-up');
  assert.equal(made.status, 401);
  assert.deepEqual(
    clearedIn(made)?.sort(),
    ['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'kept_session='].sort(),
  );
  const name = cookieName(secure.platform.config);
  const hosted = await look(secure, `${name}=made-up`);
  assert.deepEqual(clearedIn(hosted)?.[0], '__Host-kept_session=');
  assert.ok(clearedIn(hosted)?.includes('Secure'));
  const ended = await plain.cookieOf('agent');
  await plain.call('DELETE', '/v1/access/session', ended);
  assert.equal(clearedIn(await look(plain, ended))?.[0], 'kept_session=');
});

test('nothing is taken back from who sent none, whose session lives, or who merely mistyped', async () => {
  assert.equal((await plain.call('GET', '/v1/access/session')).status, 401);
  assert.equal(clearedIn(await plain.call('GET', '/v1/access/session')), undefined);
  const cookie = await plain.cookieOf('owner');
  const wrong = await plain.call('POST', '/v1/access/session/second-factor', cookie, { code: '000000' });
  assert.deepEqual([wrong.status, clearedIn(wrong)], [401, undefined]);
  assert.equal(clearedIn(await look(plain, cookie)), undefined);
  assert.equal((await look(plain, cookie)).status, 200);
});

test('a request that was under way while the token changed leaves the new cookie alone', async () => {
  const before = await plain.cookieOf('dpo');
  const shown = await plain.call('POST', '/v1/access/session/second-factor', before, {
    code: plain.codeOf(plain.people.dpo),
  });
  assert.equal(shown.status, 200, shown.text);
  const late = await look(plain, before);
  assert.deepEqual([late.status, clearedIn(late)], [401, undefined]);
  assert.equal((await look(plain, shown.cookie ?? '')).status, 200);
});
