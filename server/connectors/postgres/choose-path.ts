import type { DisposalPath, Target } from '../connector.ts';
import type { Relation } from './catalogue.ts';
import type { Part } from './parts.ts';

/** The best way to let rows of this target go, and why no better one. */
export function choosePath(
  target: Target,
  relation: Relation,
  parts: readonly Part[],
  clocks: readonly string[],
): { path: DisposalPath; reason: string } {
  const ranged = parts.filter((part) => part.rangedBy !== null && clocks.includes(part.rangedBy));
  const why = whyNotByPartition(target, ranged);
  if (why === null) {
    return {
      path: 'partition',
      reason: 'Partitioned by the clock: what is wholly past is dropped and its space returns.',
    };
  }
  if (target.bulkOnly) return { path: 'bulk', reason: `Rows may only go in bulk, and ${why}.` };
  const odd = parts.find((part) => !part.empty && !part.heap);
  if (odd !== undefined || relation.kind !== 'table') {
    const foreign = odd ?? (parts.length === 0 ? { name: relation.name } : undefined);
    if (foreign !== undefined) {
      return {
        path: 'key-range',
        reason: `${foreign.name} is not stored in PostgreSQL's heap, so it has no TIDs to walk.`,
      };
    }
  }
  return { path: 'tid-range', reason: `Rows go by ranges of their storage, since ${why}.` };
}

function whyNotByPartition(target: Target, ranged: readonly Part[]): string | null {
  if (ranged.length === 0) return 'the table is not partitioned by ranges of its clock';
  if (target.attachments.length > 0) return 'its rows have files that must go first';
  if ((target.guardedBy ?? []).length > 0) return 'rows of other tables that must stay may point at its rows';
  const foreign = ranged.find((part) => !part.owned);
  if (foreign !== undefined) return `partition ${foreign.name} belongs to another role, which alone may drop it`;
  return null;
}
