import { randomBytes } from 'node:crypto';
import { recordEntry } from '../ledger/record-entry.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import {
  deleteDomain,
  type StoredDomain,
  selectDomain,
  selectDomains,
  selectProvedDomain,
  updateDomainProved,
  upsertDomain,
} from './domain-store.ts';
import type { Access } from './open-access.ts';
import type { Domain } from './providers-contract.ts';
import { getProvider, type SettingUp } from './set-up-provider.ts';
import { requireSignOnPossible } from './single-sign-on.ts';

const fail = failuresOf(accessProblems);

/** The record stands at a name of its own, so that it gets in nobody's way. */
const RECORD_PREFIX = '_kept-challenge';
const VALUE_PREFIX = 'kept-domain-verification=';

/** The domains of an organisation, in alphabetical order, at most 500. */
export function listDomains({ platform }: Access, by: Pick<SettingUp, 'organisationId'>): Promise<StoredDomain[]> {
  return platform.db.transaction(by.organisationId, selectDomains);
}

/**
 * Claims a domain. It means nothing until it is proved; claiming it again names another provider for it.
 * @throws Failure `domain-taken` or `provider-not-found`
 */
export async function claimDomain(
  access: Access,
  by: SettingUp,
  claim: { readonly domain: string; readonly provider: string | null },
): Promise<StoredDomain> {
  const { platform } = access;
  const proved = await platform.db.globalTransaction((tx) => selectProvedDomain(tx, claim.domain));
  if (proved !== undefined && proved.organisationId !== by.organisationId) throw taken(claim.domain);
  return platform.db.transaction(by.organisationId, async (tx) => {
    if (claim.provider !== null) await getProvider(tx, claim.provider);
    const challenge = randomBytes(24).toString('base64url');
    const domain = await upsertDomain(tx, { domain: claim.domain, challenge, providerId: claim.provider });
    await recordEntry(tx, { kind: 'access.domain-changed', actor: by.actor, body: { act: 'claimed' } });
    await requireSignOnPossible(tx);
    return domain;
  });
}

/**
 * Looks for the record of a claimed domain, and takes the domain as proved where it stands.
 * @throws Failure `domain-not-found`, `domain-not-proved`, `domain-taken`, or `outbound-failed` when no name server answers
 */
export async function proveDomain(access: Access, by: SettingUp, name: string): Promise<StoredDomain> {
  const { platform } = access;
  const claimed = await platform.db.transaction(by.organisationId, (tx) => selectDomain(tx, name));
  if (claimed === undefined) throw fail('domain-not-found', `The organisation has not claimed ${name}.`);
  const { record } = shownDomain(claimed);
  const found = await platform.outbound.resolveTxt(record.name);
  if (!found.includes(record.value))
    throw fail(
      'domain-not-proved',
      found.length === 0
        ? `There is no TXT record at ${record.name} yet. New records take minutes, sometimes hours, to be seen.`
        : `The TXT record at ${record.name} holds something else.`,
    );
  const outcome = await platform.db.globalTransaction((tx) => updateDomainProved(tx, by.organisationId, name));
  if (outcome === 'taken') throw taken(name);
  if (outcome === 'not-found') throw fail('domain-not-found', `The organisation has given ${name} up.`);
  return platform.db.transaction(by.organisationId, async (tx) => {
    const domain = await selectDomain(tx, name);
    if (domain === undefined) throw fail('domain-not-found', `The organisation has given ${name} up.`);
    await recordEntry(tx, { kind: 'access.domain-changed', actor: by.actor, body: { act: 'proved' } });
    return domain;
  });
}

/** @throws Failure `domain-not-found` or `lock-out` */
export async function giveUpDomain({ platform }: Access, by: SettingUp, name: string): Promise<void> {
  await platform.db.transaction(by.organisationId, async (tx) => {
    if (!(await deleteDomain(tx, name))) throw fail('domain-not-found', `The organisation has not claimed ${name}.`);
    await recordEntry(tx, { kind: 'access.domain-changed', actor: by.actor, body: { act: 'given-up' } });
    await requireSignOnPossible(tx);
  });
}

/** A domain with the record that proves it. */
export function shownDomain(domain: StoredDomain): Domain {
  return {
    domain: domain.domain,
    provider: domain.providerId,
    record: { name: `${RECORD_PREFIX}.${domain.domain}`, value: `${VALUE_PREFIX}${domain.challenge}` },
    createdAt: domain.createdAt.toISOString(),
    verifiedAt: domain.verifiedAt?.toISOString() ?? null,
  };
}

function taken(name: string) {
  return fail('domain-taken', `Another organisation has proved that ${name} is its own.`);
}
