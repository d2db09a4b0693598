import type { Json } from '../platform/contract.ts';
import type { Finding } from '../policy/contract.ts';
import { type DocumentPath, inOrder } from '../policy/finding-text.ts';
import type { PolicyDocument } from '../policy/language.ts';
import type { Places } from '../policy/read-yaml.ts';
import type { Wording } from '../policy/wording.ts';
import { checkAgainstPolicy } from './check-against-policy.ts';
import type { DataMap, Dataset } from './contract.ts';
import { type Report, reporter, suggestionFor } from './finding-report.ts';
import { parseDataMap } from './parse-data-map.ts';

export interface DataMapCheck {
  readonly map: DataMap | undefined;
  /** The file as plain data, exactly as written; what a version's hash is taken of. */
  readonly written: Json | undefined;
  readonly findings: Finding[];
  readonly places: Places;
}

/** Everything that can be said about a data map without looking at a store. */
export function checkDataMap(source: string, policy: PolicyDocument | null): DataMapCheck {
  const { map, written, findings, places } = parseDataMap(source);
  if (map === undefined) return { map, written, findings, places };
  const report = reporter(places);
  checkReferences(map, policy, report);
  for (const [dataset, bound] of Object.entries(map.datasets)) checkBinding(map, dataset, bound, report);
  if (policy !== null) checkAgainstPolicy(map, policy, report);
  return { map, written, findings: inOrder([...findings, ...report.findings]), places };
}

const kinds = {
  system: { 'pt-BR': 'sistema em `systems`', en: 'system in `systems`', es: 'sistema en `systems`' },
  dataset: { 'pt-BR': 'conjunto em `datasets`', en: 'dataset in `datasets`', es: 'conjunto en `datasets`' },
  category: { 'pt-BR': 'categoria na política', en: 'category in the policy', es: 'categoría en la política' },
  subject: { 'pt-BR': 'titular na política', en: 'subject in the policy', es: 'titular en la política' },
} as const satisfies Record<string, Wording>;

function checkReferences(map: DataMap, policy: PolicyDocument | null, report: Report): void {
  const systems = Object.keys(map.systems);
  const datasets = Object.keys(map.datasets);
  const check = (kind: keyof typeof kinds, name: string, known: readonly string[], path: DocumentPath) => {
    if (known.includes(name)) return;
    report('map-unknown-reference', path, { name, kind: kinds[kind], suggestion: suggestionFor(name, known) });
  };
  for (const [system, { credential }] of Object.entries(map.systems)) {
    if (/:\/\/|@|\s|[/\\]/.test(credential)) report('credential-in-file', ['systems', system, 'credential'], {});
  }
  if (map.accounts !== undefined) {
    check('system', map.accounts.system, systems, ['accounts', 'system']);
    check('dataset', map.accounts.dataset, datasets, ['accounts', 'dataset']);
  }
  for (const [dataset, bound] of Object.entries(map.datasets)) {
    const path = ['datasets', dataset];
    check('system', bound.system, systems, [...path, 'system']);
    for (const [index, attachment] of bound.attachments.entries()) {
      const here = [...path, 'attachments', index];
      check('system', attachment.system, systems, [...here, 'system']);
      if (attachment.dataset !== undefined) check('dataset', attachment.dataset, datasets, [...here, 'dataset']);
      if (map.systems[attachment.system]?.kind === 'postgres') {
        report('attachments-not-in-folder', [...here, 'system'], { system: attachment.system });
      }
    }
    if (policy === null) continue;
    for (const [index, category] of bound.covers.entries()) {
      check('category', category, Object.keys(policy.data), [...path, 'covers', index]);
    }
    for (const subject of Object.keys(bound.subjects)) {
      check('subject', subject, Object.keys(policy.subjects), [...path, 'subjects', subject]);
    }
  }
}

/** Whether a dataset says what its kind of system needs. */
function checkBinding(map: DataMap, dataset: string, bound: Dataset, report: Report): void {
  const path = ['datasets', dataset];
  const kind = map.systems[bound.system]?.kind;
  const named = { dataset };
  if (kind === 'postgres') {
    if (bound.table === undefined) report('table-missing', path, named);
    else if (bound.key.length === 0) report('key-missing', path, named);
  }
  if ((kind === 'folder' || kind === 's3') && bound.folder === undefined) report('folder-missing', path, named);
  const anonymised = Object.keys(bound.anonymise);
  if (anonymised.length > 0 && bound['anonymised-at'] === undefined) {
    report('anonymised-at-missing', [...path, 'anonymise'], named);
  }
  for (const column of anonymised) {
    if (bound.key.includes(column)) report('anonymise-key', [...path, 'anonymise', column], { column });
  }
}
