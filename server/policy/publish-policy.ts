import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { type Failure, failuresOf, type InputIssue } from '../platform/failure.ts';
import { sha256Hex } from './canonical.ts';
import { checkPolicy, hasErrors } from './check-policy.ts';
import { type Finding, policyProblems } from './contract.ts';
import { insertPublication, type Publication, selectHead } from './store.ts';

const fail = failuresOf(policyProblems);

export interface PublishOutcome {
  readonly version: Publication;
  readonly findings: Finding[];
  /** False where the version in force says the same already. */
  readonly changed: boolean;
}

/**
 * Brings a policy into force.
 * @param request.parent hash of the version it was made from, null for the first; so that two editors notice each other
 * @throws Failure `policy-unreadable`, `policy-has-errors` (with a place and a remedy per issue), `parent-is-not-current`
 */
export async function publishPolicy(
  tx: Tx,
  request: { readonly source: string; readonly parent: string | null; readonly actor: Actor },
): Promise<PublishOutcome> {
  const { source, parent, actor } = request;
  const { document, canonical, findings } = checkPolicy(source, tx.at.toISOString().slice(0, 10));
  if (document === undefined || canonical === undefined) throw refusal('policy-unreadable', findings);
  if (hasErrors(findings)) throw refusal('policy-has-errors', findings);

  const hash = await sha256Hex(canonical);
  const head = await selectHead(tx);
  if (head?.hash === hash) return { version: head, findings, changed: false };
  if ((head?.hash ?? null) !== parent) throw changedMeanwhile(head?.number);

  const number = (head?.number ?? 0) + 1;
  const body = { version: hash, parent, number, promises: Object.keys(document.promises).length };
  const entry = await recordEntry(tx, { kind: 'policy.published', actor, body });
  const version = { hash, number, parent, publishedAt: tx.at, entry };
  if (!(await insertPublication(tx, { ...version, source, canonical }))) throw changedMeanwhile(number);
  return { version, findings, changed: true };
}

function changedMeanwhile(number: number | undefined): Failure {
  const now = number === undefined ? 'nothing is published yet' : `version ${number} is in force now`;
  return fail(
    'parent-is-not-current',
    `The policy was made from another version than the one in force: ${now}. Take over its changes and publish again.`,
  );
}

function refusal(code: 'policy-unreadable' | 'policy-has-errors', findings: readonly Finding[]): Failure {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const [first] = errors;
  const detail =
    first === undefined ? 'The policy cannot be read.' : `${placeOf(first)}${first.message.en} ${first.remedy.en}`;
  return fail(code, detail, { issues: errors.map(issueOf) });
}

function issueOf(finding: Finding): InputIssue {
  return { path: finding.path, message: `${placeOf(finding)}${finding.message.en} ${finding.remedy.en}` };
}

function placeOf({ line, column }: Finding): string {
  return line === null ? '' : `Line ${line}, column ${column}: `;
}
