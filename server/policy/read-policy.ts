import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { checkPolicy } from './check-policy.ts';
import { type Finding, type Measurement, type PolicyPage, type PromiseRow, policyProblems } from './contract.ts';
import { findPolicyInForce, type PolicyInForce } from './find-policy.ts';
import { asList } from './language.ts';
import { nearestNames } from './nearest.ts';
import { promisesInOrder } from './parse-policy.ts';
import { organisationOf, readPromises, versionOf } from './read-board.ts';
import { fillTexts } from './sentence.ts';
import { selectProofs } from './store.ts';
import { sameInAll } from './wording.ts';

const fail = failuresOf(policyProblems);

/** @throws Failure `no-policy` */
export async function getPolicyInForce(tx: Tx): Promise<PolicyInForce> {
  const policy = await findPolicyInForce(tx);
  if (policy === undefined)
    throw fail('no-policy', 'No policy is published yet. Publish one, or draft one with `kept init`.');
  return policy;
}

/** The version in force as the document people read. */
export async function readPolicyPage(tx: Tx): Promise<PolicyPage> {
  const policy = await getPolicyInForce(tx);
  const { document } = policy;
  const titled = (key: string, title: PolicyPage['title'] | undefined) => title ?? sameInAll(key);
  return {
    title: document.title ?? sameInAll(document.organisation.name),
    organisation: organisationOf(policy),
    version: versionOf(policy),
    languages: [...policy.languages],
    sections: sectionsOf(policy),
    data: Object.entries(document.data).map(([data, { title, of, role, holds }]) => ({
      data,
      title: titled(data, title),
      of,
      role,
      holds: [...holds],
    })),
    subjects: Object.entries(document.subjects).map(([subject, title]) => ({ subject, title })),
    purposes: Object.entries(document.purposes).map(([purpose, { title, basis, data }]) => ({
      purpose,
      title: titled(purpose, title),
      basis: Object.fromEntries(Object.entries(basis).filter(([, key]) => key !== undefined)),
      data: [...asList(data)],
    })),
  };
}

/** The sections as written; promises in none follow in a last one without a title, so that nothing is left unread. */
function sectionsOf({ document }: PolicyInForce): PolicyPage['sections'] {
  const sections = (document.sections ?? []).map((section) => ({
    section: section.key,
    title: section.title,
    text: section.text === undefined ? null : fillTexts(section.text, document, null),
    promises: [...(section.promises ?? [])],
  }));
  const placed = new Set(sections.flatMap((section) => section.promises));
  const rest = promisesInOrder(document).filter((promise) => !placed.has(promise));
  return rest.length === 0 ? sections : [...sections, { section: '', title: {}, text: null, promises: rest }];
}

export interface PromisePage {
  readonly promise: PromiseRow;
  readonly source: string;
  readonly findings: Finding[];
  readonly history: {
    items: { measurement: Measurement; entry: PromiseRow['entry'] }[];
    next: string | null;
  };
}

/**
 * One promise with its history, newest first.
 * @throws Failure `no-policy`, `promise-not-found` with the nearest names
 */
export async function readPromise(
  tx: Tx,
  promise: string,
  page: { readonly limit: number; readonly after?: string | undefined },
  at: Date,
): Promise<PromisePage> {
  const policy = await getPolicyInForce(tx);
  const [row] = Object.hasOwn(policy.document.promises, promise) ? await readPromises(tx, policy, [promise], at) : [];
  if (row === undefined) {
    const near = nearestNames(promise, Object.keys(policy.document.promises));
    const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
    throw fail('promise-not-found', `The policy has no promise ${promise}.${hint}`);
  }
  const before = page.after === undefined ? undefined : Number(page.after);
  const proofs = await selectProofs(tx, promise, page.limit + 1, before);
  const items = proofs.slice(0, page.limit);
  const path = `promises.${promise}`;
  const { findings } = checkPolicy(policy.source, at.toISOString().slice(0, 10));
  return {
    promise: row,
    source: policy.places.sourceAt(['promises', promise]) ?? '',
    findings: findings.filter((finding) => finding.path === path || finding.path.startsWith(`${path}.`)),
    history: {
      items: items.map(({ measurement, entry }) => ({ measurement, entry })),
      next: proofs.length > page.limit ? String(items.at(-1)?.number) : null,
    },
  };
}
