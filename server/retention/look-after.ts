import { StatementRefused, SystemUnreachable } from '../connectors/connector.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { findBasis } from './basis.ts';
import { beginContractEnds } from './begin-contract-ends.ts';
import { lastDailyRun } from './daily.ts';
import { giveWay, isGeneral } from './direct-run.ts';
import { type Gate, readGate, recordLook } from './gate-store.ts';
import { observeOrganisation } from './observe-accounts.ts';
import { planNewRules } from './plan-disposal.ts';
import { enqueueRun, queueRun, system } from './queue-run.ts';
import { reopenReturnedErasures } from './reopen-erasures.ts';
import { findNewestScheduled, listUnfinishedRuns, type RunRecord } from './run-store.ts';

const hourMs = 3_600_000;
/** Longer without anybody looking after disposal is no weekend: a person says whether the clock is right. */
const longGapMs = 72 * hourMs;
/** Clocks are set by small steps all the time. */
const slackMs = 300_000;

/**
 * What has to be seen to every minute: runs that nobody drives, accounts and contract ends every hour, the run of the
 * day. Safe to call at any time.
 */
export async function lookAfter(platform: Platform, organisationId: OrganisationId): Promise<void> {
  const { db, clock } = platform;
  const gate = await db.transaction(organisationId, readGate);
  if (gate.stopped !== null) return;
  await db.transaction(organisationId, (tx) => resumeRuns(platform, tx));
  const basis = await db.transaction(organisationId, findBasis);
  if (basis === undefined) return;
  const jump = jumpOf(gate, clock.now());
  if (jump === 'back') {
    platform.log.warn(
      { organisation: organisationId },
      'the clock is behind the last look after disposal; nothing is begun',
    );
    return;
  }
  const sinceObserved = clock.now().getTime() - (gate.accountsObservedAt?.getTime() ?? 0);
  if (sinceObserved >= hourMs) {
    await observeOrganisation(platform, organisationId);
    if (jump === null) {
      await beginContractEnds(platform, organisationId);
      await lookForReturned(platform, organisationId);
    }
  }
  const timeZone = basis.calendar.timeZone;
  const made = await db.transaction(organisationId, (tx) => makeDailyRun(platform, tx, timeZone, jump !== null));
  // Rules that nobody has approved are planned, so that somebody can.
  if (made && basis.missing.length === 0) await planNewRules(platform, organisationId, system);
  if (jump === null) await db.transaction(organisationId, (tx) => recordLook(tx, tx.at));
}

/** A store that cannot be reached now is asked again in an hour; its promise says meanwhile that it is unproven. */
async function lookForReturned(platform: Platform, organisationId: OrganisationId): Promise<void> {
  try {
    await reopenReturnedErasures(platform, organisationId);
  } catch (error) {
    if (!(error instanceof SystemUnreachable || error instanceof StatementRefused)) throw error;
    platform.log.warn(
      { organisation: organisationId, err: error },
      'what came back after an erasure was not looked for',
    );
  }
}

/** Whether the clock has moved in a way that rows must not be disposed of for. */
export function jumpOf(gate: Pick<Gate, 'lookedAfterAt'>, now: Date): 'ahead' | 'back' | null {
  if (gate.lookedAfterAt === null) return null;
  const gapMs = now.getTime() - gate.lookedAfterAt.getTime();
  if (gapMs < -slackMs) return 'back';
  return gapMs > longGapMs ? 'ahead' : null;
}

/** Runs whose process died, and those whose time to try again has come. */
async function resumeRuns(platform: Platform, tx: Tx): Promise<void> {
  for (const run of await listUnfinishedRuns(tx)) if (isDue(run, tx.at)) await enqueueRun(platform, tx, run.id);
}

function isDue(run: RunRecord, at: Date): boolean {
  if (run.pauseAsked) return false;
  if (run.state === 'queued' || run.state === 'running' || run.state === 'stopped') return true;
  return run.retryAt !== null && run.retryAt <= at;
}

/** @returns whether one was made */
async function makeDailyRun(platform: Platform, tx: Tx, timeZone: string, isCautious: boolean): Promise<boolean> {
  const newest = await findNewestScheduled(tx);
  if (newest !== undefined && newest >= lastDailyRun(tx.at, timeZone)) return false;
  const general = (await listUnfinishedRuns(tx)).filter(isGeneral);
  if (general.some((run) => run.state !== 'waiting')) return false;
  for (const run of general) await giveWay(tx, run);
  await queueRun(platform, tx, { cause: 'schedule', by: system, isCautious });
  return true;
}
