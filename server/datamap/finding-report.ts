import type { Finding } from '../policy/contract.ts';
import { type DocumentPath, type Figures, findingOf } from '../policy/finding-text.ts';
import { nearestNames } from '../policy/nearest.ts';
import type { Places } from '../policy/read-yaml.ts';
import type { Wording } from '../policy/wording.ts';
import { dataMapFindings } from './data-map-findings.ts';

/** Collects findings of one file. */
export interface Report {
  (code: keyof typeof dataMapFindings, path: DocumentPath, figures: Figures): void;
  readonly findings: Finding[];
}

export function reporter(places: Places): Report {
  const findings: Finding[] = [];
  const report = (code: keyof typeof dataMapFindings, path: DocumentPath, figures: Figures) => {
    findings.push(findingOf(code, dataMapFindings[code], path, places.valueAt(path), figures));
  };
  return Object.assign(report, { findings });
}

/** “Did you mean …?”, or what there is. */
export function suggestionFor(name: string, known: readonly string[]): Wording {
  const near = nearestNames(name, known);
  if (near.length > 0) {
    const names = near.join(', ');
    return { 'pt-BR': `Você quis dizer ${names}?`, en: `Did you mean ${names}?`, es: `¿Quiso decir ${names}?` };
  }
  if (known.length === 0) {
    return { 'pt-BR': 'Declare-o antes.', en: 'Declare it first.', es: 'Declárelo antes.' };
  }
  const names = known.slice(0, 12).join(', ');
  return { 'pt-BR': `Existem: ${names}.`, en: `There are: ${names}.`, es: `Existen: ${names}.` };
}
