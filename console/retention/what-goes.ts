import type { PlanStep, RunStep } from '../../server/retention/contract.ts';
import type { Format } from '../language/format.tsx';
import type { RetentionWords } from './words-en.ts';

type Fate = RunStep['fate'];

/** '12,408 rows', '803 files', or '13,211 rows and files' where steps of both kinds go. */
export function amountOf(rows: number, fates: readonly Fate[], words: RetentionWords, format: Format): string {
  const count = format.number(rows);
  const files = fates.filter((fate) => fate === 'expire').length;
  if (files > 0 && files < fates.length) return words.rowsAndFiles(count);
  return words.count(count, rows, files > 0 ? 'expire' : 'delete');
}

/** The act of a button with its number: 'Delete 12,408 rows'. */
export function actOf(
  rows: number,
  steps: readonly Pick<PlanStep, 'fate' | 'rows'>[],
  words: RetentionWords,
  format: Format,
) {
  const fates = steps.filter((step) => step.rows > 0).map(({ fate }) => fate);
  const amount = amountOf(rows, fates, words, format);
  const [first] = fates;
  const one = first !== undefined && fates.every((fate) => fate === first);
  return words.act[one ? first : 'mixed'](amount);
}
