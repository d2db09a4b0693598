import type { Tx } from '../platform/database.ts';
import { keptTogether } from './confirmation-mail.ts';
import type { ContractEnd } from './contract.ts';
import { type EndRecord, listEnds, reportsOf } from './end-store.ts';

/** Newest first, with the cursor of the following page. */
export async function listContractEnds(
  tx: Tx,
  after: string | undefined,
  limit: number,
): Promise<{ readonly items: ContractEnd[]; readonly next: string | null }> {
  const ends = await listEnds(tx, after, limit);
  const reports = await reportsOf(
    tx,
    ends.map((end) => end.id),
  );
  const items = ends.map((end) => show(end, reports.get(end.id)));
  return { items, next: ends.length === limit ? (ends.at(-1)?.id ?? null) : null };
}

type Reports = Awaited<ReturnType<typeof reportsOf>>;

function show(end: EndRecord, report: ReturnType<Reports['get']>): ContractEnd {
  return {
    account: end.account,
    state: end.state,
    cancelledAt: end.cancelledAt.toISOString(),
    graceUntil: end.graceUntilAt.toISOString(),
    erasedAt: end.erasedAt?.toISOString() ?? null,
    confirmedAt: end.confirmedAt?.toISOString() ?? null,
    confirmation: end.confirmation,
    disposed: [...(report?.disposed ?? [])],
    kept: keptTogether(report?.kept ?? []).map(({ dataset, promise, rows, until }) => ({
      dataset,
      promise,
      rows,
      until: until.toISOString(),
    })),
  };
}
