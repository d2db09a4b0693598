import type { Settings } from '../../server/access/members-contract.ts';
import type { rulesWords } from './rules-words.ts';

type Consequence = keyof (typeof rulesWords)['en']['consequences'];

/** Whom a change of the rules shuts out, for the question before it is saved. */
export function consequencesOf(before: Settings, after: Settings): readonly Consequence[] {
  const found: Consequence[] = [];
  if (after.demandsSingleSignOn && !before.demandsSingleSignOn) found.push('singleSignOn');
  if (after.demandsSingleSignOn && after.breakGlass === null && (before.breakGlass !== null || found.length > 0))
    found.push('noException');
  if (after.demandsSecondFactor && !before.demandsSecondFactor) found.push('secondFactor');
  if (narrows(before.consoleAllowlist, after.consoleAllowlist)) found.push('consoleAllowlist');
  if (narrows(before.keyAllowlist, after.keyAllowlist)) found.push('keyAllowlist');
  return found;
}

/** Whether an allowlist may refuse somebody whom it let in: an empty one lets in everybody. */
function narrows(before: readonly string[], after: readonly string[]): boolean {
  if (after.length === 0) return false;
  return before.length === 0 || before.some((network) => !after.includes(network));
}

/** Whether nothing would change. */
export function sameSettings(one: Settings, other: Settings): boolean {
  const flat = (settings: Settings) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  return flat(one) === flat(other);
}
