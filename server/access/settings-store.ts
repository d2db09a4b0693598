import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Settings } from './members-contract.ts';

const columns = [
  'name',
  'default_language',
  'demands_second_factor',
  'demands_single_sign_on',
  'break_glass_person_id',
  'console_allowlist',
  'key_allowlist',
  'idle_minutes',
  'session_hours',
] as const;

/** What the organisation demands, locked against changes until the transaction ends where it is to be changed. */
export async function selectSettings(tx: Tx, options: { readonly lock: boolean }): Promise<Settings | undefined> {
  const found = tx.db.selectFrom('access.organisation').select(columns).where('id', '=', tx.organisationId);
  const row = await (options.lock ? found.forUpdate() : found).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    name: row.name,
    language: row.default_language,
    demandsSecondFactor: row.demands_second_factor,
    demandsSingleSignOn: row.demands_single_sign_on,
    breakGlass: row.break_glass_person_id === null ? null : brand<'Person'>(row.break_glass_person_id),
    consoleAllowlist: row.console_allowlist,
    keyAllowlist: row.key_allowlist,
    idleMinutes: row.idle_minutes,
    sessionHours: row.session_hours,
  };
}

export async function updateSettings(tx: Tx, settings: Settings): Promise<void> {
  await tx.db
    .updateTable('access.organisation')
    .set({
      name: settings.name,
      default_language: settings.language,
      demands_second_factor: settings.demandsSecondFactor,
      demands_single_sign_on: settings.demandsSingleSignOn,
      break_glass_person_id: settings.breakGlass,
      console_allowlist: settings.consoleAllowlist,
      key_allowlist: settings.keyAllowlist,
      idle_minutes: settings.idleMinutes,
      session_hours: settings.sessionHours,
    })
    .where('id', '=', tx.organisationId)
    .execute();
}

/** Whether a person is an owner who has a password, so that they get in without the identity provider. */
export async function selectIsOwnerWithPassword(tx: Tx, person: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('access.membership as m')
    .innerJoin('access.person as p', 'p.id', 'm.person_id')
    .select('p.id')
    .where('m.organisation_id', '=', tx.organisationId)
    .where('m.person_id', '=', person)
    .where('m.role', '=', 'owner')
    .where('p.password_hash', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}
