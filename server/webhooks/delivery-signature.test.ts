import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { isSignedWith, makeSecret, readSecret, signDelivery } from './delivery-signature.ts';

// The vectors that the specification's own libraries are tested with.
const message = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const seconds = 1_614_265_330;
const body = Buffer.from('{"test": 2432232314}');

test('the vectors of the specification, for both schemes and both at once', () => {
  const shared = readSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const own = readSecret('whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=');
  const v1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const v1a = 'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==';
  assert.equal(signDelivery([shared], message, seconds, body), v1);
  assert.equal(signDelivery([own], message, seconds, body), v1a);
  assert.equal(signDelivery([own, shared], message, seconds, body), `${v1a} ${v1}`);
});

test('what we make, the package standardwebhooks verifies, and refuses when anything was changed', () => {
  const { text, lastFour, publicKey } = makeSecret('hmac-sha256');
  assert.match(text, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual([lastFour, publicKey], [text.slice(-4), null]);
  const now = Math.floor(Date.now() / 1000);
  const headers = (at: number, id = message) => ({
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': signDelivery([readSecret(text)], message, now, body),
  });
  const verifier = new Webhook(text);
  assert.deepEqual(verifier.verify(body, headers(now)), { test: 2_432_232_314 });
  assert.throws(() => verifier.verify(Buffer.from('{"test": 2432232315}'), headers(now)));
  assert.throws(() => verifier.verify(body, headers(now + 1)));
  assert.throws(() => verifier.verify(body, headers(now, `${message}x`)));
  assert.throws(() => new Webhook(makeSecret('hmac-sha256').text).verify(body, headers(now)));
});

test('each scheme recognises its own signature, and nothing else', () => {
  for (const scheme of ['hmac-sha256', 'ed25519'] as const) {
    const { text, publicKey } = makeSecret(scheme);
    assert.equal(scheme === 'ed25519', publicKey !== null && /^whpk_[A-Za-z0-9+/]{43}=$/.test(publicKey));
    const key = readSecret(text);
    const other = readSecret(makeSecret(scheme).text);
    const signed = { id: message, seconds, body };
    const header = signDelivery([other, key], message, seconds, body);
    assert.equal(isSignedWith(key, header, signed), true);
    assert.equal(isSignedWith(readSecret(makeSecret(scheme).text), header, signed), false);
    assert.equal(isSignedWith(key, header, { ...signed, seconds: seconds + 1 }), false);
    assert.equal(isSignedWith(key, header, { ...signed, body: Buffer.from('{}') }), false);
    assert.equal(isSignedWith(key, '', signed), false);
    assert.equal(isSignedWith(key, 'v1, v1a, v1,AAAA v2,x', signed), false);
  }
});
