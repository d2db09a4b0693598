import { readFileSync } from 'node:fs';
import { generateSync } from 'otplib';
import { z } from 'zod';
import type { EntryKind } from '../ledger/kinds-contract.ts';
import type { Clock } from '../platform/clock.ts';
import type { OrganisationId } from '../platform/contract.ts';
import { type HttpServer, openHttp } from '../platform/http.ts';
import { brand, newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { openTestPlatform, type TestPlatform } from '../platform/test-database.ts';
import { authoriserOf } from './authorise.ts';
import { organisationHeader, type Role, roleSchema } from './contract.ts';
import { confirmPendingTotp, upsertPendingTotp } from './factor-store.ts';
import type { MailFinder, MailQueue } from './mail-queue.ts';
import { insertMembership } from './member-store.ts';
import { newTotpSecret } from './one-time-code.ts';
import { type Access, openAccess } from './open-access.ts';
import { openSession } from './open-session.ts';
import { selectOrganisation } from './organisation-store.ts';
import { hashPassword } from './password-hash.ts';
import { insertPerson, type PersonId } from './person-store.ts';
import { registerAccessRoutes } from './routes.ts';
import { cookieName } from './session-cookie.ts';
import { registerAccessTasks } from './tasks.ts';
import { watchViews } from './watch-views.ts';

/** What every person of the fixture signs in with. */
export const testPassword = 'correct battery staple horse';

/** Somebody with everything they know and have. */
export interface TestPerson {
  readonly id: PersonId;
  readonly email: string;
  readonly password: string;
  /** Base32; null without an authenticator. */
  readonly totp: string | null;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The cookie of the session it gives, ready for the header `cookie`; undefined where it gives none. */
  readonly cookie: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked at in tests
  json(): any;
}

/** An entry of the ledger. */
export interface TestEntry {
  readonly actor: { readonly kind: string; readonly id: string };
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server that listens, with an organisation and a member of every role. */
export interface TestAccess extends TestPlatform {
  readonly access: Access;
  readonly http: HttpServer;
  /** `http://127.0.0.1:…` */
  readonly address: string;
  /** Slug of the first organisation. */
  readonly slug: string;
  /** Headers of the local key for the first organisation, or another. */
  keyOf(slug?: string): Record<string, string>;
  /** Members of the first organisation. Owner, admin and dpo have an authenticator; the others have none. */
  readonly people: Readonly<Record<Role, TestPerson>>;
  /** Makes a person, and a member where an organisation is given. */
  addPerson(options?: {
    readonly organisationId?: OrganisationId;
    readonly role?: Role;
    /** Whether with an authenticator; by default those whose role demands one. */
    readonly totp?: boolean;
    readonly email?: string;
    readonly isEmailVerified?: boolean;
    readonly passwordHash?: string | null;
  }): Promise<TestPerson>;
  /**
   * A complete session of the person, or of the member with a role, as header `cookie`.
   * @param options `fresh`: whether they signed in just now, else eleven minutes ago (default: fresh);
   * `organisationId` to begin in
   */
  cookieOf(
    who: Role | TestPerson,
    options?: { readonly fresh?: boolean; readonly organisationId?: OrganisationId },
  ): Promise<string>;
  /** A code of the person's authenticator for the clock's present, `later` steps of 30 s on. Each works once. */
  codeOf(person: TestPerson, later?: number): string;
  /** What was recorded of a kind in an organisation, the first one when absent; oldest first. */
  entriesOf(kind: EntryKind, organisationId?: string): Promise<TestEntry[]>;
  /**
   * Calls over HTTP as a browser on Kept's own page does (`sec-fetch-site: same-origin`).
   * @param who headers, the value of a cookie, or a role
   */
  call(method: string, path: string, who?: Record<string, string> | string, body?: unknown): Promise<TestAnswer>;
}

export interface TestAccessOptions {
  readonly clock?: Clock;
  /** Variables of the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where mails go: `queueMail` and `findMessage` of messages/, which lies above. Nowhere when absent. */
  readonly queueMail?: MailQueue;
  readonly findMail?: MailFinder;
  /** Registers what else the server is to answer. */
  readonly register?: (http: HttpServer, platform: Platform, access: Access) => void | Promise<void>;
}

/** Opens one. Call `close` in `after`. */
export async function openTestAccess(options: TestAccessOptions = {}): Promise<TestAccess> {
  const { clock, environment } = options;
  const opened = await openTestPlatform({
    ...(clock !== undefined && { clock }),
    ...(environment !== undefined && { environment }),
  });
  const { platform, organisationId } = opened;
  const access = await openAccess(platform, {
    queueMail: options.queueMail ?? (() => Promise.resolve(newId<'Message'>(platform.clock.now()))),
    findMail: options.findMail ?? (() => Promise.resolve(undefined)),
  });
  const http = openHttp(platform, authoriserOf(access), watchViews(platform));
  await registerAccessTasks(access);
  registerAccessRoutes(http, access);
  await options.register?.(http, platform, access);
  const address = await http.listen();
  const slug = (await platform.db.globalTransaction((tx) => selectOrganisation(tx, organisationId)))?.slug ?? '';
  const shared = await hashPassword(testPassword);
  const addPerson: TestAccess['addPerson'] = (wanted = {}) => makePerson(access, shared, wanted);
  const people = await makeMembers(addPerson, organisationId);
  const key = readFileSync(access.localKey.file, 'utf8').trim();

  async function cookieOf(who: Role | TestPerson, wanted: { fresh?: boolean; organisationId?: OrganisationId } = {}) {
    const person = typeof who === 'string' ? people[who] : who;
    const { token, session } = await openSession(access, {
      personId: person.id,
      methods: person.totp === null ? ['password'] : ['password', 'totp'],
      ...(wanted.organisationId !== undefined && { organisationId: wanted.organisationId }),
    });
    if (wanted.fresh === false) await agePresence(access, session.tokenHash);
    return `${cookieName(platform.config)}=${token}`;
  }

  return {
    ...opened,
    access,
    http,
    address,
    slug,
    people,
    addPerson,
    cookieOf,
    keyOf: (named = slug) => ({ authorization: `Bearer ${key}`, [organisationHeader]: named }),
    codeOf: (person, later = 0) => {
      const epoch = Math.floor(platform.clock.now().getTime() / 1000) + later * 30;
      return generateSync({ secret: person.totp ?? '', epoch });
    },
    entriesOf: (kind, of = organisationId) => selectEntries(platform, organisationIdOf(of), kind),
    call: async (method, path, who = {}, body) => {
      const headers = typeof who === 'string' ? { cookie: await cookieFor(who, cookieOf) } : who;
      return send(`${address}${path}`, method, headers, body);
    },
    async close() {
      await http.close();
      await opened.close();
    },
  };
}

async function cookieFor(who: string, cookieOf: (role: Role) => Promise<string>): Promise<string> {
  const role = roleSchema.safeParse(who);
  return role.success ? cookieOf(role.data) : who;
}

async function makeMembers(addPerson: TestAccess['addPerson'], organisationId: OrganisationId) {
  const member = (role: Role) => addPerson({ organisationId, role });
  return {
    owner: await member('owner'),
    admin: await member('admin'),
    dpo: await member('dpo'),
    engineer: await member('engineer'),
    agent: await member('agent'),
    auditor: await member('auditor'),
  };
}

async function makePerson(
  access: Access,
  sharedHash: string,
  wanted: NonNullable<Parameters<TestAccess['addPerson']>[0]>,
): Promise<TestPerson> {
  const { platform } = access;
  const id = newId<'Person'>(platform.clock.now());
  const { role, organisationId } = wanted;
  const email = wanted.email ?? `${role ?? 'somebody'}-${id.slice(-12)}@example.com`;
  const hasTotp = wanted.totp ?? ['owner', 'admin', 'dpo'].includes(role ?? '');
  const totp = hasTotp ? newTotpSecret() : null;
  await platform.db.globalTransaction(async (tx) => {
    await insertPerson(tx, {
      id,
      name: `Test ${role ?? 'person'}`,
      email,
      isEmailVerified: wanted.isEmailVerified ?? true,
      passwordHash: wanted.passwordHash === undefined ? sharedHash : wanted.passwordHash,
      language: 'en',
    });
    if (organisationId !== undefined)
      await insertMembership(tx, { organisationId, personId: id, role: role ?? 'agent' });
    if (totp === null) return;
    const sealed = platform.seal.close(totp, 'totp', id);
    await upsertPendingTotp(tx, id, sealed);
    await confirmPendingTotp(tx, id, sealed, null);
  });
  return { id, email, password: testPassword, totp };
}

/** The session began, and what was shown was shown, eleven minutes ago. */
async function agePresence({ platform }: Access, tokenHash: Buffer): Promise<void> {
  await platform.db.globalTransaction(async ({ db, at }) => {
    const before = new Date(at.getTime() - 11 * 60_000);
    const aged = db.updateTable('access.session').where('token_hash', '=', tokenHash);
    await aged.set({ created_at: before }).execute();
    await aged.set({ confirmed_at: before }).where('confirmed_at', 'is not', null).execute();
    await aged.set({ password_shown_at: before }).where('password_shown_at', 'is not', null).execute();
  });
}

const leafSchema = z.object({
  actor: z.object({ kind: z.string(), id: z.string() }),
  body: z.record(z.string(), z.unknown()),
});

/** As long as no task has given them their place in the log, which the fixture does not run. */
async function selectEntries(platform: Platform, organisationId: OrganisationId, kind: EntryKind) {
  const rows = await platform.db.transaction(organisationId, ({ db }) =>
    db
      .selectFrom('ledger.pending')
      .select('leaf')
      .where('organisation_id', '=', organisationId)
      .where('kind', '=', kind)
      .orderBy('entry_id')
      .execute(),
  );
  return rows.map(({ leaf }) => leafSchema.parse(JSON.parse(leaf)));
}

async function send(
  address: string,
  method: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<TestAnswer> {
  const answer = await fetch(address, {
    method,
    redirect: 'manual',
    headers: {
      'sec-fetch-site': 'same-origin',
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const cookie = answer.headers.getSetCookie().find((line) => /kept_session=[^;]/.test(line));
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    cookie: cookie?.split(';')[0],
    json: () => JSON.parse(text),
  };
}

/** The id of an organisation as its kind. */
export function organisationIdOf(text: string): OrganisationId {
  return brand<'Organisation'>(text);
}
