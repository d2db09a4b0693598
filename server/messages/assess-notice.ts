import type { Language } from '../access/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { NoticeWithTexts } from './find-notice.ts';
import { type Audience, type AudienceCount, countAudience, findAudience, missingOf } from './notice-audiences.ts';
import { languagesOf } from './notice-text.ts';
import type { NoticeObstacle } from './notices-contract.ts';
import { firstDayAfterLead, timeZoneOf } from './organisation-calendar.ts';

/** What would happen if a draft were announced now. */
export interface Assessment {
  /** Undefined where nobody knows it any more. */
  readonly audience: Audience | undefined;
  readonly count: AudienceCount;
  readonly missingLanguages: readonly Language[];
  /** First day on which the change may take effect, if everybody is told today. */
  readonly earliestOn: string;
  readonly timeZone: string;
  readonly obstacles: readonly NoticeObstacle[];
}

const nobody: AudienceCount = {
  recipients: 0,
  withAddress: 0,
  byLanguage: { 'pt-BR': 0, en: 0, es: 0 },
  languageUnknown: 0,
};

export async function assessNotice(tx: Tx, notice: NoticeWithTexts): Promise<Assessment> {
  const audience = findAudience(notice.audience, notice.audienceOnly);
  const query = { notice: notice.id, only: notice.audienceOnly, asOf: tx.at };
  const count = audience === undefined ? nobody : await countAudience(tx, audience, query);
  const missingLanguages = missingOf(count, languagesOf(notice.texts));
  const timeZone = await timeZoneOf(tx);
  const earliestOn = firstDayAfterLead(tx.at, notice.leadDays, timeZone);
  const obstacles: NoticeObstacle[] = [];
  if (notice.category === 'legal' && notice.legalBasis.length === 0) obstacles.push('legal-basis-missing');
  if (notice.effectiveOn === null) obstacles.push('effective-date-missing');
  else if (notice.effectiveOn < earliestOn) obstacles.push('effective-date-too-early');
  if (audience === undefined) obstacles.push('audience-unknown');
  else if (count.recipients === 0 && audience.name !== 'public') obstacles.push('audience-empty');
  if (missingLanguages.length > 0) obstacles.push('language-missing');
  return { audience, count, missingLanguages, earliestOn, timeZone, obstacles };
}
