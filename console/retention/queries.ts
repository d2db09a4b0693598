import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  getPlan,
  getRun,
  listContractEnds,
  listHolds,
  listPlans,
  listRuns,
  type Run,
  readDisposalState,
} from '../../server/retention/contract.ts';
import { call } from '../api.ts';

const pageSize = 25;
const pageAfter = (after: string | undefined) => ({ limit: pageSize, ...(after === undefined ? {} : { after }) });

/** A run in one of these states changes without anybody doing anything. */
const movingStates: ReadonlySet<Run['state']> = new Set(['queued', 'running', 'paused', 'waiting']);

export function isMoving(run: Run): boolean {
  return movingStates.has(run.state);
}

/** Looked at every second while something is under way. */
const secondMs = 1000;
const calmMs = 15_000;

export const disposalStateQuery = queryOptions({
  queryKey: ['retention', 'state'],
  queryFn: ({ signal }) => call(readDisposalState, { signal }),
  refetchInterval: (query) => ((query.state.data?.running.length ?? 0) > 0 ? 2 * secondMs : calmMs),
});

export const runsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['retention', 'runs', after ?? ''],
    queryFn: ({ signal }) => call(listRuns, { query: pageAfter(after), signal }),
    refetchInterval: (query) => (query.state.data?.items.some(isMoving) ? secondMs : calmMs),
    placeholderData: keepPreviousData,
  });

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ['retention', 'run', run],
    queryFn: ({ signal }) => call(getRun, { params: { run }, signal }),
    refetchInterval: (query) => (query.state.data !== undefined && isMoving(query.state.data) ? secondMs : false),
  });

export const plansQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['retention', 'plans', after ?? ''],
    queryFn: ({ signal }) => call(listPlans, { query: pageAfter(after), signal }),
    refetchInterval: calmMs,
    placeholderData: keepPreviousData,
  });

export const planQuery = (plan: string) =>
  queryOptions({
    queryKey: ['retention', 'plan', plan],
    queryFn: ({ signal }) => call(getPlan, { params: { plan }, signal }),
  });

export const holdsQuery = (released: boolean, after: string | undefined) =>
  queryOptions({
    queryKey: ['retention', 'holds', released, after ?? ''],
    queryFn: ({ signal }) =>
      call(listHolds, { query: { ...pageAfter(after), released: released ? 'true' : 'false' }, signal }),
    placeholderData: keepPreviousData,
  });

export const contractEndsQuery = (after: string | undefined) =>
  queryOptions({
    queryKey: ['retention', 'contract-ends', after ?? ''],
    queryFn: ({ signal }) => call(listContractEnds, { query: pageAfter(after), signal }),
    placeholderData: keepPreviousData,
  });
