import { Gauge } from 'prom-client';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { LedgerStatus, Refusal } from './contract.ts';

/** What this process last saw of each organisation's ledger: for the metrics, and so that the log tells a change once. */
export interface Watch {
  /** Takes note of a status. */
  observe(organisationId: OrganisationId, status: LedgerStatus): void;
  /** Takes note of whether sequencing was refused, and says so where that is news. */
  heed(organisationId: OrganisationId, refusal: Refusal | null): void;
}

/** Registers the ledger's metrics. Labels hold slugs, as everywhere, so that figures of one organisation go together. */
export function watchLedgers(
  platform: Platform,
  organisations: () => Promise<readonly { readonly id: OrganisationId; readonly slug: string }[]>,
): Watch {
  const seen = new Map<OrganisationId, LedgerStatus>();
  const refusals = new Map<OrganisationId, Refusal['code']>();
  // The gauges are collected at the same time: one question serves all of them.
  let asked: ReturnType<typeof organisations> | null = null;
  const listed = () => {
    asked ??= organisations().finally(() => {
      asked = null;
    });
    return asked;
  };
  const gauge = (
    name: string,
    help: string,
    value: (status: LedgerStatus, organisation: OrganisationId) => number | null,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['organisation'],
      registers: [platform.metrics],
      async collect() {
        const found = await listed();
        this.reset();
        for (const { id, slug } of found) {
          const status = seen.get(id);
          const figure = status === undefined ? null : value(status, id);
          if (figure !== null) this.set({ organisation: slug }, figure);
        }
      },
    });
  gauge('kept_ledger_entries', 'Entries in the tree of the current log', (status) => status.size);
  gauge('kept_ledger_pending', 'Entries that wait for a place in the tree', (status) => status.pending);
  gauge('kept_ledger_signing_refused', '1 while Kept refuses to sign; the log says why', (_, organisation) =>
    refusals.has(organisation) ? 1 : 0,
  );
  gauge('kept_ledger_undelivered_checkpoints', 'Signed checkpoints that a place outside has not taken', (status) =>
    status.outside.reduce((sum, copy) => sum + copy.undelivered, 0),
  );
  gauge('kept_ledger_checkpoint_age_seconds', 'Seconds since the newest signed checkpoint', (status) =>
    status.signedAt === null ? null : (platform.clock.now().getTime() - new Date(status.signedAt).getTime()) / 1000,
  );
  return {
    observe(organisationId, status) {
      seen.set(organisationId, status);
      this.heed(organisationId, status.refusal);
    },
    heed(organisationId, refusal) {
      const before = refusals.get(organisationId);
      if (refusal === null) refusals.delete(organisationId);
      else refusals.set(organisationId, refusal.code);
      if (refusal?.code === before) return;
      const organisation = organisationId;
      if (refusal === null) platform.log.info({ organisation }, 'the ledger is signed again');
      else platform.log.error({ organisation, refusal }, 'Kept refuses to sign the ledger; its entries wait');
    },
  };
}
