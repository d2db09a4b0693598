import { z } from 'zod';
import { failuresOf } from '../platform/failure.ts';
import type { ProvedIdentity } from './proved-identity.ts';
import { providerRefusals } from './providers-contract.ts';
import type { SamlProof } from './saml-dialogue.ts';

const refuse = failuresOf(providerRefusals);

/** What the assertion has to say besides who it is. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  /** Of the request that this browser was sent with. */
  readonly requestId: string;
  readonly at: Date;
  readonly skewMs: number;
}

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const EMAIL_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const TRANSIENT_FORMAT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

const instant = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((ms) => !Number.isNaN(ms), 'is no instant');

/** Elements as the library hands them over: attributes under `$`, text under `_`, children as lists. */
const text = z.object({ _: z.string() });
const exactly = <Element extends z.ZodType>(element: Element) => z.tuple([element]);

const assertionSchema = z.object({
  Assertion: z.object({
    $: z.object({ ID: z.string().min(1).max(300), Version: z.literal('2.0') }),
    Issuer: exactly(text),
    Subject: exactly(
      z.object({
        NameID: exactly(
          z.object({ _: z.string().min(1).max(500), $: z.object({ Format: z.string() }).partial().optional() }),
        ),
        SubjectConfirmation: z
          .array(
            z.object({
              $: z.object({ Method: z.string() }),
              SubjectConfirmationData: z
                .array(
                  z.object({
                    $: z
                      .object({
                        Recipient: z.string(),
                        InResponseTo: z.string(),
                        NotOnOrAfter: instant,
                        NotBefore: instant,
                      })
                      .partial(),
                  }),
                )
                .default([]),
            }),
          )
          .min(1),
      }),
    ),
    Conditions: exactly(
      z.object({
        $: z.object({ NotBefore: instant, NotOnOrAfter: instant }).partial().default({}),
        AudienceRestriction: z.array(z.object({ Audience: z.array(text).min(1) })).min(1),
      }),
    ),
    AuthnStatement: z
      .array(z.object({ $: z.object({ AuthnInstant: instant, SessionNotOnOrAfter: instant.optional() }) }))
      .min(1),
    AttributeStatement: z
      .array(
        z.union([
          z.string(),
          z.object({
            Attribute: z
              .array(
                z.object({
                  $: z.object({ Name: z.string() }),
                  AttributeValue: z.array(z.union([z.string(), z.object({ _: z.string().optional() })])).default([]),
                }),
              )
              .default([]),
          }),
        ]),
      )
      .default([]),
  }),
});
type Assertion = z.infer<typeof assertionSchema>['Assertion'];

/**
 * Judges an assertion whose signature was verified: who issued it, for whom, in answer to which request, when.
 * @param verified as the library parsed it from the signed octets
 * @throws Failure `answer-not-trusted`, `subject-missing`
 */
export function judgeAssertion(verified: unknown, expected: Expected): SamlProof {
  const parsed = assertionSchema.safeParse(verified);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.filter(
      (part) => typeof part === 'string' && part !== '_' && part !== '$',
    );
    throw untrusted(`The assertion is not as it should be at ${where?.join('/') ?? 'its root'}.`);
  }
  const assertion = parsed.data.Assertion;
  if (assertion.Issuer[0]._ !== expected.issuer)
    throw untrusted(`The assertion was issued by ${assertion.Issuer[0]._}, not by ${expected.issuer}.`);
  judgeConditions(assertion, expected);
  const expiresAt = judgeConfirmation(assertion, expected);
  const ended = assertion.AuthnStatement.some(
    ({ $ }) => $.SessionNotOnOrAfter !== undefined && isPast($.SessionNotOnOrAfter, expected),
  );
  if (ended) throw untrusted('The session at the identity provider is over.');
  return { identity: identityOf(assertion), assertionId: assertion.$.ID, expiresAt };
}

function judgeConditions(assertion: Assertion, expected: Expected): void {
  const [conditions] = assertion.Conditions;
  const { NotBefore: from, NotOnOrAfter: until } = conditions.$;
  if (from !== undefined && isFuture(from, expected))
    throw untrusted('The assertion is not valid yet: compare the clocks.');
  if (until !== undefined && isPast(until, expected)) throw untrusted('The assertion has expired: compare the clocks.');
  // Every restriction has to name us (SAML V2.0 Core, 2.5.1.4).
  for (const { Audience: audiences } of conditions.AudienceRestriction)
    if (!audiences.some(({ _: audience }) => audience === expected.audience))
      throw untrusted(`The assertion is for ${audiences[0]?._ ?? 'nobody'}, not for ${expected.audience}.`);
}

/** @returns from when on it is void */
function judgeConfirmation(assertion: Assertion, expected: Expected): Date {
  const [subject] = assertion.Subject;
  const bearers = subject.SubjectConfirmation.filter(({ $ }) => $.Method === BEARER).flatMap(
    ({ SubjectConfirmationData: data }) => data.map(({ $ }) => $),
  );
  const ours = bearers.filter((data) => data.InResponseTo === expected.requestId);
  if (ours.length === 0) throw untrusted('The assertion does not answer the request of this browser.');
  const addressed = ours.filter((data) => data.Recipient === expected.recipient);
  if (addressed.length === 0) throw untrusted('The assertion is for another recipient.');
  for (const data of addressed) {
    const until = data.NotOnOrAfter;
    if (until === undefined || isPast(until, expected)) continue;
    if (data.NotBefore !== undefined && isFuture(data.NotBefore, expected)) continue;
    return new Date(until + expected.skewMs);
  }
  throw untrusted('The assertion has expired: compare the clocks.');
}

function isPast(ms: number, { at, skewMs }: Expected): boolean {
  return at.getTime() - skewMs >= ms;
}

function isFuture(ms: number, { at, skewMs }: Expected): boolean {
  return at.getTime() + skewMs < ms;
}

const emailAttributes = [
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
  'email',
  'mail',
  'Email',
  'emailAddress',
];
const nameAttributes = [
  'http://schemas.microsoft.com/identity/claims/displayname',
  'urn:oid:2.16.840.1.113730.3.1.241',
  'displayName',
  'cn',
  'name',
];
const givenNameAttributes = [
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname',
  'givenName',
  'firstName',
];
const familyNameAttributes = ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname', 'sn', 'lastName'];

function identityOf(assertion: Assertion): ProvedIdentity {
  const [{ _: subject, $: attributes }] = assertion.Subject[0].NameID;
  if (attributes?.Format === TRANSIENT_FORMAT)
    throw refuse('subject-missing', 'The NameID is transient. Choose a persistent one, or the e-mail address.');
  const first = (names: readonly string[]) =>
    names.map((name) => soleValue(assertion, name)).find((value) => value !== null);
  const parts = [first(givenNameAttributes), first(familyNameAttributes)].filter((part) => part !== undefined);
  const name = first(nameAttributes) ?? parts.join(' ');
  const email = attributes?.Format === EMAIL_FORMAT ? subject : (first(emailAttributes) ?? null);
  return {
    subject,
    email,
    // The organisation's own directory says so, and for no domain but those the organisation has proved.
    isEmailVerified: email !== null,
    name: name === '' ? null : name.slice(0, 200),
  };
}

/** The value of an attribute that stands there once with one value. */
function soleValue(assertion: Assertion, name: string): string | null {
  const values = assertion.AttributeStatement.flatMap((statement) =>
    typeof statement === 'string' ? [] : statement.Attribute,
  )
    .filter(({ $ }) => $.Name === name)
    .flatMap(({ AttributeValue }) => AttributeValue)
    .map((value) => (typeof value === 'string' ? value : (value._ ?? '')).trim());
  return values.length === 1 && values[0] !== '' ? (values[0] ?? null) : null;
}

function untrusted(detail: string) {
  return refuse('answer-not-trusted', detail);
}
