import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { signXml } from '@node-saml/node-saml/lib/xml.js';
import samlp from 'samlp';
import { makeOwnCertificate } from './own-certificate.ts';

export interface TestSamlProvider {
  readonly entityId: string;
  readonly signInUrl: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Whom its page signs in, and where it has the browser post that; null: it only says that it is there. */
  signsIn: { readonly id: string; readonly email: string; readonly answerUrl: string } | null;
  close(): Promise<void>;
}

/** What a request of ours says. */
export interface SamlRequest {
  readonly id: string;
  readonly issuer: string;
}

/** A SAML identity provider on loopback; its answers are made by `answerWithLibrary` or by hand. */
export async function startSamlProvider(): Promise<TestSamlProvider> {
  const at = new Date();
  const pair = await makeOwnCertificate(new Date(at.getTime() - 86_400_000), new Date(at.getTime() + 86_400_000));
  const server: Server = createServer(async (request, response) => {
    const asked = new URL(request.url ?? '/', 'http://idp');
    const { signsIn } = provider;
    if (!asked.searchParams.has('SAMLRequest')) return response.writeHead(400).end('What is asked?');
    if (signsIn === null) return response.end('Sign in here');
    const answer = await answerWithLibrary(provider, await readRequest(asked.href), signsIn, signsIn.answerUrl);
    return response.setHeader('content-type', 'text/html').end(postingPage(signsIn.answerUrl, answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the provider listens on a port');
  const address = `http://127.0.0.1:${bound.port}`;
  const provider: TestSamlProvider = {
    entityId: `${address}/metadata`,
    signInUrl: `${address}/sso`,
    ...pair,
    signsIn: null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

/** The page with which an identity provider has a browser post its answer. */
export function postingPage(answerUrl: string, answer: string): string {
  return `<!doctype html><form method="post" action="${answerUrl}"><input type="hidden" name="SAMLResponse" value="${answer}"></form><script>document.forms[0].submit()</script>`;
}

/** What our request says, read by the library of identity providers from the address the browser is sent to. */
export function readRequest(address: string): Promise<SamlRequest> {
  const query = Object.fromEntries(new URL(address).searchParams);
  return new Promise((resolve, reject) =>
    samlp.parseRequest({ query }, (error, data) =>
      error === null || error === undefined ? resolve(data) : reject(error),
    ),
  );
}

/** An answer as a library of identity providers makes it, Base64. */
export function answerWithLibrary(
  provider: TestSamlProvider,
  request: SamlRequest,
  user: { readonly id: string; readonly email: string; readonly name?: string },
  answerUrl: string,
  settings: object = {},
): Promise<string> {
  const options = {
    issuer: provider.entityId,
    cert: provider.certificate,
    key: provider.privateKey,
    audience: request.issuer,
    recipient: answerUrl,
    destination: answerUrl,
    inResponseTo: request.id,
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    lifetimeInSeconds: 300,
    ...settings,
  };
  const [givenName, familyName] = (user.name ?? 'Ana Prado').split(' ');
  const name = { givenName, familyName };
  const profile = { id: user.id, emails: [{ value: user.email }], displayName: user.name ?? 'Ana Prado', name };
  return new Promise((resolve, reject) =>
    samlp.getSamlResponse(options, profile, (error, xml) =>
      error === null || error === undefined ? resolve(Buffer.from(xml).toString('base64')) : reject(error),
    ),
  );
}

/** Everything an assertion says, for answers that no decent provider would make. */
export interface Written {
  readonly id?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly recipient?: string;
  readonly destination?: string;
  readonly inResponseTo?: string | null;
  readonly subject?: string;
  readonly subjectFormat?: string;
  readonly email?: string | null;
  readonly notBefore?: Date;
  readonly notOnOrAfter?: Date;
  readonly conditions?: string;
  readonly confirmations?: string;
}

const EMAIL = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';
const newXmlId = () => `_${randomBytes(12).toString('hex')}`;

/** An assertion without a signature. */
export function writeAssertion(
  provider: TestSamlProvider,
  request: SamlRequest,
  answerUrl: string,
  said: Written,
): string {
  const now = Date.now();
  const notBefore = (said.notBefore ?? new Date(now - 1_000)).toISOString();
  const notOnOrAfter = (said.notOnOrAfter ?? new Date(now + 300_000)).toISOString();
  const inResponseTo = said.inResponseTo === undefined ? request.id : said.inResponseTo;
  const answers = inResponseTo === null ? '' : ` InResponseTo="${inResponseTo}"`;
  const confirmations =
    said.confirmations ??
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${notOnOrAfter}" Recipient="${said.recipient ?? answerUrl}"${answers}/></saml:SubjectConfirmation>`;
  const conditions =
    said.conditions ??
    `<saml:Conditions NotBefore="${notBefore}" NotOnOrAfter="${notOnOrAfter}"><saml:AudienceRestriction><saml:Audience>${said.audience ?? request.issuer}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`;
  const email = said.email === undefined ? 'ana@corp.example' : said.email;
  const attributes =
    email === null
      ? ''
      : `<saml:AttributeStatement><saml:Attribute Name="${EMAIL}"><saml:AttributeValue>${email}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`;
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="${said.id ?? newXmlId()}" IssueInstant="${new Date(now).toISOString()}"><saml:Issuer>${said.issuer ?? provider.entityId}</saml:Issuer><saml:Subject><saml:NameID Format="${said.subjectFormat ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'}">${said.subject ?? 'ana-1'}</saml:NameID>${confirmations}</saml:Subject>${conditions}<saml:AuthnStatement AuthnInstant="${new Date(now).toISOString()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${attributes}</saml:Assertion>`;
}

/** A response around an assertion, or around whatever is given. */
export function writeResponse(
  provider: TestSamlProvider,
  request: SamlRequest,
  answerUrl: string,
  inner: string,
  said: Pick<Written, 'destination' | 'inResponseTo'> = {},
): string {
  const inResponseTo = said.inResponseTo === undefined ? request.id : said.inResponseTo;
  const answers = inResponseTo === null ? '' : ` InResponseTo="${inResponseTo}"`;
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${newXmlId()}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${said.destination ?? answerUrl}"${answers}><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${provider.entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${inner}</samlp:Response>`;
}

/** Signs the element `Assertion` or `Response`; the signature follows its issuer. */
export function signElement(
  xml: string,
  name: 'Assertion' | 'Response',
  key: { readonly privateKey: string; readonly certificate: string },
  algorithm: 'sha1' | 'sha256' = 'sha256',
): string {
  const path = `//*[local-name(.)="${name}"]`;
  return signXml(
    xml,
    path,
    { reference: `${path}/*[local-name(.)="Issuer"]`, action: 'after' },
    {
      privateKey: key.privateKey,
      publicCert: key.certificate,
      signatureAlgorithm: algorithm,
      digestAlgorithm: algorithm,
    },
  );
}
