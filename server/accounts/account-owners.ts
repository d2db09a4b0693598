import type { Audience } from '../messages/notice-audiences.ts';
import { accountStateSchema } from './contract.ts';
import { findAccount } from './find-account.ts';
import { countOwners, selectOwners } from './store.ts';

/**
 * Owners of the organisation's accounts, whom notices may be for. Kept names an account by an id of its own, since the
 * organisation's key for it may name somebody; in which language its owner reads nobody has said.
 */
export const accountOwners: Audience = {
  name: 'account-owners',
  label: { en: 'Owners of accounts', 'pt-BR': 'Responsáveis pelas contas', es: 'Responsables de las cuentas' },
  groups: [
    { name: 'active', label: { en: 'Active accounts', 'pt-BR': 'Contas ativas', es: 'Cuentas activas' } },
    { name: 'cancelled', label: { en: 'Cancelled accounts', 'pt-BR': 'Contas canceladas', es: 'Cuentas canceladas' } },
  ],
  channels: ['e-mail', 'in-product', 'page'],
  place: 'product',
  async list(tx, { only, asOf, after, limit }) {
    const found = await selectOwners(tx, { states: statesOf(only), madeBy: asOf, after, limit });
    return found.map(({ id, ownerEmail }) => ({ reference: id, email: ownerEmail, language: null }));
  },
  async count(tx, { only, asOf }) {
    const shares = await countOwners(tx, { states: statesOf(only), madeBy: asOf });
    return shares.map((share) => ({ language: null, ...share }));
  },
  referenceOf: async (tx, name) => (await findAccount(tx, name))?.id,
};

/** Of an account that has ended nobody is left to be told. */
function statesOf(only: readonly string[]) {
  return only.length === 0 ? (['active', 'cancelled'] as const) : only.map((state) => accountStateSchema.parse(state));
}
