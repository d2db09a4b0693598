import type { Tx } from '../platform/database.ts';
import type { Language } from './contract.ts';
import { type Addressee, type AddresseeQuery, countAddressees as countRows, selectAddressees } from './member-store.ts';

/** Members whom the organisation writes to, in the order of their ids; `after` is the last one seen. */
export async function listAddressees(
  tx: Tx,
  query: AddresseeQuery & { readonly after: string | null; readonly limit: number },
): Promise<Addressee[]> {
  return selectAddressees(tx, query);
}

/** How many there are, by language and by whether they have a verified address. */
export async function countAddressees(
  tx: Tx,
  query: AddresseeQuery,
): Promise<{ readonly language: Language; readonly hasAddress: boolean; readonly count: number }[]> {
  return countRows(tx, query);
}
