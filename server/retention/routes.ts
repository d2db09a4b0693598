import { failuresOf } from '../platform/failure.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { findBasis } from './basis.ts';
import * as contract from './contract.ts';
import { approvePlan, rejectPlan } from './decide-plan.ts';
import { pauseRun, releaseBrake, resumeRun, startRun } from './direct-run.ts';
import { cursorAfter, listHolds } from './hold-store.ts';
import { civilDate, placeHold, releaseHold } from './place-hold.ts';
import { planDisposal } from './plan-disposal.ts';
import { findPlan, listPlans } from './plan-store.ts';
import { listContractEnds } from './show-contract-end.ts';
import { getRun, listRuns } from './show-run.ts';
import { readState, restartDisposal, stopDisposal } from './stop-disposal.ts';

const fail = failuresOf(contract.retentionProblems);

export function registerRetentionRoutes(http: HttpServer, platform: Platform): void {
  registerPlans(http, platform);
  registerRuns(http, platform);
  registerHolds(http, platform);
  const { db } = platform;
  http.route(contract.readDisposalState, ({ caller }) => db.transaction(caller.organisationId, readState));
  http.route(contract.stopDisposal, ({ caller, body }) =>
    db.transaction(caller.organisationId, (tx) => stopDisposal(tx, body.reason, caller.actor)),
  );
  http.route(contract.restartDisposal, ({ caller }) =>
    db.transaction(caller.organisationId, (tx) => restartDisposal(platform, tx, caller.actor)),
  );
  http.route(contract.listContractEnds, ({ caller, query }) =>
    db.transaction(caller.organisationId, (tx) => listContractEnds(tx, query.after, query.limit)),
  );
}

function registerPlans(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.makePlan, ({ caller, body }) =>
    planDisposal(platform, caller.organisationId, {
      by: caller.actor,
      ...(body.at !== undefined && { at: new Date(body.at) }),
      ...(body.promises !== undefined && { promises: body.promises }),
    }),
  );
  http.route(contract.listPlans, async ({ caller, query }) => {
    const items = await db.transaction(caller.organisationId, (tx) => listPlans(tx, query.after, query.limit));
    return { items, next: items.length === query.limit ? (items.at(-1)?.id ?? null) : null };
  });
  http.route(contract.getPlan, async ({ caller, params }) => {
    const plan = await db.transaction(caller.organisationId, (tx) => findPlan(tx, params.plan));
    if (plan === undefined) throw fail('plan-not-found', `There is no plan ${params.plan}.`);
    return plan;
  });
  http.route(contract.approvePlan, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, (tx) => approvePlan(platform, tx, params.plan, body.rows, caller.actor)),
  );
  http.route(contract.rejectPlan, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, (tx) => rejectPlan(tx, params.plan, body.reason, caller.actor)),
  );
}

function registerRuns(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.startRun, ({ caller }) =>
    db.transaction(caller.organisationId, async (tx) => getRun(tx, await startRun(platform, tx, caller.actor))),
  );
  http.route(contract.listRuns, async ({ caller, query }) => {
    const items = await db.transaction(caller.organisationId, (tx) => listRuns(tx, query.after, query.limit));
    return { items, next: items.length === query.limit ? (items.at(-1)?.id ?? null) : null };
  });
  http.route(contract.getRun, ({ caller, params }) =>
    db.transaction(caller.organisationId, (tx) => getRun(tx, params.run)),
  );
  http.route(contract.pauseRun, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await pauseRun(tx, params.run, caller.actor);
      return getRun(tx, params.run);
    }),
  );
  http.route(contract.resumeRun, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await resumeRun(platform, tx, params.run, caller.actor);
      return getRun(tx, params.run);
    }),
  );
  http.route(contract.releaseBrake, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await releaseBrake(platform, tx, params.run, params.position, { ...body, by: caller.actor });
      return getRun(tx, params.run);
    }),
  );
}

function registerHolds(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.placeHold, ({ caller, body }) =>
    placeHold(platform, caller.organisationId, { ...body, by: caller.actor }),
  );
  http.route(contract.listHolds, ({ caller, query }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const basis = await findBasis(tx);
      const items = await listHolds(tx, {
        released: query.released === 'true',
        after: query.after,
        limit: query.limit,
        today: civilDate(tx.at, basis?.calendar.timeZone ?? 'UTC'),
      });
      const last = items.at(-1);
      return { items, next: items.length === query.limit && last !== undefined ? cursorAfter(last) : null };
    }),
  );
  http.route(contract.releaseHold, ({ caller, params, body }) =>
    releaseHold(platform, caller.organisationId, params.hold, body.reason, caller.actor),
  );
}
