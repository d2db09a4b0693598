import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import { type Failure, failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { canonicalJson, versionHash } from '../policy/canonical.ts';
import { hasErrors } from '../policy/check-policy.ts';
import type { Finding } from '../policy/contract.ts';
import { findPolicyInForce } from '../policy/find-policy.ts';
import { inOrder } from '../policy/finding-text.ts';
import { checkDataMap } from './check-data-map.ts';
import { checkStores } from './check-stores.ts';
import { dataMapProblems } from './contract.ts';
import { insertPublication, type MapPublication, selectHead } from './store.ts';

const fail = failuresOf(dataMapProblems);

export interface PublishedDataMap {
  readonly version: MapPublication;
  readonly findings: Finding[];
  /** False where the version in force says the same already. */
  readonly changed: boolean;
}

/**
 * Brings a data map into force after checking it against the policy in force and against the stores themselves.
 * @param request.parent hash of the version it was made from, null for the first
 * @throws Failure `data-map-unreadable`, `data-map-has-errors`, `data-map-changed`
 */
export async function publishDataMap(
  platform: Platform,
  organisationId: OrganisationId,
  request: { readonly source: string; readonly parent: string | null; readonly actor: Actor },
): Promise<PublishedDataMap> {
  const { source, parent, actor } = request;
  const { db } = platform;
  const policy = await db.transaction(organisationId, findPolicyInForce);
  const { map, written, findings: offline, places } = checkDataMap(source, policy?.document ?? null);
  if (map === undefined || written === undefined) throw refusal('data-map-unreadable', offline);
  if (hasErrors(offline)) throw refusal('data-map-has-errors', offline);
  const findings = inOrder([...offline, ...(await checkStores(platform, organisationId, map, places))]);
  if (hasErrors(findings)) throw refusal('data-map-has-errors', findings);

  const hash = await versionHash(written);
  return await db.transaction(organisationId, async (tx) => {
    const head = await selectHead(tx);
    if (head?.hash === hash) return { version: head, findings, changed: false };
    if ((head?.hash ?? null) !== parent) throw changedMeanwhile(head?.number);
    const number = (head?.number ?? 0) + 1;
    const body = { version: hash, parent, number, datasets: Object.keys(map.datasets).length };
    const entry = await recordEntry(tx, { kind: 'datamap.published', actor, body });
    const version = { hash, number, parent, publishedAt: tx.at, entry };
    const inserted = await insertPublication(tx, { ...version, source, canonical: canonicalJson(written) });
    if (!inserted) throw changedMeanwhile(number);
    return { version, findings, changed: true };
  });
}

function changedMeanwhile(number: number | undefined): Failure {
  const now = number === undefined ? 'nothing is published yet' : `version ${number} is in force now`;
  return fail('data-map-changed', `The data map was made from another version than the one in force: ${now}.`);
}

function refusal(code: 'data-map-unreadable' | 'data-map-has-errors', findings: readonly Finding[]): Failure {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const said = ({ line, column, message, remedy }: Finding) =>
    `${line === null ? '' : `Line ${line}, column ${column}: `}${message.en} ${remedy.en}`;
  const [first] = errors;
  return fail(code, first === undefined ? 'The data map cannot be read.' : said(first), {
    issues: errors.map((finding) => ({ path: finding.path, message: said(finding) })),
  });
}
