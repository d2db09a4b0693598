import type { Language } from '../access/contract.ts';
import { roleSchema } from '../access/contract.ts';
import { countAddressees, listAddressees } from '../access/list-addressees.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { countListed, selectListed } from './notice-list-store.ts';
import { languages } from './notice-text.ts';
import type { NoticeChannel } from './notices-contract.ts';

type InThreeLanguages = Readonly<Record<Language, string>>;

/** Somebody a notice is for. */
export interface AudienceMember {
  /** How the audience names them: opaque, stable, and unique in it. It stays as evidence, so it is no address. */
  readonly reference: string;
  readonly email: string | null;
  readonly language: Language | null;
}

/** Some of an audience that have the same language and do or do not have an address. */
export interface AudienceShare {
  readonly language: Language | null;
  readonly hasAddress: boolean;
  readonly count: number;
}

/** Which of an audience, and as of when: who joins after the announcement is not of it. */
export interface AudienceQuery {
  readonly notice: Id<'Notice'>;
  /** Names of its groups; empty: everybody. */
  readonly only: readonly string[];
  readonly asOf: Date;
}

/** Whom a notice can be for. A folder that knows such people registers it. */
export interface Audience {
  /** Kebab-case, stable: notices carry it. */
  readonly name: string;
  readonly label: InThreeLanguages;
  readonly groups: readonly { readonly name: string; readonly label: InThreeLanguages }[];
  readonly channels: readonly NoticeChannel[];
  /** Where they see notices: in the organisation's product (by token), or in Kept's console (as members). */
  readonly place: 'product' | 'console';
  /** In the order of their references as octets; `after` is the last one seen, null at the beginning. */
  list(
    tx: Tx,
    query: AudienceQuery & { readonly after: string | null; readonly limit: number },
  ): Promise<readonly AudienceMember[]>;
  count(tx: Tx, query: AudienceQuery): Promise<readonly AudienceShare[]>;
  /**
   * The reference of whom the organisation's own systems call so, where that is another; undefined where it is nobody.
   * The same where it is left out.
   */
  referenceOf?(tx: Tx, name: string): Promise<string | undefined>;
}

const registered = new Map<string, Audience>();

/**
 * Makes an audience known to this process; done while the server is put together.
 * @throws Error when another audience has the name
 */
export function registerAudience(audience: Audience): void {
  const known = registered.get(audience.name);
  if (known !== undefined && known !== audience) throw new Error(`two audiences are called ${audience.name}`);
  registered.set(audience.name, audience);
}

/** Undefined where nobody registered it, or it lacks one of the groups. */
export function findAudience(name: string, only: readonly string[]): Audience | undefined {
  const audience = registered.get(name);
  if (audience === undefined) return undefined;
  const known = new Set(audience.groups.map((group) => group.name));
  return only.every((group) => known.has(group)) ? audience : undefined;
}

export function allAudiences(): Audience[] {
  return [...registered.values()];
}

/** Every reference under which somebody may be a recipient in the organisation's product. */
export async function referencesOf(tx: Tx, name: string): Promise<string[]> {
  const references = new Set([name]);
  for (const { place, referenceOf } of registered.values()) {
    const reference = place === 'product' ? await referenceOf?.(tx, name) : undefined;
    if (reference !== undefined) references.add(reference);
  }
  return [...references];
}

/** Members of the organisation, who read notices in the console. */
export const members: Audience = {
  name: 'members',
  label: { en: 'Members of the organisation', 'pt-BR': 'Membros da organização', es: 'Miembros de la organización' },
  groups: [
    { name: 'owner', label: { en: 'Owners', 'pt-BR': 'Donos', es: 'Propietarios' } },
    { name: 'admin', label: { en: 'Administrators', 'pt-BR': 'Administradores', es: 'Administradores' } },
    {
      name: 'dpo',
      label: {
        en: 'Data protection officers',
        'pt-BR': 'Encarregados de dados',
        es: 'Delegados de protección de datos',
      },
    },
    { name: 'engineer', label: { en: 'Engineers', 'pt-BR': 'Engenheiros', es: 'Ingenieros' } },
    { name: 'agent', label: { en: 'Agents', 'pt-BR': 'Atendentes', es: 'Agentes' } },
    { name: 'auditor', label: { en: 'Auditors', 'pt-BR': 'Auditores', es: 'Auditores' } },
  ],
  channels: ['e-mail', 'in-product', 'page'],
  place: 'console',
  async list(tx, { only, asOf, after, limit }) {
    const found = await listAddressees(tx, {
      roles: only.map((role) => roleSchema.parse(role)),
      joinedBy: asOf,
      after,
      limit,
    });
    return found.map(({ person, email, language }) => ({ reference: person, email, language }));
  },
  count: (tx, { only, asOf }) =>
    countAddressees(tx, { roles: only.map((role) => roleSchema.parse(role)), joinedBy: asOf }),
};

/** Those that the organisation named itself, with the draft. */
export const givenList: Audience = {
  name: 'list',
  label: { en: 'A list of your own', 'pt-BR': 'Uma lista sua', es: 'Una lista propia' },
  groups: [],
  channels: ['e-mail', 'in-product', 'page'],
  place: 'product',
  list: (tx, query) => selectListed(tx, query),
  count: (tx, { notice }) => countListed(tx, notice),
};

/** Nobody in particular: whoever reads the page. */
export const everybody: Audience = {
  name: 'public',
  label: { en: 'The public', 'pt-BR': 'O público', es: 'El público' },
  groups: [],
  channels: ['page'],
  place: 'product',
  list: async () => [],
  count: async () => [],
};

/** What an audience comes to. */
export interface AudienceCount {
  readonly recipients: number;
  readonly withAddress: number;
  readonly byLanguage: Readonly<Record<Language, number>>;
  readonly languageUnknown: number;
}

export async function countAudience(tx: Tx, audience: Audience, query: AudienceQuery): Promise<AudienceCount> {
  const shares = await audience.count(tx, query);
  const sum = (matching: (share: AudienceShare) => boolean) =>
    shares.filter(matching).reduce((total, share) => total + share.count, 0);
  const of = (language: Language | null) => sum((share) => share.language === language);
  return {
    recipients: sum(() => true),
    withAddress: sum((share) => share.hasAddress),
    byLanguage: { 'pt-BR': of('pt-BR'), en: of('en'), es: of('es') },
    languageUnknown: of(null),
  };
}

/** Languages that somebody of the audience is known to read and that are not there. */
export function missingOf(count: AudienceCount, written: readonly Language[]): Language[] {
  return languages.filter((language) => count.byLanguage[language] > 0 && !written.includes(language));
}
