import type { Access } from '../access/open-access.ts';
import { findBlocking, type OwnRecord } from '../access/own-records.ts';
import { findPolicyInForce } from '../policy/find-policy.ts';
import { addPeriod, parsePeriod } from '../policy/period.ts';
import { collectOwnData, type Oneself } from './export-own-data.ts';

/** Kinds of records that go with the account; the rest stays for its time. */
const going = ['account', 'memberships', 'authenticators', 'passkeys', 'identities', 'sessions', 'links'];

/** What stays, under which category of Kept's own policy, and what it is counted from. */
const staying = {
  trail: { category: 'audit-detail', clock: 'at', why: 'who-did-what' },
  messages: { category: 'message', clock: 'queued_at', why: 'what-was-said' },
  invitations: { category: 'invitation', clock: 'expires_at', why: 'who-was-invited' },
} as const;

export interface DeletionPreview {
  readonly goes: { readonly what: string; readonly records: number }[];
  readonly stays: { readonly what: string; readonly why: string; readonly untilAt: string | null }[];
  readonly blockedBy: string[];
}

/** What deleting an account takes, what stays, why and until when, as Kept's own policy has it. */
export async function previewDeletion(access: Access, oneself: Oneself): Promise<DeletionPreview> {
  const data = await collectOwnData(access, oneself);
  const goes = going.map((what) => ({ what, records: data[what]?.length ?? 0 })).filter(({ records }) => records > 0);
  const stays: DeletionPreview['stays'] = [];
  for (const [what, { category, clock, why }] of Object.entries(staying)) {
    const last = newest(data[what] ?? [], clock);
    if (last !== null) stays.push({ what, why, untilAt: await endOf(access, category, last) });
  }
  // The record cannot forget; the id in it stands for nobody once the account is gone.
  stays.push({ what: 'record', why: 'proof', untilAt: null });
  return { goes, stays, blockedBy: await findBlocking(access, oneself.id) };
}

function newest(rows: readonly OwnRecord[], clock: string): Date | null {
  const instants = rows.flatMap((row) => (typeof row[clock] === 'string' ? [Date.parse(row[clock])] : []));
  return instants.length === 0 ? null : new Date(Math.max(...instants));
}

/** When the last of them goes; null while nothing promises it. */
async function endOf(access: Access, category: string, last: Date): Promise<string | null> {
  const policy = await access.platform.db.transaction(access.ownOrganisationId, findPolicyInForce);
  for (const { rule } of policy?.promises ?? []) {
    if (rule.verb !== 'keep' || rule.form !== 'for' || !rule.data.includes(category)) continue;
    return addPeriod(last, parsePeriod(rule.for), policy?.timeZone ?? 'UTC', 'last-day').toISOString();
  }
  return null;
}
