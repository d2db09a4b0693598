import { isDeepStrictEqual } from 'node:util';
import { recordEntries, recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { makeOwnCertificate } from './own-certificate.ts';
import {
  checkProviderInput,
  isServersGoogle,
  namespaceOf,
  plainCertificate,
  providerSecret,
  readOwnCertificate,
} from './provider-settings.ts';
import {
  deleteIdentities,
  deleteProvider,
  deleteSessionsThrough,
  deleteSessionsThroughGoogle,
  insertProvider,
  type StoredProvider,
  selectProvider,
  updateProvider,
} from './provider-store.ts';
import type { ProviderInput } from './providers-contract.ts';
import { requireSignOnPossible } from './single-sign-on.ts';

const fail = failuresOf(accessProblems);

/** Whose provider it is, and who sets it up. */
export interface SettingUp {
  readonly organisationId: OrganisationId;
  readonly actor: Actor;
}

const OWN_CERTIFICATE_YEARS = 10;

/**
 * Sets up an identity provider. One for SAML gets a key of its own, for assertions that are encrypted.
 * @throws Failure `invalid-input`
 */
export async function createProvider(access: Access, by: SettingUp, input: ProviderInput): Promise<StoredProvider> {
  checkProviderInput(access, input);
  const { platform } = access;
  const at = platform.clock.now();
  const id = newId<'Provider'>(at);
  const { settings, secret } = await settingsOf(input, at, null);
  return platform.db.transaction(by.organisationId, async (tx) => {
    const provider = {
      ...commonOf(input),
      id,
      settings,
      sealedSecret: secret === null ? null : access.platform.seal.close(secret, providerSecret, id),
      testedAt: null,
    };
    await insertProvider(tx, provider);
    await recordChange(tx, by.actor, provider, 'created');
    return { ...provider, organisationId: by.organisationId, createdAt: tx.at };
  });
}

/**
 * Changes an identity provider; a secret that is left out stays. Where people are somebody else to it from now on, or
 * it is switched off, sessions that came through it end.
 * @throws Failure `invalid-input`, `provider-not-found` or `lock-out`
 */
export async function changeProvider(
  access: Access,
  by: SettingUp,
  id: Id<'Provider'>,
  input: ProviderInput,
): Promise<StoredProvider> {
  checkProviderInput(access, input);
  const { platform } = access;
  const known = await platform.db.transaction(by.organisationId, (tx) => getProvider(tx, id));
  const { settings, secret } = await settingsOf(input, platform.clock.now(), known);
  const changed = await platform.db.transaction(by.organisationId, async (tx) => {
    const before = await getProvider(tx, id);
    const isSame = namespaceOf(before.kind, before.settings) === namespaceOf(input.kind, settings);
    // A secret belongs to the client it was given to.
    const kept = isSame ? before.sealedSecret : null;
    const provider = {
      ...commonOf(input),
      id,
      settings,
      sealedSecret: secret === null ? kept : access.platform.seal.close(secret, providerSecret, id),
      testedAt: isDeepStrictEqual(settings, before.settings) && secret === null ? before.testedAt : null,
    };
    await updateProvider(tx, provider);
    await recordChange(tx, by.actor, provider, 'changed');
    if (!isSame) await deleteIdentities(tx, id);
    if (!isSame || !provider.enabled) await endSessionsThrough(access, tx, by.actor, before);
    await requireSignOnPossible(tx);
    return { ...provider, organisationId: by.organisationId, createdAt: before.createdAt };
  });
  access.discoveries.forget();
  return changed;
}

/**
 * Removes an identity provider; sessions that came through it end at once.
 * @throws Failure `provider-not-found` or `lock-out`
 */
export async function removeProvider(access: Access, by: SettingUp, id: Id<'Provider'>): Promise<void> {
  await access.platform.db.transaction(by.organisationId, async (tx) => {
    const provider = await getProvider(tx, id);
    await endSessionsThrough(access, tx, by.actor, provider);
    await deleteIdentities(tx, id);
    await deleteProvider(tx, id);
    await recordChange(tx, by.actor, provider, 'removed');
    await requireSignOnPossible(tx);
  });
  access.discoveries.forget();
}

/** @throws Failure `provider-not-found` */
export async function getProvider(tx: Tx, id: string): Promise<StoredProvider> {
  const provider = await selectProvider(tx, id);
  if (provider === undefined) throw fail('provider-not-found', 'The organisation has no such identity provider.');
  return provider;
}

function commonOf({ kind, name, defaultRole, admits, enabled }: ProviderInput) {
  return { kind, name, defaultRole, admits, enabled };
}

/** What is stored of the input: settings in the clear, and the secret where it is a new one. */
async function settingsOf(
  input: ProviderInput,
  at: Date,
  before: StoredProvider | null,
): Promise<{ settings: Record<string, unknown>; secret: string | null }> {
  if (input.kind !== 'saml') return { settings: input.settings, secret: input.secret ?? null };
  const settings = { ...input.settings, certificates: input.settings.certificates.map(plainCertificate) };
  // The identity provider has the certificate; it changes only with the identity provider itself.
  if (before?.kind === 'saml') {
    const known = { ...settings, ownCertificate: readOwnCertificate(before.settings) };
    if (namespaceOf('saml', known) === namespaceOf('saml', before.settings)) return { settings: known, secret: null };
  }
  const until = new Date(at);
  until.setUTCFullYear(at.getUTCFullYear() + OWN_CERTIFICATE_YEARS);
  const own = await makeOwnCertificate(at, until);
  return { settings: { ...settings, ownCertificate: own.certificate }, secret: own.privateKey };
}

async function endSessionsThrough(access: Access, tx: Tx, actor: Actor, provider: StoredProvider): Promise<void> {
  const ended = isServersGoogle(access, provider)
    ? await deleteSessionsThroughGoogle(tx)
    : await deleteSessionsThrough(tx, provider.id);
  await recordEntries(
    tx,
    [...ended].map(([person, sessions]) => ({
      kind: 'access.sessions-ended',
      actor,
      body: { person, sessions, reason: 'provider-changed' },
    })),
  );
}

async function recordChange(
  tx: Tx,
  actor: Actor,
  { id, kind }: Pick<StoredProvider, 'id' | 'kind'>,
  act: 'created' | 'changed' | 'removed',
): Promise<void> {
  await recordEntry(tx, { kind: 'access.provider-changed', actor, body: { provider: id, kind, act } });
}
