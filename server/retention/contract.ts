import { z } from 'zod';
import {
  actorSchema,
  civilDateSchema,
  endpoint,
  idSchema,
  instantSchema,
  pageOf,
  pageQuerySchema,
  problems,
} from '../platform/contract.ts';

export const fateSchema = z.enum(['delete', 'anonymise', 'expire']);
export const pathSchema = z.enum(['partition', 'tid-range', 'key-range', 'bulk', 'file']);

export const obstacleSchema = z.object({
  code: z.string(),
  place: z.string(),
  explanation: z.string(),
  remedy: z.string(),
  nearest: z.array(z.string()),
});

/** One dataset under one promise. `position` is the order of execution, leaf first. */
export const planStepSchema = z.object({
  position: z.number().int(),
  promise: z.string(),
  dataset: z.string(),
  system: z.string(),
  fate: fateSchema,
  path: pathSchema.nullable(),
  /** Why this path and this place in the order. */
  reason: z.string(),
  /** Everything older goes; null for steps that follow a state or an event. */
  cutoffAt: instantSchema.nullable(),
  rows: z.number().int(),
  held: z.number().int(),
  excepted: z.number().int(),
  oldestAt: instantSchema.nullable(),
  /** Share of the dataset that would go, 0–1. */
  share: z.number(),
  seconds: z.number(),
  walBytes: z.number(),
  obstacles: z.array(obstacleSchema),
  /** Whether a person has approved this rule for this dataset as it stands. */
  approved: z.boolean(),
  /** Whether the brake would hold it, and why. */
  brake: z.string().nullable(),
  /** Hash of the rule, the binding and the fate; an approval is of this. */
  ruleHash: z.string(),
});
export type PlanStep = z.infer<typeof planStepSchema>;

export const planSchema = z.object({
  id: idSchema('Plan'),
  /** `draft` answers "what would go on date D" and cannot be approved. */
  state: z.enum(['draft', 'awaiting-approval', 'approved', 'rejected', 'superseded']),
  createdAt: instantSchema,
  /** As of when. */
  at: instantSchema,
  createdBy: actorSchema,
  decidedBy: actorSchema.nullable(),
  decidedAt: instantSchema.nullable(),
  policyHash: z.string(),
  dataMapHash: z.string(),
  rows: z.number().int(),
  steps: z.array(planStepSchema),
  entry: idSchema('Entry').nullable(),
});
export type Plan = z.infer<typeof planSchema>;

export const runStepSchema = z.object({
  position: z.number().int(),
  promise: z.string(),
  dataset: z.string(),
  fate: fateSchema,
  path: pathSchema.nullable(),
  state: z.enum(['waiting', 'running', 'braked', 'blocked', 'done', 'skipped']),
  /** Why it is blocked, braked or skipped. */
  reason: z.string().nullable(),
  expected: z.number().int(),
  disposed: z.number().int(),
  /** Upper end where a store could not tell whether a batch took effect. */
  disposedAtMost: z.number().int(),
  held: z.number().int(),
  refused: z.number().int(),
  batches: z.number().int(),
  rowsPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** After VACUUM: room inside, and bytes given back to the operating system. */
  bytesReusable: z.number().nullable(),
  bytesReturned: z.number().nullable(),
  /** What the counting pass found afterwards; 0 is the proof. */
  remaining: z.number().int().nullable(),
});
export type RunStep = z.infer<typeof runStepSchema>;

export const runSchema = z.object({
  id: idSchema('Run'),
  cause: z.enum(['schedule', 'person', 'contract-end', 'event', 'hold-released']),
  state: z.enum(['queued', 'running', 'paused', 'waiting', 'stopped', 'finished', 'failed']),
  /** Why it is paused (by a person, by the store's pressure), waiting (brake) or failed. */
  reason: z.string().nullable(),
  startedAt: instantSchema,
  finishedAt: instantSchema.nullable(),
  startedBy: actorSchema,
  disposed: z.number().int(),
  expected: z.number().int(),
  steps: z.array(runStepSchema),
  entry: idSchema('Entry').nullable(),
});
export type Run = z.infer<typeof runSchema>;

export const holdTargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), account: z.string().min(1) }),
  z.strictObject({ kind: z.literal('subject'), subject: z.string().min(1), id: z.string().min(1) }),
  z.strictObject({ kind: z.literal('dataset'), dataset: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('rows'),
    dataset: z.string().min(1),
    keys: z.array(z.array(z.string()).min(1)).min(1).max(10_000),
  }),
]);
export type HoldTarget = z.infer<typeof holdTargetSchema>;

export const holdSchema = z.object({
  id: idSchema('Hold'),
  target: holdTargetSchema,
  reason: z.string(),
  reviewOn: civilDateSchema,
  /** True once the review date has passed. */
  overdue: z.boolean(),
  placedAt: instantSchema,
  placedBy: actorSchema,
  releasedAt: instantSchema.nullable(),
  releasedBy: actorSchema.nullable(),
  entry: idSchema('Entry').nullable(),
});
export type Hold = z.infer<typeof holdSchema>;

export const contractEndSchema = z.object({
  /** The organisation's own key of the account. */
  account: z.string(),
  state: z.enum(['in-grace', 'erasing', 'erased', 'confirmed', 'held', 'reactivated']),
  cancelledAt: instantSchema,
  graceUntil: instantSchema,
  erasedAt: instantSchema.nullable(),
  confirmedAt: instantSchema.nullable(),
  /** Whether the confirmation left, and if it failed why. */
  confirmation: z.enum(['not-due', 'queued', 'sent', 'failed', 'no-address']),
  disposed: z.array(z.object({ dataset: z.string(), rows: z.number().int() })),
  kept: z.array(
    z.object({ dataset: z.string(), rows: z.number().int(), promise: z.string(), until: instantSchema.nullable() }),
  ),
});
export type ContractEnd = z.infer<typeof contractEndSchema>;

export const disposalStateSchema = z.object({
  /** Set while `kept stop` is in force: nothing is disposed of. */
  stopped: z.object({ at: instantSchema, by: actorSchema, reason: z.string() }).nullable(),
  /** `batchInFlight`: a batch is about to commit and may still take effect; any other is undone by a stop. */
  running: z.array(z.object({ run: idSchema('Run'), dataset: z.string(), batchInFlight: z.boolean() })),
  nextRunAt: instantSchema.nullable(),
});

export const retentionProblems = problems({
  'plan-not-found': { status: 404, title: 'There is no such plan' },
  'plan-refused': { status: 422, title: 'The plan cannot be made' },
  'plan-not-awaiting': { status: 409, title: 'The plan is not waiting for approval' },
  'plan-rows-differ': { status: 409, title: 'The plan takes another number of rows than was approved' },
  'plan-has-obstacles': { status: 409, title: 'The plan has obstacles' },
  'run-not-found': { status: 404, title: 'There is no such run' },
  'run-in-progress': { status: 409, title: 'A run is already in progress' },
  'run-not-pausable': { status: 409, title: 'The run cannot be paused or resumed now' },
  'step-not-braked': { status: 409, title: 'The step is not waiting for a person' },
  'hold-not-found': { status: 404, title: 'There is no such hold' },
  'hold-target-unknown': { status: 422, title: 'The hold names something that is not in the data map' },
  'disposal-stopped': { status: 409, title: 'All disposal is stopped' },
  'nothing-to-plan': { status: 409, title: 'There is no policy or no data map to plan from' },
  'batch-outcome-open': {
    status: 503,
    title: 'The hold is in force, but how the last batch before it ended is not known',
  },
  'system-unreachable': { status: 502, title: 'A system did not answer' },
});

const planParams = z.object({ plan: idSchema('Plan') });
const runParams = z.object({ run: idSchema('Run') });
const holdParams = z.object({ hold: idSchema('Hold') });

export const makePlan = endpoint({
  method: 'POST',
  path: '/v1/retention/plans',
  summary: 'Plan disposal: what would go, in which order, how and why',
  permission: 'retention:write',
  /** With `at` in the future or past the plan is a draft that answers "what would go on date D". */
  body: z.object({ at: instantSchema.optional(), promises: z.array(z.string()).optional() }),
  answer: planSchema,
  status: 201,
  problems: ['plan-refused', 'nothing-to-plan', 'system-unreachable'],
});
export const listPlans = endpoint({
  method: 'GET',
  path: '/v1/retention/plans',
  summary: 'Plans, newest first',
  permission: 'retention:read',
  query: pageQuerySchema.extend({ after: idSchema('Plan').optional() }),
  answer: pageOf(planSchema),
});
export const getPlan = endpoint({
  method: 'GET',
  path: '/v1/retention/plans/:plan',
  summary: 'One plan',
  permission: 'retention:read',
  params: planParams,
  answer: planSchema,
  problems: ['plan-not-found'],
});
export const approvePlan = endpoint({
  method: 'POST',
  path: '/v1/retention/plans/:plan/approval',
  summary: 'Approve a plan; its rules may run from now on, and it runs once',
  permission: 'retention:approve',
  fresh: true,
  params: planParams,
  /** `rows` must be the number the approver saw, so that nobody approves another plan than they read. */
  body: z.object({ rows: z.number().int() }),
  answer: planSchema,
  problems: ['plan-not-found', 'plan-not-awaiting', 'plan-rows-differ', 'plan-has-obstacles'],
});
export const rejectPlan = endpoint({
  method: 'POST',
  path: '/v1/retention/plans/:plan/rejection',
  summary: 'Reject a plan with a reason',
  permission: 'retention:approve',
  params: planParams,
  body: z.object({ reason: z.string().min(1).max(2000) }),
  answer: planSchema,
  problems: ['plan-not-found', 'plan-not-awaiting'],
});

export const startRun = endpoint({
  method: 'POST',
  path: '/v1/retention/runs',
  summary: 'Run disposal of everything approved now',
  permission: 'retention:write',
  body: z.object({}),
  answer: runSchema,
  status: 202,
  problems: ['run-in-progress', 'disposal-stopped', 'nothing-to-plan'],
});
export const listRuns = endpoint({
  method: 'GET',
  path: '/v1/retention/runs',
  summary: 'Runs, newest first',
  permission: 'retention:read',
  query: pageQuerySchema.extend({ after: idSchema('Run').optional() }),
  answer: pageOf(runSchema),
});
export const getRun = endpoint({
  method: 'GET',
  path: '/v1/retention/runs/:run',
  summary: 'One run with its progress',
  permission: 'retention:read',
  params: runParams,
  answer: runSchema,
  problems: ['run-not-found'],
});
export const pauseRun = endpoint({
  method: 'POST',
  path: '/v1/retention/runs/:run/pause',
  summary: 'Pause a run after the batch in flight',
  permission: 'retention:write',
  params: runParams,
  answer: runSchema,
  problems: ['run-not-found', 'run-not-pausable'],
});
export const resumeRun = endpoint({
  method: 'POST',
  path: '/v1/retention/runs/:run/resumption',
  summary: 'Resume a paused run',
  permission: 'retention:write',
  params: runParams,
  answer: runSchema,
  problems: ['run-not-found', 'run-not-pausable', 'disposal-stopped'],
});
export const releaseBrake = endpoint({
  method: 'POST',
  path: '/v1/retention/runs/:run/steps/:position/release',
  summary: 'Let a braked step go on',
  permission: 'retention:approve',
  fresh: true,
  params: z.object({ run: idSchema('Run'), position: z.coerce.number().int() }),
  body: z.object({ rows: z.number().int(), reason: z.string().min(1).max(2000) }),
  answer: runSchema,
  problems: ['run-not-found', 'step-not-braked'],
});

export const readDisposalState = endpoint({
  method: 'GET',
  path: '/v1/retention/state',
  summary: 'Whether disposal is stopped, and what is under way',
  permission: 'retention:read',
  answer: disposalStateSchema,
});
export const stopDisposal = endpoint({
  method: 'POST',
  path: '/v1/retention/stop',
  summary: 'Halt all disposal at once; answers with what is under way',
  permission: 'retention:write',
  body: z.object({ reason: z.string().min(1).max(2000) }),
  answer: disposalStateSchema,
});
export const restartDisposal = endpoint({
  method: 'POST',
  path: '/v1/retention/restart',
  summary: 'Allow disposal again after a stop',
  permission: 'retention:approve',
  body: z.object({}),
  answer: disposalStateSchema,
});

export const placeHold = endpoint({
  method: 'POST',
  path: '/v1/retention/holds',
  summary: 'Place a hold; the answer comes when no batch can touch what it holds any more',
  permission: 'retention:write',
  body: z.object({ target: holdTargetSchema, reason: z.string().min(1).max(2000), reviewOn: civilDateSchema }),
  answer: holdSchema,
  status: 201,
  problems: ['hold-target-unknown', 'batch-outcome-open'],
});
export const listHolds = endpoint({
  method: 'GET',
  path: '/v1/retention/holds',
  summary: 'Holds, those in force first',
  permission: 'retention:read',
  query: pageQuerySchema.extend({
    after: z
      .string()
      .regex(/^(held|released)\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be the `next` of the page before')
      .optional(),
    released: z.enum(['true', 'false']).default('false'),
  }),
  answer: pageOf(holdSchema),
});
export const releaseHold = endpoint({
  method: 'POST',
  path: '/v1/retention/holds/:hold/release',
  summary: 'Release a hold; what is overdue goes with the next run',
  permission: 'retention:approve',
  fresh: true,
  params: holdParams,
  body: z.object({ reason: z.string().min(1).max(2000) }),
  answer: holdSchema,
  problems: ['hold-not-found'],
});

export const listContractEnds = endpoint({
  method: 'GET',
  path: '/v1/retention/contract-ends',
  summary: 'Accounts whose contract ended or is in its grace period',
  permission: 'retention:read',
  query: pageQuerySchema.extend({ after: idSchema('ContractEnd').optional() }),
  answer: pageOf(contractEndSchema),
});
