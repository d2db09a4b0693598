import type { Regime } from '../policy/language.ts';
import type { Language } from '../policy/wording.ts';
import type { DraftRequest } from './draft-policy.ts';
import { type GuessedAccounts, type GuessedDataset, type GuessedSchema, keyOf, singularOf } from './guess-schema.ts';

/** Countries whose organisations answer to the GDPR by their seat. */
const union = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO'.split(' '),
);
const spanish = new Set('ES MX AR CO CL PE UY PY BO EC VE CR PA DO GT HN NI SV CU'.split(' '));

function regimeOf(country: string): Regime {
  return country === 'BR' ? 'lgpd' : 'gdpr';
}

function languageOf(country: string): Language {
  if (country === 'BR' || country === 'PT') return 'pt-BR';
  return spanish.has(country) ? 'es' : 'en';
}

/** The accounts, where a contract's end can be seen in them. */
function endingAccounts({
  accounts,
}: GuessedSchema): (GuessedAccounts & { state: string; cancelledAt: string }) | null {
  if (accounts === null || accounts.state === null || accounts.cancelledAt === null) return null;
  return { ...accounts, state: accounts.state, cancelledAt: accounts.cancelledAt };
}

type Keeping =
  | { readonly kind: 'for'; readonly period: string; readonly from: string }
  | { readonly kind: 'while' }
  | { readonly kind: 'undecided' };

/** A first guess at how long: billing six years, logs ninety days, the rest with the account, or two years. */
function keepingOf(dataset: GuessedDataset, ending: boolean): Keeping {
  const [clock] = dataset.clocks;
  if (dataset.sort === 'billing' && clock !== undefined) return { kind: 'for', period: 'P6Y', from: clock.clock };
  if (dataset.sort === 'log' && clock !== undefined) return { kind: 'for', period: 'P90D', from: clock.clock };
  if (ending && dataset.account !== null) return { kind: 'while' };
  return clock === undefined ? { kind: 'undecided' } : { kind: 'for', period: 'P2Y', from: clock.clock };
}

const sentences: Record<Language, Record<'for' | 'while' | 'end', (name: string) => string>> = {
  'pt-BR': {
    for: (name) => `Guardamos ${name} por {for} e depois apagamos.`,
    while: (name) => `Guardamos ${name} enquanto a conta está ativa.`,
    end: () => 'Depois do cancelamento a conta pode ser reativada durante {grace}; em seguida apagamos o que é dela.',
  },
  en: {
    for: (name) => `We keep ${name} for {for} and then delete it.`,
    while: (name) => `We keep ${name} while the account is active.`,
    end: () => 'After cancellation the account can be reactivated for {grace}; then we delete what belongs to it.',
  },
  es: {
    for: (name) => `Conservamos ${name} durante {for} y después lo eliminamos.`,
    while: (name) => `Conservamos ${name} mientras la cuenta está activa.`,
    end: () => 'Tras la cancelación la cuenta puede reactivarse durante {grace}; después eliminamos lo que es suyo.',
  },
};

/** The policy's draft, YAML with comments that say what to decide. */
export function writePolicyDraft(request: DraftRequest, schema: GuessedSchema): string {
  const regime = regimeOf(request.country);
  const language = languageOf(request.country);
  const accounts = endingAccounts(schema);
  const lines = [
    `# Drafted by \`kept init\` from the tables of a database. Every line is a guess: read it, decide, and delete this comment.`,
    'kept: 1',
    '',
    'organisation:',
    `  name: ${scalar(request.organisation)}`,
    `  country: ${request.country}`,
    `  time-zone: ${scalar(request.timeZone)}`,
    `  # Decide: the laws the organisation answers to (lgpd, gdpr).${union.has(request.country) || request.country === 'BR' ? '' : ' No pack fits this country yet.'}`,
    `  regimes: [${regime}]`,
    `  languages: [${language}]`,
    '  # Decide: where the data protection officer is reached.',
    '  contact: privacy@example.com',
    '',
    'subjects:',
    ...subjectsOf(schema).map((subject) => `  ${subject}: { ${language}: ${scalar(subject.replaceAll('-', ' '))} }`),
    '',
    ...writeData(schema),
    '',
    ...writePurposes(schema, regime),
    '',
    'promises:',
    ...writePromises(schema, request, language, accounts !== null),
  ];
  return `${lines.join('\n')}\n`;
}

/** One kind of subject per table of people; somebody must be there. */
function subjectsOf({ datasets }: GuessedSchema): string[] {
  const people = datasets.filter(({ sort }) => sort === 'person').map(({ key }) => singularOf(key));
  return people.length > 0 ? [...new Set(people)] : ['person'];
}

function subjectOf(schema: GuessedSchema, dataset: GuessedDataset): string {
  const subjects = subjectsOf(schema);
  const own = singularOf(dataset.key);
  if (subjects.includes(own)) return own;
  const pointed = dataset.table.references
    .map(({ table }) => schema.datasets.find((other) => other.table.name === table))
    .find((other) => other?.sort === 'person');
  return pointed === undefined ? (subjects[0] ?? 'person') : singularOf(pointed.key);
}

function writeData(schema: GuessedSchema): string[] {
  if (schema.datasets.length === 0) return ['data: {}'];
  const lines = ['# Decide for each: whose data it is, and whether you are its controller or its processor.', 'data:'];
  for (const dataset of schema.datasets) {
    const holds = dataset.holds.length > 0 ? dataset.holds : ['records'];
    const columns = dataset.personal.map(({ column }) => column).join(', ');
    lines.push(`  ${dataset.key}:${columns === '' ? '' : ` # ${comment(columns)}`}`);
    lines.push(`    of: ${subjectOf(schema, dataset)}`, '    role: controller', `    holds: [${holds.join(', ')}]`);
  }
  return lines;
}

function writePurposes({ datasets }: GuessedSchema, regime: Regime): string[] {
  const bases: Record<'service' | 'tax' | 'operation', string> =
    regime === 'lgpd'
      ? { service: '7-V', tax: '7-II', operation: '7-IX' }
      : { service: '6-1-b', tax: '6-1-c', operation: '6-1-f' };
  const keysOf = (sorts: readonly GuessedDataset['sort'][]) =>
    datasets.filter(({ sort }) => sorts.includes(sort)).map(({ key }) => key);
  const purposes = [
    ['service', keysOf(['account', 'person', 'record'])],
    ['tax', keysOf(['billing'])],
    ['operation', keysOf(['log'])],
  ] as const;
  const written = purposes.flatMap(([purpose, keys]) =>
    keys.length === 0
      ? []
      : [`  ${purpose}:`, `    basis: { ${regime}: ${bases[purpose]} }`, `    data: [${keys.join(', ')}]`],
  );
  if (written.length === 0) return ['purposes: {}'];
  return ['# Decide: what each is used for, and on which legal basis.', 'purposes:', ...written];
}

function writePromises(schema: GuessedSchema, request: DraftRequest, language: Language, ending: boolean): string[] {
  const says = sentences[language];
  const lines: string[] = [];
  const exceptions: string[] = [];
  for (const dataset of schema.datasets) {
    const keeping = keepingOf(dataset, ending);
    const name = scalarInside(dataset.key.replaceAll('-', ' '));
    if (keeping.kind === 'undecided') {
      lines.push(
        `  # Decide how long ${dataset.key} is kept: no clock and no account was found in ${comment(dataset.table.name)}.`,
      );
      continue;
    }
    if (keeping.kind === 'while') {
      lines.push(
        `  ${dataset.key}-while-active:`,
        `    keep: { data: ${dataset.key}, while: account-active, plus: P30D, then: delete }`,
      );
    } else {
      const because = dataset.sort === 'billing' && request.country === 'BR' ? ', because: [ctn-173-i]' : '';
      const key = `${dataset.key}-for-a-time`;
      if (dataset.sort === 'billing') exceptions.push(key);
      lines.push(`  ${key}:`, '    # Decide: the period, and the clock it begins at.');
      lines.push(
        `    keep: { data: ${dataset.key}, for: ${keeping.period}, from: ${keeping.from}, then: delete${because} }`,
      );
    }
    lines.push('    says:', `      ${language}: ${scalar(says[keeping.kind](name))}`);
  }
  if (ending) {
    lines.push('  contract-end:', '    # Decide: the grace period, and what a law keeps beyond it.');
    lines.push(`    end: { grace: P30D${exceptions.length > 0 ? `, except: [${exceptions.join(', ')}]` : ''} }`);
    lines.push('    says:', `      ${language}: ${scalar(says.end(''))}`);
  }
  return lines.some((line) => /^ {2}[a-z]/.test(line)) ? lines : [...lines, '  {}'];
}

/** The data map's draft. */
export function writeDataMapDraft(request: DraftRequest, schema: GuessedSchema): string {
  const accounts = endingAccounts(schema);
  const lines = [
    '# Drafted by `kept init`: where each category of the policy lies. Check every line against the database.',
    'kept-map: 1',
    '',
    'systems:',
    '  product:',
    '    kind: postgres',
    `    credential: ${scalar(request.credential)}`,
    '',
    ...(accounts === null ? [] : writeAccounts(accounts, schema)),
    schema.datasets.length === 0 ? 'datasets: {}' : 'datasets:',
    ...schema.datasets.flatMap((dataset) => writeDataset(dataset, schema)),
  ];
  return `${lines.join('\n')}\n`;
}

function writeAccounts(
  accounts: GuessedAccounts & { state: string; cancelledAt: string },
  schema: GuessedSchema,
): string[] {
  const dataset =
    schema.datasets.find(({ table }) => table.name === accounts.table.name)?.key ?? keyOf(accounts.table.table);
  return [
    'accounts:',
    '  system: product',
    `  table: ${scalar(accounts.table.name)}`,
    `  key: ${scalar(accounts.key)}`,
    `  state: ${scalar(accounts.state)}`,
    '  # Decide: the values your column holds, and what each means.',
    '  states: { active: active, trialing: active, cancelled: cancelled, canceled: cancelled, closed: ended }',
    `  cancelled-at: ${scalar(accounts.cancelledAt)}`,
    ...(accounts.ownerEmail === null ? [] : [`  owner-email: ${scalar(accounts.ownerEmail)}`]),
    `  dataset: ${dataset}`,
    '',
  ];
}

function writeDataset(dataset: GuessedDataset, schema: GuessedSchema): string[] {
  const { key, table, clocks, account } = dataset;
  const lines = [`  ${key}:`, `    covers: [${key}]`, '    system: product', `    table: ${scalar(table.name)}`];
  lines.push(`    key: [${table.primaryKey.map(scalar).join(', ')}]`);
  if (clocks.length > 0) {
    lines.push(`    clocks: { ${clocks.map(({ clock, column }) => `${clock}: ${scalar(column)}`).join(', ')} }`);
  }
  const last = account?.at(-1);
  if (account !== null && last !== undefined) {
    const through = account
      .slice(0, -1)
      .map((hop) => `{ table: ${scalar(hop.table)}, from: ${scalar(hop.column)}, to: ${scalar(hop.to)} }`);
    const path = `{ column: ${scalar(last.column)}, through: [${through.join(', ')}] }`;
    lines.push(`    account: ${through.length === 0 ? scalar(last.column) : path}`);
  }
  const [id] = table.primaryKey;
  const subjects = new Map<string, string>();
  if (dataset.sort === 'person' && id !== undefined) subjects.set(singularOf(key), id);
  for (const reference of table.references) {
    const person = schema.datasets.find((other) => other.table.name === reference.table && other.sort === 'person');
    if (person !== undefined && person.table.primaryKey[0] === reference.to && !subjects.has(singularOf(person.key))) {
      subjects.set(singularOf(person.key), reference.column);
    }
  }
  if (subjects.size > 0) {
    lines.push(
      `    subjects: { ${[...subjects].map(([subject, column]) => `${subject}: ${scalar(column)}`).join(', ')} }`,
    );
  }
  return lines;
}

/** A YAML scalar: plain where nothing can be misread, else in double quotes. */
function scalar(text: string): string {
  const plain = /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

/** Braces would be placeholders, and control characters are refused. */
function scalarInside(text: string): string {
  return text.replace(/[{}]/g, '');
}

function comment(text: string): string {
  return text.replace(/[^\P{C}]/gu, ' ');
}
