import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { findPolicyInForce } from '../policy/find-policy.ts';
import { isZero, parsePeriod } from '../policy/period.ts';
import { releaseBrake } from '../retention/direct-run.ts';
import { getRun } from '../retention/show-run.ts';
import { publisher } from './publish-own.ts';

/**
 * Lets a braked run of Kept's own take what has ended by itself: sessions, links, dialogues, counters. The brake guards
 * against a clock that jumped ahead, and such a clock has ended these already. What has a period waits for a person.
 */
export async function releaseEnded(platform: Platform, organisationId: OrganisationId, run: Id<'Run'>): Promise<void> {
  await platform.db.transaction(organisationId, async (tx) => {
    const policy = await findPolicyInForce(tx);
    const ended = new Set(
      policy?.promises.flatMap(({ promise, rule }) =>
        rule.verb === 'keep' && rule.form === 'for' && isZero(parsePeriod(rule.for)) ? [promise] : [],
      ),
    );
    for (const step of (await getRun(tx, run)).steps) {
      if (step.state !== 'braked' || !ended.has(step.promise)) continue;
      const release = { rows: step.expected, reason: 'What has ended by itself goes.', by: publisher };
      await releaseBrake(platform, tx, run, step.position, release);
    }
  });
}
