import { recordEntry } from '../ledger/record-entry.ts';
import type { Watch } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { noOrganisation } from './authorise.ts';

/** Records every view of personal data, before its answer is sent: what cannot be recorded is not shown. */
export function watchViews(platform: Platform): Watch {
  return {
    async viewed({ organisationId, actor }, what) {
      // Who is in no organisation is shown nobody's data.
      if (organisationId === noOrganisation) return;
      await platform.db.transaction(organisationId, (tx) =>
        recordEntry(tx, { kind: 'access.viewed', actor, body: { what } }),
      );
    },
  };
}
