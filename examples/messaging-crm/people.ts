import { daysBefore, monthsBefore, spreadAround } from './ages.ts';
import { type Random, randomFrom } from './random.ts';
import { cityName, firmName, firmTaxId, personName, personTaxId, phoneNumber, plain } from './texts.ts';

/** What everything is generated from. The same three give the same rows, to the byte. */
export interface GenerateOptions {
  readonly seed: number;
  /** The present of the data: ages are counted back from it. */
  readonly at: Date;
  /** 1 is about 300,000 messages; accounts stay the same. */
  readonly scale: number;
}

export interface Account {
  readonly id: string;
  readonly company_name: string;
  readonly tax_id: string;
  readonly plan: string;
  readonly state: 'active' | 'canceled';
  readonly owner_email: string;
  readonly created_at: Date;
  readonly canceled_at: Date | null;
}

/** The accounts that stand for the states of a contract. */
export const cast = {
  /** Cancelled 12 and 24 days ago: may come back or export until the 30th day. */
  inGrace: ['AC-0041', 'AC-0042'],
  /** The 30 days ended some hours ago: due. */
  justPastGrace: 'AC-0043',
  /** Ended 17 days ago: overdue. */
  pastGrace: 'AC-0044',
  /** Long past, but in court: placed under a hold by the demonstration. */
  inDispute: 'AC-0045',
  /** Was cancelled once and came back. */
  cameBack: 'AC-0046',
  /** Gone before Kept came: only what the law keeps is left. */
  gone: ['AC-0047', 'AC-0048'],
} as const;

const cancelledDays: Readonly<Record<string, number>> = {
  'AC-0041': 12.3,
  'AC-0042': 24.1,
  'AC-0043': 30.4,
  'AC-0044': 47.2,
  'AC-0045': 75.6,
};
const ACCOUNTS = 48;

/** All customers that ever were, oldest number first; those in `cast.gone` have no row any more. */
export function customers({ seed, at }: GenerateOptions): Account[] {
  const random = randomFrom(seed, 'account');
  return Array.from({ length: ACCOUNTS }, (_, place): Account => {
    const id = `AC-${String(place + 1).padStart(4, '0')}`;
    const company_name = firmName(place);
    const days = cancelledDays[id];
    // A few are old enough to have invoices past their five years; most came later.
    // The one in dispute is young, so that its hold reaches none of the oldest months of the audit log.
    const ageDays =
      id === cast.inDispute ? 400 : place % 8 === 1 ? random.between(2_000, 2_150) : random.between(120, 1_700);
    return {
      id,
      company_name,
      tax_id: firmTaxId(random),
      plan: random.pick(['starter', 'growth', 'growth', 'scale']),
      state: days === undefined ? 'active' : 'canceled',
      owner_email: `dono@${plain(company_name)}.example`,
      created_at: daysBefore(at, ageDays + random.next()),
      canceled_at: days === undefined ? null : daysBefore(at, days),
    };
  });
}

export const isGone = (account: Account) => cast.gone.some((id) => id === account.id);

/** Accounts that still have a row. */
export const accounts = (options: GenerateOptions) => customers(options).filter((account) => !isGone(account));

/** When the account's people last worked with the product. */
export const lastActiveAt = (account: Account, at: Date) => account.canceled_at ?? at;

export function* operators(options: GenerateOptions) {
  const random = randomFrom(options.seed, 'operator');
  let id = 0;
  for (const account of accounts(options)) {
    const domain = `${plain(account.company_name)}.example`;
    const people = random.between(3, 8);
    for (let place = 0; place < people; place++) {
      id += 1;
      const name = personName(random);
      yield {
        id,
        account_id: account.id,
        name,
        email: place === 0 ? account.owner_email : `${plain(name)}-${id}@${domain}`,
        phone: random.chance(0.6) ? phoneNumber(random) : null,
        role: place === 0 ? 'owner' : random.pick(['manager', 'agent', 'agent', 'agent']),
        // Shaped like one; no password hashes to it.
        password_hash: `$argon2id$v=19$m=19456,t=2,p=1$${random.bytes(12).toString('base64url')}$${random.bytes(24).toString('base64url')}`,
        created_at: between(account.created_at, lastActiveAt(account, options.at), random.next() * 0.6),
        last_seen_at: between(account.created_at, lastActiveAt(account, options.at), 0.95 + random.next() * 0.05),
      };
    }
  }
}

export interface Contact {
  readonly id: number;
  readonly account_id: string;
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly document: string | null;
  readonly city: string;
  readonly created_at: Date;
}

export function contacts(options: GenerateOptions): Contact[] {
  const random = randomFrom(options.seed, 'contact');
  const sizes = randomFrom(options.seed, 'account-size');
  let id = 0;
  return accounts(options).flatMap((account) => {
    const count = Math.max(4, Math.round(525 * options.scale * (0.4 + sizes.next() * 1.2)));
    return Array.from({ length: count }, () => {
      id += 1;
      return contact(id, account, options.at, random);
    });
  });
}

function contact(id: number, account: Account, at: Date, random: Random): Contact {
  const name = personName(random);
  return {
    id,
    account_id: account.id,
    name,
    phone: random.chance(0.85) ? phoneNumber(random) : null,
    email: random.chance(0.5) ? `${plain(name)}${id}@example.com` : null,
    document: random.chance(0.2) ? personTaxId(random) : null,
    city: cityName(random),
    created_at: between(account.created_at, lastActiveAt(account, at), random.next()),
  };
}

/** People who asked Maré about the product: most recent, some silent for more than six months, some already anonymised. */
export function* leads({ seed, at, scale }: GenerateOptions) {
  const random = randomFrom(seed, 'lead');
  const count = Math.max(40, Math.round(5_000 * scale));
  const shares = { overdue: 0.12, overdueDays: 240, due: 0.01 };
  let id = 0;
  for (const last_contact_at of spreadAround(monthsBefore(at, 6), at, count, shares, random)) {
    id += 1;
    const name = personName(random);
    yield {
      id,
      name,
      email: `${plain(name)}.${id}@example.org`,
      phone: random.chance(0.7) ? phoneNumber(random) : null,
      company: firmName(random.between(60, 400)),
      source: random.pick(['site', 'feira', 'indicação', 'webinar']),
      stage: random.pick(['novo', 'em conversa', 'proposta', 'perdido']),
      created_at: daysBefore(last_contact_at, 1 + random.next() * 90),
      last_contact_at,
      anonymised_at: null,
    };
  }
}

/** A point of time at this share of the way from one to the other. */
export function between(from: Date, to: Date, share: number): Date {
  return new Date(from.getTime() + (to.getTime() - from.getTime()) * share);
}
