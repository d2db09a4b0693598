import { isDeepStrictEqual } from 'node:util';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { plainAddress } from '../platform/origin.ts';
import { isAllowed, plainNetwork } from './allowlist.ts';
import { accessProblems } from './contract.ts';
import { type Settings, settingsSchema } from './members-contract.ts';
import { selectIsOwnerWithPassword, selectSettings, updateSettings } from './settings-store.ts';
import { requireSignOnPossible } from './single-sign-on.ts';

const fail = failuresOf(accessProblems);

/**
 * What the organisation demands of those who sign in.
 * @throws Failure `organisation-not-found`
 */
export async function getSettings(tx: Tx): Promise<Settings> {
  return found(await selectSettings(tx, { lock: false }));
}

/**
 * Changes what the organisation demands. It counts for sessions and keys that exist already, from their next call.
 * @param by who changes it, and from which address; whom it would lock out
 * @throws Failure `lock-out` with what to do first, `member-not-found` for an emergency owner who is none
 */
export async function changeSettings(
  tx: Tx,
  by: { readonly actor: Actor; readonly address: string },
  wanted: Settings,
): Promise<Settings> {
  const before = found(await selectSettings(tx, { lock: true }));
  const after = {
    ...wanted,
    consoleAllowlist: plainNetworks(wanted.consoleAllowlist),
    keyAllowlist: plainNetworks(wanted.keyAllowlist),
  };
  // Whoever has the server's own machine comes in by its key.
  if (by.actor.kind === 'person' && !isAllowed(by.address, after.consoleAllowlist))
    throw fail(
      'lock-out',
      `Your own address, ${plainAddress(by.address)}, lies in none of these networks. Add it first.`,
    );
  if (after.breakGlass !== null && !(await selectIsOwnerWithPassword(tx, after.breakGlass)))
    throw fail('member-not-found', 'In an emergency an owner who has a password signs in: name one.');
  if (after.demandsSingleSignOn && after.breakGlass === null)
    throw fail('lock-out', 'Name an owner who may still sign in with a password when the identity provider fails.');
  const fields = settingsSchema.keyof().options.filter((field) => !isDeepStrictEqual(before[field], after[field]));
  if (fields.length === 0) return after;
  await updateSettings(tx, after);
  await requireSignOnPossible(tx);
  await recordEntry(tx, { kind: 'access.settings-changed', actor: by.actor, body: { fields } });
  return after;
}

function plainNetworks(networks: readonly string[]): string[] {
  return [...new Set(networks.map(plainNetwork))];
}

function found(settings: Settings | undefined): Settings {
  if (settings === undefined) throw fail('organisation-not-found', 'There is no such organisation.');
  return settings;
}
