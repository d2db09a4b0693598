import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestAccess, type TestAccess } from './test-access.ts';
import {
  openBrowser,
  proveTestDomain,
  startNameServer,
  type TestBrowser,
  type TestNameServer,
} from './test-provider-server.ts';
import {
  answerWithLibrary,
  readRequest,
  type SamlRequest,
  signElement,
  startSamlProvider,
  type TestSamlProvider,
  type Written,
  writeAssertion,
  writeResponse,
} from './test-saml.ts';

let server: TestAccess;
let names: TestNameServer;
let idp: TestSamlProvider;
let provider: { id: string; begin: string; answer: string; entityId: string };

before(async () => {
  names = await startNameServer();
  idp = await startSamlProvider();
  server = await openTestAccess({
    environment: { KEPT_OUTBOUND_ALLOW: '127.0.0.1', KEPT_DNS_SERVERS: names.address },
  });
  const made = await server.call('POST', '/v1/access/providers', 'admin', samlInput({}));
  assert.equal(made.status, 201, made.text);
  const { id, register } = made.json();
  provider = { id, begin: `/sign-in/providers/${id}`, answer: register.redirectUrl, entityId: register.entityId };
  await proveTestDomain(server, names, await server.cookieOf('admin'), 'corp.example', id);
});
after(async () => {
  await server.close();
  await idp.close();
  await names.close();
});

function samlInput(changes: object) {
  return {
    kind: 'saml',
    name: 'Corp',
    defaultRole: 'agent',
    admits: true,
    enabled: true,
    settings: { entityId: idp.entityId, signInUrl: idp.signInUrl, certificates: [idp.certificate] },
    ...changes,
  };
}

/** A browser that has been sent to the identity provider. */
async function begin(): Promise<{ browser: TestBrowser; request: SamlRequest }> {
  const browser = openBrowser(server);
  const sent = await browser.get(provider.begin);
  assert.equal(sent.status, 303, sent.text);
  const address = sent.headers.get('location') ?? '';
  assert.ok(address.startsWith(idp.signInUrl));
  return { browser, request: await readRequest(address) };
}

/** What came of an answer: where the browser was sent on. */
async function outcome(browser: TestBrowser, samlResponse: string): Promise<string> {
  let answer = await browser.post(provider.answer, { SAMLResponse: samlResponse, RelayState: '' });
  // Without its cookie the browser is asked to post once more, from a page of Kept's.
  if (answer.status === 200) answer = await browser.post(provider.answer, { SAMLResponse: samlResponse, again: '1' });
  assert.equal(answer.status, 303, answer.text);
  const target = answer.headers.get('location') ?? '';
  assert.equal(answer.cookie !== undefined, target === '/', 'a session exactly where it succeeded');
  return target;
}

const REFUSED = '/enter?refused=answer-not-trusted';
const base64 = (xml: string) => Buffer.from(xml).toString('base64');

/** A whole sign-in with an answer written by hand. */
async function tryWritten(write: (request: SamlRequest) => string): Promise<string> {
  const { browser, request } = await begin();
  return outcome(browser, base64(write(request)));
}

const signed = (request: SamlRequest, said: Written = {}) =>
  writeResponse(
    idp,
    request,
    provider.answer,
    signElement(writeAssertion(idp, request, provider.answer, said), 'Assertion', idp),
    said,
  );

async function people(): Promise<{ email: string; role: string }[]> {
  const rows = await server.platform.db.globalTransaction(({ db }) =>
    db
      .selectFrom('access.membership as m')
      .innerJoin('access.person as p', 'p.id', 'm.person_id')
      .select(['p.email', 'm.role'])
      .where('m.organisation_id', '=', server.organisationId)
      .execute(),
  );
  return rows;
}

test('a signed assertion signs in, and makes a member of who is new in a proved domain', async () => {
  const { browser, request } = await begin();
  const user = { id: 'rui-1', email: 'Rui@corp.example', name: 'Rui Prado' };
  assert.equal(await outcome(browser, await answerWithLibrary(idp, request, user, provider.answer)), '/');
  const session = await browser.get('/v1/access/session');
  const seen = session.json();
  assert.equal(seen.owes, null);
  assert.equal(seen.role, 'agent');
  assert.equal(seen.person.email, 'Rui@corp.example');
  assert.equal(seen.organisation.id, server.organisationId);
  assert.ok((await people()).some(({ email, role }) => email === 'Rui@corp.example' && role === 'agent'));
});

test('the same person signs in again, and is no second one', async () => {
  const count = (await people()).length;
  const { browser, request } = await begin();
  const user = { id: 'rui-1', email: 'rui@corp.example' };
  assert.equal(await outcome(browser, await answerWithLibrary(idp, request, user, provider.answer)), '/');
  assert.equal((await people()).length, count);
});

test('a signed response with an unsigned assertion in it signs in', async () => {
  const { browser, request } = await begin();
  const settings = { signAssertion: false, signResponse: true };
  const answer = await answerWithLibrary(
    idp,
    request,
    { id: 'eva-1', email: 'eva@corp.example' },
    provider.answer,
    settings,
  );
  assert.equal(await outcome(browser, answer), '/');
});

test('an assertion encrypted to the key of our metadata signs in', async () => {
  const metadata = await (await fetch(`${server.address}${provider.begin}/metadata`)).text();
  const certificate = /<ds:X509Certificate>([^<]+)</.exec(metadata)?.[1]?.replaceAll(/\s/g, '') ?? '';
  assert.ok(metadata.includes(`entityID="${provider.entityId}"`));
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  const { X509Certificate } = await import('node:crypto');
  const publicKey = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' });
  const settings = { encryptionCert: pem, encryptionPublicKey: publicKey };
  const user = { id: 'ivo-1', email: 'ivo@corp.example' };
  const attempt = async (more: object, change = (xml: string) => xml) => {
    const { browser, request } = await begin();
    const answer = await answerWithLibrary(idp, request, user, provider.answer, { ...settings, ...more });
    const xml = Buffer.from(answer, 'base64').toString();
    assert.ok(xml.includes('EncryptedAssertion') && !xml.includes('ivo@corp.example'));
    return outcome(browser, base64(change(xml)));
  };
  assert.equal(await attempt({}), '/');
  assert.equal(await attempt({ signResponse: true }), '/');
  assert.equal(await attempt({ signAssertion: false }), REFUSED, 'encryption is no signature: everybody has the key');
  assert.equal(await attempt({ signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' }), REFUSED, 'SHA-1 inside');
  const toPkcs1 = (xml: string) => xml.replace('xmlenc#rsa-oaep-mgf1p', 'xmlenc#rsa-1_5');
  assert.equal(await attempt({}, toPkcs1), REFUSED, 'padding that an oracle undoes');
});

test('nothing that is unsigned, signed by another key or changed afterwards signs in', async (context) => {
  const other = await startSamlProvider();
  context.after(() => other.close());
  const write = (request: SamlRequest, said: Written = {}) => writeAssertion(idp, request, provider.answer, said);
  const wrap = (request: SamlRequest, inner: string) => writeResponse(idp, request, provider.answer, inner);
  assert.equal(await tryWritten((request) => wrap(request, signElement(write(request), 'Assertion', idp))), '/');
  assert.equal(await tryWritten((request) => wrap(request, write(request))), REFUSED);
  assert.equal(await tryWritten((request) => wrap(request, signElement(write(request), 'Assertion', other))), REFUSED);
  const changed = (request: SamlRequest) => signed(request).replace('ana@corp.example', 'eva@corp.example');
  assert.equal(await tryWritten(changed), REFUSED);
  const weak = (request: SamlRequest) => wrap(request, signElement(write(request), 'Assertion', idp, 'sha1'));
  assert.equal(await tryWritten(weak), REFUSED);
  assert.equal(await tryWritten(() => 'no XML at all'), REFUSED);
  const page = await openBrowser(server).post(provider.answer, { SAMLResponse: '"><script>x</script>' });
  assert.equal(page.headers.get('location'), '/enter?refused=dialogue-lost', 'a page holds Base64 and nothing else');
  assert.equal(await tryWritten((request) => wrap(request, '')), REFUSED);
});

test('an assertion for another audience, recipient or address, or of another issuer, is refused', async () => {
  const cases: Written[] = [
    { audience: 'https://elsewhere.example/metadata' },
    { recipient: 'https://elsewhere.example/answer' },
    { destination: 'https://elsewhere.example/answer' },
    { issuer: 'https://elsewhere.example/idp' },
    { conditions: '<saml:Conditions/>' },
    { conditions: '' },
    // One of two restrictions does not name us.
    {
      conditions: `<saml:Conditions><saml:AudienceRestriction><saml:Audience>${provider.entityId}</saml:Audience></saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>https://elsewhere.example</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
    },
  ];
  for (const said of cases)
    assert.equal(await tryWritten((request) => signed(request, said)), REFUSED, JSON.stringify(said));
});

test('an answer is taken once, and an assertion is, too', async () => {
  const { browser, request } = await begin();
  const answer = base64(signed(request));
  assert.equal(await outcome(browser, answer), '/');
  browser.cookies.clear();
  assert.equal(await outcome(browser, answer), '/enter?refused=dialogue-lost');
  // The same in a dialogue of its own: it answers another request.
  const again = await begin();
  assert.equal(await outcome(again.browser, answer), REFUSED);
  // A provider that gives one assertion twice, each time for the right request.
  const id = '_the-same-assertion';
  assert.equal(await tryWritten((asked) => signed(asked, { id })), '/');
  assert.equal(await tryWritten((asked) => signed(asked, { id })), '/enter?refused=answer-used');
});

test('an answer that nobody asked for, or that another browser asked for, is refused', async () => {
  const unasked: SamlRequest = { id: '_unasked', issuer: provider.entityId };
  assert.equal(
    await outcome(openBrowser(server), base64(signed(unasked, { inResponseTo: null }))),
    '/enter?refused=dialogue-lost',
  );
  assert.equal(await tryWritten((request) => signed(request, { inResponseTo: null })), REFUSED);
  // Somebody has another person's browser take an answer meant for their own account.
  const own = await begin();
  const victim = await begin();
  assert.equal(await outcome(victim.browser, base64(signed(own.request))), REFUSED);
  // The unsigned response says one request, the signed assertion another or none.
  const mixed = (said: Written) => async () => {
    const { browser, request } = await begin();
    const assertion = signElement(writeAssertion(idp, request, provider.answer, said), 'Assertion', idp);
    return outcome(browser, base64(writeResponse(idp, request, provider.answer, assertion)));
  };
  assert.equal(await mixed({ inResponseTo: own.request.id })(), REFUSED);
  assert.equal(await mixed({ inResponseTo: null })(), REFUSED);
});

test('clocks may be a minute apart, not more', async () => {
  const at = (seconds: number) => new Date(Date.now() + seconds * 1_000);
  assert.equal(await tryWritten((request) => signed(request, { notBefore: at(-600), notOnOrAfter: at(-40) })), '/');
  assert.equal(await tryWritten((request) => signed(request, { notBefore: at(40) })), '/');
  const late = await tryWritten((request) => signed(request, { notBefore: at(-600), notOnOrAfter: at(-90) }));
  assert.equal(late, REFUSED);
  assert.equal(await tryWritten((request) => signed(request, { notBefore: at(90) })), REFUSED);
});

/** Eight places for a forged assertion beside a signed one: the attacks of Somorovsky et al., "On Breaking SAML". */
test('a forged assertion wrapped around or beside a signed one is never believed', async () => {
  const forgedEmail = server.people.owner.email;
  const victims = async () =>
    server.platform.db.globalTransaction(({ db }) =>
      db.selectFrom('access.session').select('id').where('person_id', '=', server.people.owner.id).execute(),
    );
  const before = (await victims()).length;
  const forge = (request: SamlRequest) =>
    writeAssertion(idp, request, provider.answer, { subject: 'owner', email: forgedEmail });
  const signatureOf = (xml: string) => /<Signature [\s\S]*<\/Signature>/.exec(xml)?.[0] ?? '';
  const attacks: Record<string, (request: SamlRequest) => string> = {
    'forged before': (request) => place(request, (real) => forge(request) + real),
    'forged after': (request) => place(request, (real) => real + forge(request)),
    'real within forged': (request) =>
      place(request, (real) => forge(request).replace('</saml:Assertion>', `${real}</saml:Assertion>`)),
    'signature moved to forged, real within it': (request) =>
      place(request, (real) => {
        const signature = signatureOf(real);
        const bare = real.replace(signature, '');
        const holder = signature.replace('</Signature>', `<Object>${bare}</Object></Signature>`);
        return forge(request).replace('</saml:Issuer>', `</saml:Issuer>${holder}`);
      }),
    'real in extensions': (request) =>
      writeResponse(
        idp,
        request,
        provider.answer,
        `<samlp:Extensions>${signElement(writeAssertion(idp, request, provider.answer, {}), 'Assertion', idp)}</samlp:Extensions>${forge(request)}`,
      ),
    'same ID twice': (request) =>
      place(request, (real) => {
        const id = / ID="([^"]+)"/.exec(real)?.[1] ?? '';
        return forge(request).replace(/ ID="[^"]+"/, ` ID="${id}"`) + real;
      }),
    'signature copied onto forged': (request) =>
      place(request, (real) => forge(request).replace('</saml:Issuer>', `</saml:Issuer>${signatureOf(real)}`)),
    'signed response within a forged one': (request) => {
      const inner = writeAssertion(idp, request, provider.answer, {});
      const real = signElement(writeResponse(idp, request, provider.answer, inner), 'Response', idp);
      return writeResponse(
        idp,
        request,
        provider.answer,
        `<samlp:Extensions>${real}</samlp:Extensions>${forge(request)}`,
      );
    },
    'forged response carries the real signature with the real response in its object': (request) => {
      const inner = writeAssertion(idp, request, provider.answer, {});
      const real = signElement(writeResponse(idp, request, provider.answer, inner), 'Response', idp);
      const signature = signatureOf(real);
      const holder = signature.replace('</Signature>', `<Object>${real.replace(signature, '')}</Object></Signature>`);
      return writeResponse(idp, request, provider.answer, forge(request)).replace(
        '</saml:Issuer>',
        `</saml:Issuer>${holder}`,
      );
    },
    'second SignedInfo (CVE-2025-29775)': (request) =>
      place(request, (real) => {
        const info = /<SignedInfo>[\s\S]*<\/SignedInfo>/.exec(real)?.[0] ?? '';
        return real.replace('ana@corp.example', forgedEmail).replace(info, info + info);
      }),
    'comment in the digest (CVE-2025-29774)': (request) =>
      place(request, (real) =>
        real.replace('ana@corp.example', forgedEmail).replace(/<DigestValue>([^<]+)</, '<DigestValue><!--AAAA-->$1<'),
      ),
  };
  function place(request: SamlRequest, around: (real: string) => string): string {
    const real = signElement(writeAssertion(idp, request, provider.answer, {}), 'Assertion', idp);
    return writeResponse(idp, request, provider.answer, around(real));
  }
  for (const [name, attack] of Object.entries(attacks)) {
    const { browser, request } = await begin();
    const target = await outcome(browser, base64(attack(request)));
    // Where the signed assertion itself is taken, it is Ana's, who was signed in rightly.
    if (target === '/')
      assert.equal((await browser.get('/v1/access/session')).json().person.email, 'ana@corp.example', name);
    else assert.equal(target, REFUSED, name);
  }
  assert.equal((await victims()).length, before);
});

test('comments, document types and processing instructions are refused before anything is read', async () => {
  const cut = (request: SamlRequest) =>
    signed(request, { subject: `owner<!-- -->-evil`, email: `${server.people.owner.email}<!-- -->.evil` });
  assert.equal(await tryWritten(cut), REFUSED);
  const entity = '<!DOCTYPE r [<!ENTITY e "ana@corp.example">]>';
  assert.equal(await tryWritten((request) => `${entity}${signed(request)}`), REFUSED);
  assert.equal(await tryWritten((request) => `<?xml version="1.0"?>${signed(request)}`), '/');
  assert.equal(
    await tryWritten((request) => signed(request).replace('<samlp:Status>', '<?x y?><samlp:Status>')),
    REFUSED,
  );
});

test('whoever has no lasting name, no address or a transient one cannot sign in', async () => {
  const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
  const target = await tryWritten((request) => signed(request, { subjectFormat: transient }));
  assert.equal(target, '/enter?refused=subject-missing');
  const nobody = await tryWritten((request) => signed(request, { subject: 'nobody-1', email: null }));
  assert.equal(nobody, '/enter?refused=email-missing');
});

test('each refusal is in the ledger of the organisation, without an address of mail', async () => {
  const leaves = await server.platform.db.globalTransaction(({ db }) =>
    db.selectFrom('access.audit_detail').select('kind').where('kind', '=', 'access.sign-in-refused').execute(),
  );
  assert.equal(leaves.length, 0, 'a tenant table is empty from outside');
  const own = await server.platform.db.transaction(server.organisationId, ({ db }) =>
    db
      .selectFrom('access.audit_detail')
      .select(['kind', 'route'])
      .where('organisation_id', '=', server.organisationId)
      .where('kind', '=', 'access.sign-in-refused')
      .execute(),
  );
  assert.ok(own.length > 20);
  assert.ok(own.every(({ route }) => route.startsWith('POST /sign-in/providers/:provider/answer')));
});
