import { recordEntry } from '../ledger/record-entry.ts';
import type { Language } from './contract.ts';
import type { Access } from './open-access.ts';
import { updatePerson } from './person-store.ts';
import type { Session } from './session.ts';

/** Changes what a person calls themselves and reads. The entry names which of it was changed; nothing changed, none. */
export async function changeOwnAccount(
  access: Access,
  session: Session,
  wanted: { readonly name: string; readonly language: Language },
): Promise<void> {
  const { personId } = session;
  const fields = (['name', 'language'] as const).filter((field) => wanted[field] !== session[field]);
  if (fields.length === 0) return;
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  await access.platform.db.transaction(home, async (tx) => {
    await updatePerson(tx, personId, wanted);
    await recordEntry(tx, {
      kind: 'access.account-changed',
      actor: { kind: 'person', id: personId },
      body: { person: personId, fields },
    });
  });
}
