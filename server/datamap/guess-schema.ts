import type { DescribedColumn, DescribedTable } from '../connectors/postgres/describe-schema.ts';

/** What a table seems to be, from its names and types alone; a person decides. */
export interface GuessedDataset {
  /** A name that the policy and the data map can use. */
  readonly key: string;
  readonly table: DescribedTable;
  readonly sort: 'account' | 'person' | 'record' | 'billing' | 'log';
  /** Kinds of personal data that its columns seem to hold. */
  readonly holds: readonly string[];
  /** Columns by kind of personal data. */
  readonly personal: readonly { readonly column: string; readonly kind: string }[];
  /** Clock name → column, the likeliest beginning first. */
  readonly clocks: readonly { readonly clock: string; readonly column: string }[];
  /** The way to the account a row belongs to; null where none was found. */
  readonly account: readonly Hop[] | null;
  /** Columns whose values look like secrets by their name. */
  readonly secrets: readonly string[];
}

/** From `column` of the table before to `to` of `table`. The last hop's `column` is the account's key itself. */
export interface Hop {
  readonly column: string;
  readonly table: string;
  readonly to: string;
}

export interface GuessedAccounts {
  readonly table: DescribedTable;
  readonly key: string;
  readonly state: string | null;
  readonly cancelledAt: string | null;
  readonly ownerEmail: string | null;
}

export interface GuessedSchema {
  readonly accounts: GuessedAccounts | null;
  readonly datasets: readonly GuessedDataset[];
  /** Tables left out, with the reason. */
  readonly leftOut: readonly { readonly table: string; readonly why: 'no-key' | 'bookkeeping' | 'nothing-personal' }[];
}

/** Guesses what the tables of a database hold. */
export function guessSchema(tables: readonly DescribedTable[]): GuessedSchema {
  const accounts = guessAccounts(tables);
  const taken = new Set<string>();
  const datasets: GuessedDataset[] = [];
  const leftOut: { table: string; why: 'no-key' | 'bookkeeping' | 'nothing-personal' }[] = [];
  for (const table of tables) {
    if (bookkeeping.test(table.table)) {
      leftOut.push({ table: table.name, why: 'bookkeeping' });
      continue;
    }
    if (table.primaryKey.length === 0) {
      leftOut.push({ table: table.name, why: 'no-key' });
      continue;
    }
    const personal = table.columns.flatMap((column) => {
      const kind = kindOf(column);
      return kind === null ? [] : [{ column: column.name, kind }];
    });
    const account = accounts === null ? null : wayToAccount(table, accounts, tables);
    if (personal.length === 0 && account === null) {
      leftOut.push({ table: table.name, why: 'nothing-personal' });
      continue;
    }
    datasets.push({
      key: uniqueKey(table, taken),
      table,
      sort: sortOf(table, personal, accounts),
      holds: [...new Set(personal.map(({ kind }) => kind))],
      personal,
      clocks: clocksOf(table),
      account,
      secrets: personal.filter(({ kind }) => kind === 'credentials').map(({ column }) => column),
    });
  }
  return { accounts, datasets, leftOut };
}

const bookkeeping =
  /^(schema_migrations?|migrations?|flyway_.*|knex_.*|alembic_version|_prisma_.*|django_(migrations|content_type|session)|ar_internal_metadata|databasechangelog(lock)?|spatial_ref_sys|goose_db_version)$/i;

const accountNames =
  /^(accounts?|tenants?|organi[sz]ations?|companies|company|customers?|clients?|workspaces?|shops?|stores?|teams?|contas?|empresas?|lojas?|clientes?|organizac(ao|oes)|inquilinos?|cuentas?|tiendas?)$/i;

/** The table most others point at, among those named like customers of the product. */
function guessAccounts(tables: readonly DescribedTable[]): GuessedAccounts | null {
  let best: { table: DescribedTable; key: string; score: number } | null = null;
  for (const table of tables) {
    const [key] = table.primaryKey;
    if (!accountNames.test(table.table) || key === undefined || table.primaryKey.length !== 1) continue;
    const pointing = tables.filter((other) => other !== table && directColumn(other, table, key) !== null).length;
    if (pointing > 0 && (best === null || pointing > best.score)) best = { table, key, score: pointing };
  }
  if (best === null) return null;
  const { table, key } = best;
  const named = (pattern: RegExp, fits: (column: DescribedColumn) => boolean) =>
    table.columns.find((column) => pattern.test(column.name) && fits(column))?.name ?? null;
  return {
    table,
    key,
    state: named(/^(state|status|situacao|estado|lifecycle|stage)$/i, () => true),
    cancelledAt: named(/(cancel|clos|end|deactivat|churn|encerra|delet)/i, isTime),
    ownerEmail: named(/e?mail/i, (column) => !isTime(column)),
  };
}

/** The column of a table that names the account: by foreign key, else by its name. */
function directColumn(table: DescribedTable, accounts: DescribedTable, key: string): string | null {
  const reference = table.references.find((entry) => entry.table === accounts.name && entry.to === key);
  if (reference !== undefined) return reference.column;
  const singular = singularOf(accounts.table);
  const names = [`${singular}_id`, `${singular}id`, `${accounts.table}_id`, `id_${singular}`];
  return table.columns.find((column) => names.includes(column.name.toLowerCase()))?.name ?? null;
}

/** The shortest way through foreign keys to the account, at most four hops. */
function wayToAccount(
  table: DescribedTable,
  accounts: GuessedAccounts,
  tables: readonly DescribedTable[],
): readonly Hop[] | null {
  if (table.name === accounts.table.name) return [{ column: accounts.key, table: table.name, to: accounts.key }];
  const byName = new Map(tables.map((entry) => [entry.name, entry]));
  let frontier: { table: DescribedTable; way: readonly Hop[] }[] = [{ table, way: [] }];
  const seen = new Set([table.name]);
  for (let hops = 0; hops < 4; hops += 1) {
    const next: typeof frontier = [];
    for (const { table: here, way } of frontier) {
      const direct = directColumn(here, accounts.table, accounts.key);
      if (direct !== null) return [...way, { column: direct, table: accounts.table.name, to: accounts.key }];
      for (const reference of here.references) {
        const other = byName.get(reference.table);
        if (other === undefined || seen.has(other.name)) continue;
        seen.add(other.name);
        next.push({ table: other, way: [...way, reference] });
      }
    }
    frontier = next;
  }
  return null;
}

const personalPatterns: readonly (readonly [RegExp, string])[] = [
  [/^(password|passwd|senha|contrasena)|password_?(hash|digest)|otp_secret|mfa_secret/i, 'sign-in'],
  [/(access|refresh|oauth|api|auth)_?(token|key)|^token$|_token$|secret|private_key|credential/i, 'credentials'],
  [/e_?mail/i, 'contact-details'],
  [/phone|telefone|celular|mobile|whatsapp|fax/i, 'contact-details'],
  [
    /(^|_)(cpf|cnpj|rg|ssn|nif|dni|passport|passaporte|document|documento|tax_id|vat)(_|$|number)/i,
    'tax-identification',
  ],
  [
    /(^|_)(first|last|full|given|family|nick|user|display|company|razao|nome|sobrenome|apelido)_?name$|^name$|^nome$|^nombre$/i,
    'identification',
  ],
  [/birth|nascimento|nacimiento|gender|sexo/i, 'identification'],
  [/(^|_)(address|endereco|direccion|street|rua|zip|postal_code|cep|city|cidade|bairro)(_|$)/i, 'contact-details'],
  [/(^|_)(ip|ip_address|remote_addr|user_agent)$/i, 'network-address'],
  [/(^|_)(latitude|longitude|lat|lng|geolocation|location)$/i, 'location'],
  [/(^|_)(body|message|content|text|transcript|comment|note|notes)$/i, 'message-content'],
  [/card|iban|pix|account_number|billing|amount|total/i, 'billing'],
  [/photo|avatar|picture|image/i, 'images-and-audio'],
];

function kindOf(column: DescribedColumn): string | null {
  if (column.type === 'inet' || column.type === 'cidr') return 'network-address';
  if (isTime(column) || column.type === 'boolean') return null;
  return personalPatterns.find(([pattern]) => pattern.test(column.name))?.[1] ?? null;
}

const logNames =
  /(^|_)(logs?|audit|events?|webhooks?|deliver(y|ies)|history|trail|requests?|sessions?|visits?|hits?|notifications?)(_|$)/i;
const billingNames =
  /(^|_)(invoices?|bills?|receipts?|payments?|faturas?|notas?_fiscais|nota_fiscal|charges?|facturas?|cobrancas?)(_|$)/i;

function sortOf(
  table: DescribedTable,
  personal: readonly { readonly kind: string }[],
  accounts: GuessedAccounts | null,
): GuessedDataset['sort'] {
  if (table.name === accounts?.table.name) return 'account';
  if (billingNames.test(table.table)) return 'billing';
  if (table.partitioned || logNames.test(table.table)) return 'log';
  const kinds = new Set(personal.map(({ kind }) => kind));
  return kinds.has('identification') && (kinds.has('contact-details') || kinds.has('sign-in')) ? 'person' : 'record';
}

const beginnings = [
  'recorded',
  'received',
  'issued',
  'sent',
  'occurred',
  'logged',
  'written',
  'created',
  'inserted',
  'opened',
  'started',
  'date',
  'updated',
];

/** Columns that hold an instant or a date, the likeliest beginning of a period first. */
function clocksOf(table: DescribedTable): { clock: string; column: string }[] {
  const clocks: { clock: string; column: string; rank: number }[] = [];
  for (const column of table.columns.filter(isTime)) {
    const clock = keyOf(column.name.replace(/(_at|_on|_date|_time|_ts|At|On|Date)$/, ''));
    if (clock === '' || clocks.some((known) => known.clock === clock)) continue;
    const rank = beginnings.indexOf(clock);
    clocks.push({ clock, column: column.name, rank: rank === -1 ? beginnings.length : rank });
  }
  return clocks.sort((a, b) => a.rank - b.rank).map(({ clock, column }) => ({ clock, column }));
}

function isTime({ type }: DescribedColumn): boolean {
  return type === 'date' || type.startsWith('timestamp');
}

function uniqueKey(table: DescribedTable, taken: Set<string>): string {
  const name = keyOf(table.schema === 'public' ? table.table : `${table.schema}-${table.table}`) || 'table';
  let key = name;
  for (let number = 2; taken.has(key); number += 1) key = `${name}-${number}`;
  taken.add(key);
  return key;
}

/** Lower-case words joined by hyphens; empty where nothing of the name is left. */
export function keyOf(name: string): string {
  const words = name
    .normalize('NFD')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const key = words.join('-').slice(0, 70).replace(/-+$/, '');
  return /^[a-z]/.test(key) || key === '' ? key : `t-${key}`;
}

export function singularOf(name: string): string {
  const lower = name.toLowerCase();
  if (lower.endsWith('ies')) return `${lower.slice(0, -3)}y`;
  if (lower.endsWith('oes')) return `${lower.slice(0, -3)}ao`;
  return lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower;
}
