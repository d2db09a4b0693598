import { decryptXml, parseDomFromString, xpath } from '@node-saml/node-saml/lib/xml.js';
import { failuresOf } from '../platform/failure.ts';
import { providerRefusals } from './providers-contract.ts';

const refuse = failuresOf(providerRefusals);

const MOST_CHARACTERS = 400_000;

/** Nothing that rests on SHA-1, and no canonical form that keeps comments. */
const signatureAlgorithms = [
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
];

/** Neither RSA with PKCS #1 1.5 padding, which gives the key away to who may ask often, nor Triple DES. */
const encryptionAlgorithms = [
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
];

/**
 * Refuses an answer that is more than plain elements and text, before any parser builds something from it: a document
 * type (entities), comments and CDATA (text that ends for one reader where it goes on for another), processing
 * instructions, weak algorithms. No identity provider sends these. What is encrypted is decrypted and held to the same.
 * @param answer the form field `SAMLResponse`
 * @returns the XML text
 * @throws Failure `answer-not-trusted`
 */
export async function inspectAnswer(
  answer: string,
  own: { readonly answerUrl: string; readonly privateKey: string },
): Promise<string> {
  if (answer.length > MOST_CHARACTERS) throw refuse('answer-not-trusted', 'The answer is too long.');
  const xml = Buffer.from(answer, 'base64').toString('utf8');
  const document = await inspect(xml);
  const destinations = xpath.selectAttributes(document, '/*[local-name()="Response"]/@Destination');
  if (destinations.some(({ value }) => value !== own.answerUrl))
    throw refuse('answer-not-trusted', 'The answer is meant for another address.');
  const encrypted = xpath.selectElements(document, '//*[local-name()="EncryptedAssertion"]');
  if (encrypted.length > 1) throw refuse('answer-not-trusted', 'The answer holds several assertions.');
  for (const element of encrypted) await inspect(await decrypt(element.toString(), own.privateKey));
  return xml;
}

async function inspect(xml: string): Promise<Document> {
  const body = xml.replace(/^\uFEFF?<\?xml [^<>]*\?>/, '');
  if (/<[!?]/.test(body))
    throw refuse('answer-not-trusted', 'The answer holds a document type, comments or processing instructions.');
  const document = await parse(xml);
  const algorithms = (path: string) => xpath.selectAttributes(document, path).map(({ value }) => value);
  const weak = [
    ...algorithms('//*[local-name()="Signature"]//@Algorithm').filter((name) => !signatureAlgorithms.includes(name)),
    ...algorithms('//*[local-name()="EncryptionMethod"]/@Algorithm').filter(
      (name) => !encryptionAlgorithms.includes(name),
    ),
  ];
  if (weak.length > 0) throw refuse('answer-not-trusted', `The answer uses an algorithm that is not taken: ${weak[0]}`);
  return document;
}

async function parse(xml: string): Promise<Document> {
  try {
    return await parseDomFromString(xml);
  } catch (cause) {
    throw refuse('answer-not-trusted', 'The answer is not well-formed XML.', { cause });
  }
}

async function decrypt(xml: string, privateKey: string): Promise<string> {
  try {
    return await decryptXml(xml, privateKey);
  } catch (cause) {
    // One text for whatever went wrong, so that answers cannot be used to ask about the key.
    throw refuse('answer-not-trusted', 'The assertion cannot be decrypted with the key of this provider.', { cause });
  }
}
