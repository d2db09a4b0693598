import type { Tx } from '../platform/database.ts';
import { countByKind } from './log-store.ts';
import { countAnnounced } from './opt-out-store.ts';
import { findTemplate } from './templates.ts';

/**
 * How many announcements the mail server took over, as far as it is still known to whom, and how many of them after
 * their recipient had opted out.
 */
export async function countAnnouncements(tx: Tx): Promise<{ readonly examined: number; readonly failing: number }> {
  return countAnnounced(tx);
}

/**
 * How many messages there are whose content is still there, and how many of them are of no known kind or under another
 * purpose than their kind. `kinds`: which those are, `announcement as transactional`.
 */
export async function countPurposes(
  tx: Tx,
): Promise<{ readonly examined: number; readonly failing: number; readonly kinds: readonly string[] }> {
  let examined = 0;
  let failing = 0;
  const kinds: string[] = [];
  for (const { template, category, count } of await countByKind(tx)) {
    examined += count;
    if (findTemplate(template)?.category === category) continue;
    failing += count;
    kinds.push(`${template} as ${category}`);
  }
  return { examined, failing, kinds };
}
