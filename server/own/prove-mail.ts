import { listOrganisations } from '../access/list-organisations.ts';
import { countAnnouncements, countPurposes } from '../messages/count-mail.ts';
import type { Platform } from '../platform/platform.ts';
import { reason } from '../policy/reasons.ts';
import { type Proved, placeOf, proved } from './prove-server.ts';

/** No announcement, in any organisation, left after its recipient had said that they want none. */
export async function proveOptOuts(platform: Platform): Promise<Proved> {
  let examined = 0;
  let failing = 0;
  for (const { id } of await listOrganisations(platform)) {
    const found = await platform.db.transaction(id, countAnnouncements);
    examined += found.examined;
    failing += found.failing;
  }
  const place = placeOf('messages', examined, { due: 0, broken: failing });
  return proved(place, failing === 0 ? null : reason('opt-out-ignored', { failing, examined }));
}

/** Every message has a known kind and is called what its kind is. */
export async function proveMailPurposes(platform: Platform): Promise<Proved> {
  let examined = 0;
  let failing = 0;
  const kinds = new Set<string>();
  for (const { id } of await listOrganisations(platform)) {
    const found = await platform.db.transaction(id, countPurposes);
    examined += found.examined;
    failing += found.failing;
    for (const kind of found.kinds) kinds.add(kind);
  }
  const place = placeOf('messages', examined, { due: 0, broken: failing });
  const what = [...kinds].sort().slice(0, 5).join(', ');
  return proved(place, failing === 0 ? null : reason('mail-unexplained', { failing, examined, what }));
}
