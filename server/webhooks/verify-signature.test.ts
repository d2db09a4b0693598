import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Failure } from '../platform/failure.ts';
import { type RefusalReason, type Scheme, schemeSchema } from './endpoints-contract.ts';
import { demandUsableScheme, demandUsableSecret, verifySignature } from './verify-signature.ts';

/** A request that somebody else signed, and where that is published. */
interface Known {
  readonly name: string;
  readonly scheme: Scheme;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Seconds since 1970 when it was signed; null where no time is. */
  readonly signedAt: number | null;
  readonly header: string;
}

const github = "It's a Secret to Everybody";
const slackBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

const known: readonly Known[] = [
  {
    name: 'Standard Webhooks: the example of its verification page',
    scheme: schemeSchema.parse({ kind: 'standard-webhooks' }),
    secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
    headers: {
      'webhook-id': 'msg_loFOjxBNrRLzqYUf',
      'webhook-timestamp': '1731705121',
      'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    },
    body: '{"event_type":"ping","data":{"success":true}}',
    signedAt: 1_731_705_121,
    header: 'webhook-signature',
  },
  {
    name: 'Standard Webhooks: the vector of its libraries',
    scheme: schemeSchema.parse({ kind: 'standard-webhooks' }),
    secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    signedAt: 1_614_265_330,
    header: 'webhook-signature',
  },
  {
    name: 'Stripe: signed with openssl dgst',
    scheme: schemeSchema.parse({ kind: 'stripe' }),
    secret: 'whsec_made_up_for_this_test',
    headers: {
      'stripe-signature':
        't=1731705121,v1=a911a8d6f5fd12f9134744639c55efbcfc90390ffd236666c70bb87e60d34ff3,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39',
    },
    body: '{"id":"evt_1","object":"event","type":"customer.deleted"}',
    signedAt: 1_731_705_121,
    header: 'stripe-signature',
  },
  {
    name: 'X-Hub-Signature-256, as Meta signs: the example of GitHub’s documentation',
    scheme: schemeSchema.parse({ kind: 'meta' }),
    secret: github,
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    body: 'Hello, World!',
    signedAt: null,
    header: 'x-hub-signature-256',
  },
  {
    name: 'Shopify: the example of SQLPage’s documentation',
    scheme: schemeSchema.parse({ kind: 'shopify' }),
    secret: 'test-webhook-secret',
    headers: { 'x-shopify-hmac-sha256': 'QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=' },
    body: '{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}',
    signedAt: null,
    header: 'x-shopify-hmac-sha256',
  },
  {
    name: 'generic with a time: the example of Slack’s documentation',
    scheme: schemeSchema.parse({
      kind: 'hmac',
      header: 'X-Slack-Signature',
      prefix: 'v0=',
      signs: 'v0:{timestamp}:{body}',
      timestamp: { header: 'X-Slack-Request-Timestamp' },
    }),
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      'x-slack-request-timestamp': '1531420618',
    },
    body: slackBody,
    signedAt: 1_531_420_618,
    header: 'x-slack-signature',
  },
  ...(
    [
      ['sha256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
      [
        'sha512',
        '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
      ],
      ['sha1', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    ] as const
  ).map(
    ([hash, signature]): Known => ({
      name: `generic ${hash}: RFC 4231 and RFC 2202, test case 2`,
      scheme: schemeSchema.parse({ kind: 'hmac', header: 'x-signature', hash }),
      secret: 'Jefe',
      headers: { 'x-signature': signature },
      body: 'what do ya want for nothing?',
      signedAt: null,
      header: 'x-signature',
    }),
  ),
];

const defaultAt = 1_731_705_121;

function verify(
  { scheme, secret, headers, body, signedAt }: Known,
  change: {
    readonly secrets?: readonly string[];
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly body?: string | Buffer;
    readonly lateSeconds?: number;
  } = {},
): RefusalReason | null {
  const merged = Object.entries({ ...headers, ...change.headers }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  const at = new Date(((signedAt ?? defaultAt) + (change.lateSeconds ?? 0)) * 1000);
  const octets = Buffer.from(change.body ?? body);
  return verifySignature(scheme, change.secrets ?? [secret], { headers: new Map(merged), body: octets }, at);
}

for (const example of known) {
  const signature = example.headers[example.header] ?? '';

  test(`${example.name} is accepted`, () => {
    assert.equal(verify(example), null);
  });

  test(`${example.name}: whatever is tampered with is refused`, () => {
    assert.equal(verify(example, { body: `${example.body} ` }), 'signature-wrong', 'an octet added');
    assert.equal(verify(example, { body: example.body.slice(0, -1) }), 'signature-wrong', 'an octet less');
    assert.equal(verify(example, { body: '' }), 'signature-wrong', 'no body');
    const flipped = Buffer.from(example.body);
    flipped.writeUInt8(flipped.readUInt8(3) ^ 1, 3);
    assert.equal(verify(example, { body: flipped }), 'signature-wrong', 'one bit');
    assert.equal(verify(example, { secrets: [`${example.secret.slice(0, -4)}AAAA`] }), 'signature-wrong', 'a secret');
    assert.equal(verify(example, { secrets: [] }), 'signature-wrong', 'no secret at all');
    // Of Stripe's header the end is another scheme's.
    const end = example.scheme.kind === 'stripe' ? signature.indexOf(',v0=') : signature.length;
    for (const place of [end - 5, end - 12]) {
      const changed = `${signature.slice(0, place)}${signature[place] === '0' ? '1' : '0'}${signature.slice(place + 1)}`;
      assert.equal(verify(example, { headers: { [example.header]: changed } }), 'signature-wrong', changed);
    }
    assert.equal(verify(example, { headers: { [example.header]: undefined } }), 'signature-missing');
    assert.equal(verify(example, { headers: { [example.header]: '' } }), 'signature-missing');
    for (const odd of ['!', 'sha256=', `${signature.slice(0, end)}ff`, '0'.repeat(64), 'undefined'])
      assert.notEqual(verify(example, { headers: { [example.header]: odd } }), null, odd);
  });

  test(`${example.name}: the second of two secrets is accepted, too, and a stand-in never`, () => {
    assert.equal(verify(example, { secrets: [`${example.secret.slice(0, -4)}AAAA`, example.secret] }), null);
    const zeros = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    assert.equal(verify(example, { secrets: [zeros] }), 'signature-wrong');
  });
}

test('what is signed with the key that stands in for an absent secret is refused', () => {
  const at = new Date(defaultAt * 1000);
  const body = '{}';
  const signature = new Webhook(Buffer.alloc(32).toString('base64')).sign('msg_1', at, body);
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(defaultAt), 'webhook-signature': signature };
  const [standard] = known;
  assert.ok(standard !== undefined);
  assert.equal(verify(standard, { headers, body, secrets: [] }), 'signature-wrong');
  assert.equal(verify(standard, { headers, body }), 'signature-wrong');
});

test('beyond the tolerance, and from too far ahead, nothing is accepted', () => {
  for (const example of known.filter(({ signedAt }) => signedAt !== null)) {
    assert.equal(verify(example, { lateSeconds: 300 }), null, example.name);
    assert.equal(verify(example, { lateSeconds: 301 }), 'timestamp-outside', example.name);
    assert.equal(verify(example, { lateSeconds: -300 }), null, example.name);
    assert.equal(verify(example, { lateSeconds: -301 }), 'timestamp-outside', example.name);
  }
});

test('a time that is changed breaks the signature, and one that is none is missing', () => {
  const times: Readonly<Record<string, string>> = {
    'webhook-signature': 'webhook-timestamp',
    'x-slack-signature': 'x-slack-request-timestamp',
  };
  for (const example of known) {
    const header = times[example.header];
    if (header === undefined) continue;
    const time = Number(example.headers[header]);
    assert.equal(verify(example, { headers: { [header]: String(time + 1) } }), 'signature-wrong');
    for (const odd of ['', 'now', '-1', '1e9', '0x1', undefined])
      assert.equal(verify(example, { headers: { [header]: odd } }), 'timestamp-missing', String(odd));
  }
  const stripe = known.find(({ scheme }) => scheme.kind === 'stripe');
  assert.ok(stripe !== undefined);
  const signature = stripe.headers['stripe-signature'] ?? '';
  const withTime = (time: string) => ({ headers: { 'stripe-signature': signature.replace('t=1731705121', time) } });
  assert.equal(verify(stripe, withTime('t=1731705122')), 'signature-wrong');
  assert.equal(verify(stripe, withTime('t=')), 'timestamp-missing');
  assert.equal(verify(stripe, withTime('')), 'timestamp-missing');
  assert.equal(
    verify(stripe, { headers: { 'stripe-signature': signature.replace('v1=', 'v0=') } }),
    'signature-missing',
  );
});

test('another id breaks a signature of Standard Webhooks, and one among several signatures is enough', () => {
  const [standard] = known;
  assert.ok(standard !== undefined);
  assert.equal(verify(standard, { headers: { 'webhook-id': 'msg_other' } }), 'signature-wrong');
  assert.equal(verify(standard, { headers: { 'webhook-id': undefined } }), 'signature-missing');
  const right = standard.headers['webhook-signature'];
  const wrong = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
  const several = (text: string) => verify(standard, { headers: { 'webhook-signature': text } });
  assert.equal(several(`${wrong} v1a,AAAA v2,${right?.slice(3)} ${right}`), null);
  assert.equal(several(`${wrong} v2,${right?.slice(3)}`), 'signature-wrong');
  // Beyond twenty nobody looks: a header full of guesses costs no more.
  assert.equal(several(`${`${wrong} `.repeat(20)}${right}`), 'signature-wrong');
});

test('what the package standardwebhooks signs is accepted', () => {
  const secret = Buffer.alloc(32, 7).toString('base64');
  const at = new Date('2026-11-20T12:00:00Z');
  const body = '{"type":"person.gone","data":{"id":"p-1","name":"Ção"}}';
  const headers = new Map([
    ['webhook-id', 'msg_2'],
    ['webhook-timestamp', String(at.getTime() / 1000)],
    ['webhook-signature', new Webhook(secret).sign('msg_2', at, body)],
  ]);
  const scheme = schemeSchema.parse({ kind: 'standard-webhooks' });
  assert.equal(verifySignature(scheme, [`whsec_${secret}`], { headers, body: Buffer.from(body) }, at), null);
});

test('a description that would verify nothing is refused', () => {
  const refused: readonly Record<string, unknown>[] = [
    { signs: 'secret' },
    { signs: '{body}{body}' },
    { signs: '{timestamp}.{body}' },
    { timestamp: { header: 'x-time' } },
    { timestamp: { header: 'x-signature' }, signs: '{timestamp}.{body}' },
  ];
  for (const odd of refused) {
    const scheme = schemeSchema.parse({ kind: 'hmac', header: 'x-signature', ...odd });
    assert.throws(
      () => demandUsableScheme(scheme),
      (error) => error instanceof Failure && error.code === 'scheme-unusable',
    );
  }
  const hmac = (secretIs: string) => schemeSchema.parse({ kind: 'hmac', header: 'x-signature', secretIs });
  const secrets: readonly [Scheme, string][] = [
    [schemeSchema.parse({ kind: 'standard-webhooks' }), 'whsec_short'],
    [schemeSchema.parse({ kind: 'standard-webhooks' }), 'whsec_not*base64*at*all*whatever*it*is'],
    [hmac('hex'), 'xyz'.repeat(10)],
    [hmac('base64'), 'AAAA'],
  ];
  for (const [scheme, secret] of secrets)
    assert.throws(
      () => demandUsableSecret(scheme, secret),
      (error) => error instanceof Failure && error.code === 'secret-unusable' && !error.message.includes(secret),
    );
});
