import { z } from 'zod';
import { bodyOf, codeOf, countOf, exampleId, idOf, oneOf, otherExampleId } from './body-contract.ts';

const person = idOf('Person', 'The person');
const role = oneOf(['owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor'], 'Their role');
const method = oneOf(
  ['password', 'totp', 'recovery-code', 'passkey', 'provider', 'link'],
  'How they were to be recognised',
);
const session = idOf('Session', 'The session');
const keyKind = oneOf(['api', 'site', 'ingest'], 'What the key is for');

const aboutPerson = bodyOf({ person }, { person: exampleId });

/** Bodies of the entries about who has access. */
export const accessBodies = {
  'access.owner-linked': aboutPerson,
  'access.signed-in': bodyOf(
    { person, session, methods: z.array(method).describe('What they showed, in this order') },
    { person: exampleId, session: otherExampleId, methods: ['password', 'totp'] },
  ),
  'access.signed-out': bodyOf({ session }, { session: exampleId }),
  'access.sign-in-refused': bodyOf(
    { reason: codeOf('Code of the problem they were answered with'), method },
    { reason: 'sign-in-refused', method: 'password' },
  ),
  'access.sessions-ended': bodyOf(
    {
      person,
      sessions: countOf('Sessions that ended'),
      reason: oneOf(['by-person', 'password-changed', 'factors-reset', 'provider-changed'], 'Why they ended'),
    },
    { person: exampleId, sessions: 2, reason: 'password-changed' },
  ),
  'access.link-made': aboutPerson,
  'access.set-up': aboutPerson,
  'access.owner-made': aboutPerson,
  'access.joined': bodyOf(
    { person, role, how: oneOf(['invitation', 'provider'], 'By invitation, or admitted by an identity provider') },
    { person: exampleId, role: 'engineer', how: 'invitation' },
  ),
  'access.role-changed': bodyOf(
    { person, role, before: role.describe('Their role until then') },
    { person: exampleId, role: 'admin', before: 'engineer' },
  ),
  'access.member-removed': bodyOf({ person, role }, { person: exampleId, role: 'agent' }),
  'access.invited': bodyOf(
    { invitation: idOf('Invitation', 'The invitation'), role },
    { invitation: exampleId, role: 'auditor' },
  ),
  'access.invitation-revoked': bodyOf({ invitation: idOf('Invitation', 'The invitation') }, { invitation: exampleId }),
  'access.key-created': bodyOf(
    { key: idOf('Key', 'The key'), kind: keyKind, scopes: z.array(codeOf('A permission')).describe('What it may do') },
    { key: exampleId, kind: 'api', scopes: ['policy:read', 'ledger:read'] },
  ),
  'access.key-revoked': bodyOf({ key: idOf('Key', 'The key'), kind: keyKind }, { key: exampleId, kind: 'site' }),
  'access.settings-changed': bodyOf(
    { fields: z.array(codeOf('Name of a rule')).describe('The rules that were changed') },
    { fields: ['sessionHours', 'networks'] },
  ),
  'access.provider-changed': bodyOf(
    {
      provider: idOf('Provider', 'The identity provider'),
      kind: oneOf(['oidc', 'google', 'saml'], 'What it speaks'),
      act: oneOf(['created', 'changed', 'removed'], 'What was done'),
    },
    { provider: exampleId, kind: 'saml', act: 'created' },
  ),
  'access.domain-changed': bodyOf(
    { act: oneOf(['claimed', 'proved', 'given-up'], 'What was done') },
    { act: 'proved' },
  ),
  'access.factor-changed': bodyOf(
    {
      person,
      factor: oneOf(['totp', 'passkey', 'recovery-code', 'all'], 'Which factor'),
      act: oneOf(['enrolled', 'renewed', 'removed', 'reset'], 'What was done'),
    },
    { person: exampleId, factor: 'totp', act: 'enrolled' },
  ),
  'access.password-changed': bodyOf(
    { person, how: oneOf(['set', 'changed', 'reset'], 'For the first time, knowing the old one, or by a link') },
    { person: exampleId, how: 'reset' },
  ),
  'access.email-changed': bodyOf(
    { person, act: oneOf(['verified', 'changed'], 'What was done') },
    { person: exampleId, act: 'verified' },
  ),
  'access.refused': bodyOf(
    {
      permission: codeOf('What they asked for; null where it did not come to that').nullable(),
      reason: codeOf('Code of the problem they were answered with'),
    },
    { permission: 'retention:approve', reason: 'not-permitted' },
  ),
  'access.viewed': bodyOf({ what: codeOf('Which personal data') }, { what: 'members' }),
  'access.exported': bodyOf(
    {
      what: codeOf('Which data'),
      format: oneOf(['json', 'csv'], 'Format of the file'),
      entries: countOf('Records in it'),
    },
    { what: 'audit', format: 'csv', entries: 1204 },
  ),
  'access.account-changed': bodyOf(
    { person, fields: z.array(z.enum(['name', 'language'])).describe('What they changed') },
    { person: exampleId, fields: ['language'] },
  ),
  'access.account-deleted': bodyOf(
    {
      person,
      organisations: z
        .array(
          z.strictObject({
            organisation: idOf('Organisation', 'An organisation they belonged to'),
            role,
            wasBreakGlass: z.boolean().describe('Whether they were the owner for emergencies'),
          }),
        )
        .describe('Where they were a member'),
    },
    {
      person: exampleId,
      organisations: [{ organisation: otherExampleId, role: 'agent', wasBreakGlass: false }],
    },
  ),
  'access.sealing-keys-rotated': bodyOf(
    {
      dataKeys: countOf('Data keys that were wrapped anew'),
      kept: oneOf(
        ['file', 'environment', 'aws-kms', 'gcp-kms', 'vault-transit'],
        'Where the key is that they are wrapped with',
      ),
    },
    { dataKeys: 3, kept: 'aws-kms' },
  ),
} as const;
