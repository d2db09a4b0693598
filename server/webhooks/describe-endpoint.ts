import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { writeAddress } from './endpoint-address.ts';
import { type EndpointRow, findEndpoint, type RefusalCount, selectRefusals, selectSecrets } from './endpoint-store.ts';
import { type Endpoint, type EndpointSecret, endpointProblems } from './endpoints-contract.ts';
import { countReceived, type StateCount } from './received-store.ts';

const fail = failuresOf(endpointProblems);

const figuresMs = 30 * 86_400_000;

/**
 * Locks it against other changes.
 * @throws Failure `endpoint-not-found`
 */
export async function getEndpointRow(tx: Tx, id: Id<'Endpoint'>): Promise<EndpointRow> {
  const row = await findEndpoint(tx, id, { lock: true });
  if (row === undefined) throw fail('endpoint-not-found', 'It was removed, or belongs elsewhere.');
  return row;
}

/**
 * One endpoint as callers see it.
 * @param base the server's public address; undefined where it knows none
 * @throws Failure `endpoint-not-found`
 */
export async function describeEndpoint(tx: Tx, id: Id<'Endpoint'>, base: string | undefined): Promise<Endpoint> {
  const row = await findEndpoint(tx, id);
  const [described] = row === undefined ? [] : await describeEndpoints(tx, [row], base);
  if (described === undefined) throw fail('endpoint-not-found', 'It was removed, or belongs elsewhere.');
  return described;
}

export async function describeEndpoints(
  tx: Tx,
  rows: readonly EndpointRow[],
  base: string | undefined,
): Promise<Endpoint[]> {
  const ids = rows.map(({ id }) => id);
  const since = new Date(tx.at.getTime() - figuresMs);
  const secrets = await selectSecrets(tx, ids);
  const counts = await countReceived(tx, ids, since);
  const refusals = await selectRefusals(tx, ids, since);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    url: urlOf(tx, row.id, base),
    scheme: row.scheme,
    identifiedBy: row.identifiedBy,
    rules: [...row.rules],
    secrets: (secrets.get(row.id) ?? []).map(
      ({ id, lastFour, createdAt, endsAt }): EndpointSecret => ({ id, lastFour, createdAt, endsAt }),
    ),
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
    figures: figuresOf(
      counts.filter(({ endpoint }) => endpoint === row.id),
      refusals.filter(({ endpoint }) => endpoint === row.id),
    ),
  }));
}

function urlOf({ organisationId }: Tx, endpoint: Id<'Endpoint'>, base: string | undefined): string {
  const path = `/v1/webhooks/in/${writeAddress({ organisationId, endpoint })}`;
  return base === undefined ? path : new URL(path, base).href;
}

function figuresOf(counts: readonly StateCount[], refusals: readonly RefusalCount[]): Endpoint['figures'] {
  const of = (state: StateCount['state']) => counts.find((row) => row.state === state)?.count ?? 0;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const latest = counts.reduce<Date | null>(
    (last, { lastReceivedAt }) => (last === null || lastReceivedAt > last ? lastReceivedAt : last),
    null,
  );
  return {
    received: sum(counts.map((row) => row.count)),
    byState: {
      waiting: of('waiting'),
      mapped: of('mapped'),
      unmapped: of('unmapped'),
      failed: of('failed'),
      unreadable: of('unreadable'),
    },
    repeated: sum(counts.map((row) => row.repeats)),
    lastReceivedAt: latest?.toISOString() ?? null,
    refusals: refusals.map(({ reason, count, lastAt }) => ({ reason, count, lastAt: lastAt.toISOString() })),
  };
}
