/**
 * A promise's rule as the engines read it: one verb, normalised, references resolved to keys of the same document.
 * `rulesOf` (parse-policy.ts) makes these from a policy document; the shapes as a person writes them are in language.ts.
 */

/** ISO 8601 (`P30D`, `P6M`, `PT1M`) or `5 business days`. */
export type PeriodText = string;

/** The verbs of the language; a closed set, see docs/policy-language.md. */
export const verbs = [
  'use',
  'keep',
  'erase',
  'end',
  'answer',
  'ask',
  'record',
  'publish',
  'announce',
  'share',
  'protect',
  'tell',
  'review',
  'attest',
] as const;
export type Verb = (typeof verbs)[number];

/** What becomes of a datum when its time is up. `expire` is said of files. */
export type Fate = 'delete' | 'anonymise' | 'expire';

interface Kept {
  readonly verb: 'keep';
  /** How long a datum may outlive its period before the promise is broken; P1D unless written. */
  readonly within: PeriodText;
  /** Keys of the law pack that demand or justify the period. */
  readonly because: readonly string[];
}

/** `keep: { data, for, from, then }`: a period that starts at a clock of each datum. */
export interface KeepFor extends Kept {
  readonly form: 'for';
  readonly data: readonly string[];
  readonly for: PeriodText;
  readonly from: string;
  readonly then: Fate;
  /** Never row by row, only whole partitions or one bulk act. */
  readonly inBulk: boolean;
}

/** `keep: { data, while: account-active, plus? }`: as long as a state lasts, plus a period. */
export interface KeepWhile extends Kept {
  readonly form: 'while';
  readonly data: readonly string[];
  readonly while: 'account-active';
  readonly plus: PeriodText | null;
  readonly then: Fate;
}

/** `keep: { data, with }`: goes with its primary record (attachments). */
export interface KeepWith extends Kept {
  readonly form: 'with';
  readonly data: readonly string[];
  readonly with: string;
  readonly then: Fate;
}

/** `keep: { every: data }`: everything the policy names has a rule, and every such rule holds. */
export interface KeepEvery extends Kept {
  readonly form: 'every';
}

/** `keep: { rest-of: contract-end }`: what the exceptions of an end keep stays for its remaining time, and then goes. */
export interface KeepRest extends Kept {
  readonly form: 'rest-of';
  readonly promise: string;
}

/** `keep: { data, set-by }`: the period is somebody else's; nothing here can carry it out (always a finding). */
export interface KeepSetBy extends Kept {
  readonly form: 'set-by';
  readonly data: readonly string[];
  readonly setBy: string;
}

export type KeepRule = KeepFor | KeepWhile | KeepWith | KeepEvery | KeepRest | KeepSetBy;

/** `erase: { data, on, within }`: gone at once when the event comes. */
export interface EraseRule {
  readonly verb: 'erase';
  readonly data: readonly string[];
  readonly on: ErasingEvent;
  readonly within: PeriodText;
}

export const erasingEvents = [
  /** A platform took its authorisation back; told through the inbox. */
  'grant-revoked',
  /** A person was deleted in another system; told through the inbox. */
  'deleted-elsewhere',
  /** A person deleted their own account at Kept; Kept's own policy. */
  'account-deleted',
] as const;
export type ErasingEvent = (typeof erasingEvents)[number];

/** The events that the inbox takes: disposal follows them. */
export const receivedEvents: ReadonlySet<ErasingEvent> = new Set(['grant-revoked', 'deleted-elsewhere']);

/** `record: { data, facts?, never?, each? }`: every record has these facts, and none holds what is never recorded. */
export interface RecordRule {
  readonly verb: 'record';
  readonly data: readonly string[];
  /** Names of facts; the data map says which columns hold them. */
  readonly facts: readonly string[];
  readonly never: readonly ForbiddenFact[];
  /** What must have a record each; null where nothing says how many records there should be. */
  readonly each: RecordedThing | null;
  readonly within: PeriodText;
}

/** What is never recorded, recognised by its form. */
export const forbiddenFacts = [
  /** Numbers of payment cards, by length, beginning and check digit. */
  'payment-card',
  /** Tokens, keys and passwords in clear, by how they announce themselves. */
  'secret-in-clear',
  /** E-mail addresses, telephone numbers, CPF, CNPJ and network addresses. */
  'identifier',
] as const;
export type ForbiddenFact = (typeof forbiddenFacts)[number];

/** Things of which there is one record each: what people do at Kept (Kept's own policy). */
export const recordedThings = ['act'] as const;
export type RecordedThing = (typeof recordedThings)[number];

/** `end: { grace, except }`: after cancellation and grace everything of the account goes, but for the exceptions. */
export interface EndRule {
  readonly verb: 'end';
  readonly form: 'account';
  readonly grace: PeriodText;
  readonly within: PeriodText;
  /** Keys of promises whose data stays for its own period. */
  readonly except: readonly string[];
}

/** `end: { confirms, to, within }`: the owner is told what was disposed of and what is kept, why and until when. */
export interface EndConfirmationRule {
  readonly verb: 'end';
  readonly form: 'confirmation';
  readonly confirms: string;
  readonly to: 'account-owner';
  readonly within: PeriodText;
}

/** `protect: { measure, data?, within? }`: a measure is in force, looked at by a probe. */
export interface ProtectRule {
  readonly verb: 'protect';
  readonly measure: ProtectiveMeasure;
  readonly data: readonly string[];
  readonly within: PeriodText;
}

export const protectiveMeasures = [
  /** Values of the dataset's secret field are envelopes, not plain text. */
  'encrypted-field',
  /** Each remaining secret's encryption key is still there. */
  'keys-present',
  /** Addresses are stored with their host part zeroed. */
  'anonymised-ip',
  /** No field holds a personal identifier. */
  'no-identifiers',
  /** What disposal deleted has been vacuumed, so that its space is usable again. */
  'space-released',
  /** Passwords, tokens and keys stand there as hashes of an accepted kind. */
  'hashed-secrets',
  /** Whoever has a privileged role has a second factor. */
  'second-factor',
  /** The application owns nothing in its database, bypasses no wall and cannot change the record. */
  'least-privilege',
  /** Attempts to sign in are counted by address and e-mail together, and refused beyond the limit. */
  'sign-in-limits',
  /** The public address answers over TLS 1.2 or later only. */
  'encrypted-in-transit',
  /** The session's cookie is out of reach of scripts, of other sites and of networks that anybody reads. */
  'session-cookies',
  /** Whatever the server must be able to read again is sealed with a key that is not in its database. */
  'sealed-secrets',
  /** No announcement was taken over by the mail server after its recipient had opted out. */
  'opt-outs-honoured',
  /** Every message is of a known kind, and of the purpose that its kind is for. */
  'mail-purposes',
  /** Mailboxes that people write to are read within the hour, and a test mail to them arrives. */
  'dpo-channel',
  /** Every webhook that left is signed, and none can be made to reach a private address. */
  'signed-webhooks',
] as const;
export type ProtectiveMeasure = (typeof protectiveMeasures)[number];

/** Measures of Kept itself rather than of a dataset; promised by Kept's own policy. */
export const serverMeasures: ReadonlySet<ProtectiveMeasure> = new Set([
  'second-factor',
  'least-privilege',
  'sign-in-limits',
  'encrypted-in-transit',
  'session-cookies',
  'sealed-secrets',
  'opt-outs-honoured',
  'mail-purposes',
  'dpo-channel',
  'signed-webhooks',
]);

/** Measures that are about whole stores, and so name no data. */
export const measuresWithoutData: ReadonlySet<ProtectiveMeasure> = new Set(['space-released', ...serverMeasures]);

export type Rule = KeepRule | EraseRule | EndRule | EndConfirmationRule | ProtectRule | RecordRule;
