import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import bcrypt from 'bcryptjs';
import { fixedClock } from '../platform/clock.ts';
import { rules } from './rate-limit.ts';
import { openTestAccess, type TestPerson, testPassword } from './test-access.ts';

/**
 * An attack through HTTP: 10,000 guesses over 100 e-mail addresses, some of which are nobody's, from 10 network
 * addresses, within 90 seconds. The limits stand before every look-up and hash, so most of it costs next to nothing.
 */
const ATTEMPTS = 10_000;
const ROUNDS = 10;
const ROUND_SECONDS = 10;

const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock, environment: { KEPT_PROXIES: '127.0.0.1' } });
after(() => kept.close());

const cheap = await bcrypt.hash(testPassword, 4);
const victims: TestPerson[] = [];
for (let index = 0; index < 90; index += 1)
  victims.push(
    await kept.addPerson({
      organisationId: kept.organisationId,
      role: 'agent',
      email: `victim-${index}@example.com`,
      passwordHash: cheap,
    }),
  );
const targets = Array.from({ length: 100 }, (_, index) => `victim-${index}@example.com`);
const attackers = Array.from({ length: 10 }, (_, index) => `203.0.113.${index + 1}`);

interface Guess {
  readonly email: string;
  readonly address: string;
}
const guessAt = (index: number): Guess => ({
  email: targets[Math.floor(index / attackers.length) % targets.length] ?? '',
  address: attackers[index % attackers.length] ?? '',
});

function signIn({ email, address }: Guess, password: string, headers: Record<string, string> = {}) {
  return kept.call('POST', '/v1/access/sign-in', { 'x-forwarded-for': address, ...headers }, { email, password });
}

/** What a rule lets through in the time of the attack. */
function most({ burst, everySeconds }: { burst: number; everySeconds: number }): number {
  return burst + Math.floor(((ROUNDS - 1) * ROUND_SECONDS) / everySeconds);
}

function countBy(guesses: readonly Guess[], keyOf: (guess: Guess) => string): number[] {
  const counts = new Map<string, number>();
  for (const guess of guesses) counts.set(keyOf(guess), (counts.get(keyOf(guess)) ?? 0) + 1);
  return [...counts.values()];
}

test('10,000 guesses never get past the limits, and never lock the rightful person out for good', async () => {
  // One of them has signed in with this browser before, as people have.
  const [someone, another] = victims;
  assert.ok(someone !== undefined && another !== undefined);
  const home = { email: someone.email, address: '198.51.100.7' };
  const first = await signIn(home, someone.password);
  assert.equal(first.status, 200, first.text);
  const mark = first.headers.getSetCookie().find((line) => line.startsWith('kept_browser='));
  assert.match(mark ?? '', /HttpOnly; SameSite=Lax/);
  const known = { cookie: mark?.split(';')[0] ?? '' };

  const through: Guess[] = [];
  const answers = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round > 0) clock.advance(ROUND_SECONDS * 1000);
    const size = ATTEMPTS / ROUNDS;
    for (let start = 0; start < size; start += 50) {
      const guesses = Array.from({ length: 50 }, (_, index) => guessAt(round * size + start + index));
      const results = await Promise.all(guesses.map((guess) => signIn(guess, `guess ${round}-${start}`)));
      for (const [index, { status, text, headers }] of results.entries()) {
        const guess = guesses[index];
        assert.ok(guess !== undefined && (status === 401 || status === 429), `${status} ${text}`);
        if (status === 401) {
          through.push(guess);
          answers.add(text);
        } else assert.ok(Number(headers.get('retry-after')) >= 1);
      }
    }
    // In the midst of it.
    const rightful = await signIn(home, someone.password, known);
    assert.equal(rightful.status, 200, `round ${round}: ${rightful.text}`);
  }

  assert.ok(Math.max(...countBy(through, ({ address }) => address)) <= most(rules['sign-in/address']));
  assert.ok(Math.max(...countBy(through, ({ email }) => email)) <= most(rules['sign-in/account']));
  const pairs = countBy(through, ({ address, email }) => `${address} ${email}`);
  assert.ok(Math.max(...pairs) <= most(rules['sign-in/address+account']));
  assert.ok(through.length > 100 && through.length <= 10 * most(rules['sign-in/address']), `${through.length}`);
  assert.equal(answers.size, 1, 'who exists and who does not are answered alike');

  // Once the limit is reached not even the right password tells that it is.
  const right = { email: another.email, address: attackers[0] ?? '' };
  const [lucky, unlucky] = [await signIn(right, another.password), await signIn(right, 'a wrong one')];
  assert.deepEqual([lucky.status, unlucky.status], [429, 429]);
  assert.equal(lucky.text, unlucky.text);
});

test('who comes with a new browser in the midst of an attack on their account gets in once they have waited as told', async () => {
  const victim = victims[2];
  assert.ok(victim !== undefined);
  const guess = (index: number) => signIn({ email: victim.email, address: `192.0.2.${index}` }, 'wrong');
  let last = 0;
  for (let index = 1; index <= 50 && last !== 429; index += 1) last = (await guess(index)).status;
  assert.equal(last, 429);
  const elsewhere = { email: victim.email, address: '198.51.100.99' };
  let waitedSeconds = 0;
  for (;;) {
    const answer = await signIn(elsewhere, victim.password);
    if (answer.status === 200) break;
    assert.equal(answer.status, 429, answer.text);
    const seconds = Number(answer.headers.get('retry-after'));
    waitedSeconds += seconds;
    clock.advance(seconds * 1000);
    assert.ok(waitedSeconds <= 120, `${waitedSeconds} s`);
  }
  assert.ok(waitedSeconds > 0);
});

test('who knows the password has few tries at the second factor', async () => {
  const { owner } = kept.people;
  const half = await signIn({ email: owner.email, address: '198.51.100.50' }, owner.password);
  assert.equal(half.json().owes, 'second-factor');
  const headers = { cookie: half.cookie ?? '', 'x-forwarded-for': '198.51.100.50' };
  const statuses: number[] = [];
  for (let code = 0; code < 100; code += 1) {
    const answer = await kept.call('POST', '/v1/access/session/second-factor', headers, {
      code: String(100_000 + code),
    });
    statuses.push(answer.status);
  }
  assert.equal(statuses.filter((status) => status === 401).length, rules['second-factor/person'].burst);
  assert.ok(statuses.slice(20).every((status) => status === 429));
  // Signing in anew with the password does not give more tries.
  const anew = await signIn({ email: owner.email, address: '198.51.100.51' }, owner.password);
  const again = await kept.call(
    'POST',
    '/v1/access/session/second-factor',
    { cookie: anew.cookie ?? '' },
    { code: '123456' },
  );
  assert.equal(again.status, 429);
});
