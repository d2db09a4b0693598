import { createSecretKey } from 'node:crypto';
import { daysBefore, monthsBefore, spreadAround } from './ages.ts';
import { accounts, between, customers, type GenerateOptions, isGone, lastActiveAt } from './people.ts';
import { randomFrom } from './random.ts';
import { anonymisedIp, ipAddress } from './texts.ts';
import { seal } from './token-envelope.ts';

/** The key that seals the token keys. A real product keeps it in a key service; here it comes from the seed. */
export const masterKey = (seed: number) => createSecretKey(randomFrom(seed, 'master-key').bytes(32));

interface TokenKey {
  readonly id: string;
  readonly wrapped_key: string;
  readonly created_at: Date;
}

export function tokenKeys({ seed, at }: GenerateOptions): TokenKey[] {
  const random = randomFrom(seed, 'token-key');
  const master = masterKey(seed);
  return [1, 2, 3].map((number) => {
    const key = tokenKey(seed, `k${number}`);
    const wrapped_key = seal(key.export(), 'master', master, random.bytes(12));
    return { id: `k${number}`, wrapped_key, created_at: daysBefore(at, 500 - number * 150) };
  });
}

const tokenKey = (seed: number, id: string) => createSecretKey(randomFrom(seed, `token-key-${id}`).bytes(32));

/** Access tokens of the three marketplaces (all made up), some expired. */
export function* oauthTokens(options: GenerateOptions) {
  const { seed, at } = options;
  const random = randomFrom(seed, 'oauth-token');
  let id = 0;
  for (const account of accounts(options))
    for (const marketplace of ['bazar-norte', 'feira-digital', 'loja-sul'] as const) {
      id += 1;
      const key_id = `k${1 + (id % 3)}`;
      const secret = `mkt-${random.bytes(24).toString('base64url')}`;
      yield {
        id,
        account_id: account.id,
        marketplace,
        grant_id: `grant-${marketplace}-${random.bytes(8).toString('hex')}`,
        access_token: seal(secret, key_id, tokenKey(seed, key_id), random.bytes(12)),
        key_id,
        created_at: daysBefore(at, 190),
        expires_at: daysBefore(at, tokenAgeDays(id, random.next())),
      };
    }
}

/** Days since expiry: every twelfth is overdue, one in forty due, the others (negative) still good. */
function tokenAgeDays(id: number, share: number): number {
  if (id % 12 === 5) return 1.3 + share * 25;
  if (id % 40 === 7) return 0.2 + share * 0.5;
  return -(2 + share * 170);
}

const prices: Readonly<Record<string, number>> = { starter: 19_900, growth: 59_900, scale: 149_900 };

/** One invoice a month since each customer came, also of those who are gone. */
export function invoices(options: GenerateOptions) {
  const { seed, at } = options;
  const random = randomFrom(seed, 'invoice');
  const issued = customers(options).flatMap((account) => {
    const end = isGone(account) ? daysBefore(at, 400) : lastActiveAt(account, at);
    const begin = isGone(account) ? daysBefore(at, 1_960) : account.created_at;
    const months = Math.max(1, Math.floor((end.getTime() - begin.getTime()) / (30.5 * 86_400_000)));
    return Array.from({ length: months }, (_, month) => ({ account, issued_at: daysBefore(end, month * 30.5 + 1.7) }));
  });
  const fiveYears = monthsBefore(at, 60);
  const [first] = customers(options);
  // Two that turn five years old today: due, not yet overdue.
  if (first !== undefined)
    for (const days of [0.2, 0.6]) issued.push({ account: first, issued_at: daysBefore(fiveYears, days) });
  issued.sort((a, b) => a.issued_at.getTime() - b.issued_at.getTime());
  return issued.map(({ account, issued_at }, place) => ({
    id: place + 1,
    account_id: account.id,
    number: `MR-${issued_at.getUTCFullYear()}-${String(place + 1).padStart(5, '0')}`,
    customer_name: account.company_name,
    customer_tax_id: account.tax_id,
    amount_cents: (prices[account.plan] ?? 0) + random.between(0, 40) * 100,
    issued_at,
  }));
}

/** The books of the last six fiscal years; the first of them is past its five years. */
export function* accountingRecords(options: GenerateOptions) {
  const { seed, at, scale } = options;
  const random = randomFrom(seed, 'accounting-record');
  const all = customers(options);
  const thisYear = at.getUTCFullYear();
  let id = 0;
  const record = (fiscal_year: number, closedOn: string, account_id: string) => {
    id += 1;
    const [ledger_account, description] = random.pick(postings);
    const amount_cents = random.between(900, 250_000);
    return { id, account_id, fiscal_year, fiscal_year_closed_on: closedOn, ledger_account, description, amount_cents };
  };
  for (let year = thisYear - 6; year < thisYear; year++) {
    const count = Math.max(6, Math.round((year === thisYear - 6 ? 160 : 420) * scale));
    for (let place = 0; place < count; place++) yield record(year, `${year}-12-31`, random.pick(all).id);
  }
  // A customer whose firm closed its books within the year: five years ago today.
  yield record(thisYear - 5, monthsBefore(at, 60).toISOString().slice(0, 10), 'AC-0047');
}

const postings = [
  ['3.1.01', 'Receita de assinatura'],
  ['1.1.02', 'Recebimento por PIX'],
  ['2.1.04', 'ISS a recolher'],
  ['4.2.07', 'Tarifa bancária'],
] as const;

export interface Partition {
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

/** Months of the audit log: 29 back, so that five are past two years, and a year ahead. */
export function auditPartitions({ at }: GenerateOptions): Partition[] {
  return Array.from({ length: 42 }, (_, place) => {
    const from = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 29 + place, 1));
    const to = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 28 + place, 1));
    return { name: `audit_log_${from.toISOString().slice(0, 7).replace('-', '_')}`, from, to };
  });
}

export function* auditLog(options: GenerateOptions) {
  const { seed, at, scale } = options;
  const random = randomFrom(seed, 'audit-log');
  const all = customers(options);
  const months = auditPartitions(options).filter((month) => month.from < at);
  let id = 0;
  for (const [place, month] of months.entries()) {
    const count = Math.max(8, Math.round((900 + place * 75) * scale));
    const end = new Date(Math.min(month.to.getTime(), at.getTime()));
    const there = all.filter((account) => account.created_at < month.from);
    for (let line = 0; line < count; line++) {
      id += 1;
      const [action, object] = random.pick(actions);
      yield {
        id,
        recorded_at: between(month.from, end, (line + random.next() * 0.99) / count),
        account_id: random.pick(there).id,
        operator_id: random.chance(0.9) ? random.between(1, 250) : null,
        action,
        object: `${object}/${random.between(1, 30_000)}`,
        ip: ipAddress(random),
      };
    }
  }
}

const actions = [
  ['contact.viewed', 'contact'],
  ['contact.exported', 'contact'],
  ['conversation.assigned', 'conversation'],
  ['operator.signed-in', 'operator'],
  ['operator.role-changed', 'operator'],
  ['integration.connected', 'oauth-token'],
] as const;

export function* webhookDeliveries(options: GenerateOptions) {
  const { seed, at, scale } = options;
  const random = randomFrom(seed, 'webhook-delivery');
  const all = accounts(options);
  const count = Math.max(60, Math.round(24_000 * scale));
  const shares = { overdue: 0.11, overdueDays: 16, due: 0.015 };
  let id = 0;
  for (const received_at of spreadAround(daysBefore(at, 30), at, count, shares, random)) {
    id += 1;
    const source = random.pick(['whatsapp', 'whatsapp', 'bazar-norte', 'feira-digital', 'loja-sul']);
    const event_type =
      source === 'whatsapp' ? 'message.received' : random.pick(['order.created', 'order.paid', 'question.asked']);
    yield {
      id,
      account_id: random.pick(all).id,
      source,
      event_type,
      payload: { delivery: random.bytes(9).toString('base64url'), event: event_type, attempt: random.between(1, 3) },
      received_at,
      processed_at: new Date(received_at.getTime() + random.between(20, 900)),
    };
  }
}

const pages = [
  '/',
  '/precos',
  '/recursos/whatsapp',
  '/recursos/marketplaces',
  '/blog/atendimento',
  '/contato',
] as const;
const sources = ['busca', 'direto', 'indicação', 'anúncio'] as const;

export function* metricHits({ seed, at, scale }: GenerateOptions) {
  const random = randomFrom(seed, 'metric-hit');
  const count = Math.max(50, Math.round(20_000 * scale));
  for (let id = 1; id <= count; id++)
    yield {
      id,
      page: random.pick(pages),
      referrer: random.chance(0.4) ? `https://${random.pick(['busca', 'blog', 'noticias'])}.example/` : null,
      ip: anonymisedIp(random),
      seen_at: daysBefore(at, (60 * (count - id + random.next())) / count),
    };
}

export function* metricDays({ seed, at }: GenerateOptions) {
  const random = randomFrom(seed, 'metric-daily');
  for (let days = 120; days > 0; days--)
    for (const page of pages)
      for (const source of sources)
        yield { day: daysBefore(at, days).toISOString().slice(0, 10), page, source, visits: random.between(3, 900) };
}
