import type { Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Language } from './contract.ts';

/**
 * How access has mails sent, in the caller's transaction. It lies below messages/, so `app.ts` hands in what does it;
 * the templates stand in `messages/access-mail.ts`.
 */
export type MailQueue = (
  tx: Tx,
  order: {
    readonly template: AccessMail;
    readonly to: string;
    readonly language: Language;
    /** What the template fills in. */
    readonly figures: Json;
    /** Opaque, unique in the organisation; holds no personal data. */
    readonly idempotencyKey: string;
  },
) => Promise<Id<'Message'>>;

/** What became of a mail; undefined where nobody knows. */
export type MailFinder = (
  tx: Tx,
  message: Id<'Message'>,
) => Promise<{ readonly state: 'queued' | 'sent' | 'bounced' | 'failed' } | undefined>;

/** What access has to say by mail. */
export type AccessMail =
  | 'email-verification'
  | 'password-reset'
  | 'invitation'
  | 'password-changed'
  | 'email-changed'
  | 'factors-reset'
  | 'new-device';
