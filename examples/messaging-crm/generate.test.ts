import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { daysBefore, monthsBefore } from './ages.ts';
import { generate } from './generate.ts';
import { accounts, contacts, customers, leads, operators } from './people.ts';
import {
  auditLog,
  auditPartitions,
  invoices,
  masterKey,
  oauthTokens,
  tokenKeys,
  webhookDeliveries,
} from './records.ts';
import { unseal, unwrapKey } from './token-envelope.ts';

const at = new Date('2026-11-20T15:00:00Z');
const options = { seed: 7, at, scale: 0.02 };

function digest(from: typeof options): string {
  const hash = createHash('sha256');
  for (const { name, rows } of generate(from).tables) for (const row of rows) hash.update(name + JSON.stringify(row));
  return hash.digest('hex');
}

test('the same seed, instant and scale give the same data to the byte, another seed gives other data', () => {
  assert.equal(digest(options), digest(options));
  assert.notEqual(digest(options), digest({ ...options, seed: 8 }));
  assert.notEqual(digest(options), digest({ ...options, at: daysBefore(at, 1) }));
});

test('every reference between rows leads to a row', () => {
  const tables = new Map(generate(options).tables.map((table) => [table.name, [...table.rows]]));
  const ids = (name: string, column = 'id') =>
    new Set(tables.get(name)?.map((row) => Object.entries(row).find(([key]) => key === column)?.[1]));
  const references = [
    ['operator', 'account_id', 'account'],
    ['contact', 'account_id', 'account'],
    ['conversation', 'contact_id', 'contact'],
    ['message', 'conversation_id', 'conversation'],
    ['attachment', 'message_id', 'message'],
    ['oauth_token', 'key_id', 'token_key'],
    ['webhook_delivery', 'account_id', 'account'],
  ] as const;
  for (const [from, column, to] of references) {
    const known = ids(to);
    assert.ok(known.size > 0, to);
    for (const id of ids(from, column)) assert.ok(known.has(id), `${from}.${column} ${String(id)}`);
  }
});

test('each rule that counts from a clock meets rows that are overdue, due and safe', () => {
  const ages = (limit: Date, instants: Iterable<Date>) => {
    const counts = { overdue: 0, due: 0, safe: 0 };
    for (const instant of instants) {
      if (instant < daysBefore(limit, 1)) counts.overdue += 1;
      else if (instant < limit) counts.due += 1;
      else counts.safe += 1;
    }
    return counts;
  };
  const measured = {
    leads: ages(
      monthsBefore(at, 6),
      [...leads(options)].map((row) => row.last_contact_at),
    ),
    invoices: ages(
      monthsBefore(at, 60),
      invoices(options).map((row) => row.issued_at),
    ),
    tokens: ages(
      at,
      [...oauthTokens(options)].map((row) => row.expires_at),
    ),
    webhooks: ages(
      daysBefore(at, 30),
      [...webhookDeliveries(options)].map((row) => row.received_at),
    ),
    contracts: ages(
      daysBefore(at, 30),
      accounts(options).flatMap((row) => row.canceled_at ?? []),
    ),
  };
  for (const [rule, { overdue, due, safe }] of Object.entries(measured)) {
    assert.ok(overdue > 0, `${rule} overdue`);
    assert.ok(due > 0, `${rule} due`);
    assert.ok(safe > 0, `${rule} safe`);
  }
});

test('months of the audit log are whole, and some are past two years', () => {
  const past = auditPartitions(options).filter((month) => month.to <= monthsBefore(at, 24));
  assert.equal(past.length, 5);
  const months = auditPartitions(options);
  for (const [place, month] of months.entries())
    assert.equal(months[place + 1]?.from.getTime() ?? month.to.getTime(), month.to.getTime());
  for (const row of auditLog(options))
    assert.ok(months.some((month) => month.from <= row.recorded_at && row.recorded_at < month.to));
});

test('tokens are sealed under their own key and open with it alone', () => {
  const keys = new Map(tokenKeys(options).map((row) => [row.id, unwrapKey(row.wrapped_key, masterKey(options.seed))]));
  const [first] = oauthTokens(options);
  assert.ok(first !== undefined);
  const right = keys.get(first.key_id);
  const wrong = [...keys].find(([id]) => id !== first.key_id)?.[1];
  assert.ok(right !== undefined && wrong !== undefined);
  assert.match(unseal(first.access_token, right).toString('utf8'), /^mkt-/);
  assert.throws(() => unseal(first.access_token, wrong));
});

test('nobody in the data exists: reserved domains, an unassigned area code, wrong check digits', () => {
  for (const person of [...operators(options), ...contacts(options), ...leads(options)]) {
    if (person.email !== null) assert.match(person.email, /(@example\.(com|org)|\.example)$/);
    if (person.phone !== null) assert.match(person.phone, /^\+55 00 9/);
  }
  for (const { document } of contacts(options)) if (document !== null) assert.equal(isTaxId(document), false, document);
  for (const { tax_id } of customers(options)) assert.equal(isTaxId(tax_id), false, tax_id);
});

/** Whether the first check digit of a CPF or CNPJ is right (Receita Federal, modulo 11). */
function isTaxId(text: string): boolean {
  const digits = [...text.replaceAll(/\D/g, '')].map(Number);
  const body = digits.slice(0, -2);
  const weights = body.map((_, place) => {
    const weight = body.length + 1 - place;
    return body.length === 9 ? weight : ((weight - 2) % 8) + 2;
  });
  const rest = body.reduce((sum, digit, place) => sum + digit * (weights[place] ?? 0), 0) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digits.at(-2);
}

test('the check of tax numbers in this file accepts numbers whose check digits are right', () => {
  assert.equal(isTaxId('111.444.777-35'), true);
  assert.equal(isTaxId('11.222.333/0001-81'), true);
  assert.equal(isTaxId('111.444.777-45'), false);
});
