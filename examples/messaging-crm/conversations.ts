import { daysBefore } from './ages.ts';
import {
  type Account,
  accounts,
  between,
  type Contact,
  contacts,
  type GenerateOptions,
  lastActiveAt,
} from './people.ts';
import { randomFrom } from './random.ts';
import { messageBody } from './texts.ts';

export interface Conversation {
  readonly id: number;
  readonly account_id: string;
  readonly contact_id: number;
  readonly channel: string;
  readonly opened_at: Date;
  readonly closed_at: Date | null;
}

interface Thread {
  readonly conversation: Conversation;
  readonly contact: Contact;
  readonly lines: number;
}

const MINUTE_MS = 60_000;

/** Conversations in the order they began, each with the number of its messages. */
export function threads(options: GenerateOptions): Thread[] {
  const random = randomFrom(options.seed, 'conversation');
  const byId = new Map<string, Account>(accounts(options).map((account) => [account.id, account]));
  const begun = contacts(options).flatMap((contact) => {
    const account = byId.get(contact.account_id);
    if (account === undefined) return [];
    const end = lastActiveAt(account, options.at);
    // Nobody keeps two years of chat open: conversations began within the last 18 months of the account.
    const start = new Date(Math.max(contact.created_at.getTime(), daysBefore(end, 540).getTime()));
    return Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () => {
      const opened_at = between(start, end, random.next() * 0.995);
      return { contact, opened_at, lines: random.between(2, 13), channel: random.pick(channels) };
    });
  });
  begun.sort((a, b) => a.opened_at.getTime() - b.opened_at.getTime());
  return begun.map(({ contact, opened_at, lines, channel }, place) => {
    const closes = opened_at.getTime() + lines * 40 * MINUTE_MS;
    const closed_at = closes < options.at.getTime() ? new Date(closes) : null;
    const conversation = {
      id: place + 1,
      account_id: contact.account_id,
      contact_id: contact.id,
      channel,
      opened_at,
      closed_at,
    };
    return { conversation, contact, lines };
  });
}

const channels = ['whatsapp', 'whatsapp', 'marketplace', 'site'] as const;

/** Every message in the order of its conversation; about one in seventy carries a file. */
export function* messages(options: GenerateOptions, all: readonly Thread[]) {
  const random = randomFrom(options.seed, 'message');
  let id = 0;
  for (const { conversation, contact, lines } of all) {
    let sent = conversation.opened_at.getTime();
    for (let line = 0; line < lines; line++) {
      id += 1;
      const direction = line % 2 === 0 ? ('in' as const) : ('out' as const);
      yield {
        id,
        conversation_id: conversation.id,
        account_id: conversation.account_id,
        direction,
        body: messageBody(random, direction, contact.name),
        sent_at: new Date(Math.min(sent, options.at.getTime())),
      };
      sent += random.between(1, 70) * MINUTE_MS;
    }
  }
}

const kinds = [
  { type: 'image/jpeg', ending: 'jpg' },
  { type: 'image/png', ending: 'png' },
  { type: 'application/pdf', ending: 'pdf' },
  { type: 'audio/ogg', ending: 'ogg' },
] as const;

/** The files that came with messages, as rows; `fileContent` makes the bytes on the volume. */
export function* attachments(
  options: GenerateOptions,
  sent: Iterable<{ id: number; account_id: string; sent_at: Date }>,
) {
  const random = randomFrom(options.seed, 'attachment');
  let id = 0;
  for (const message of sent) {
    if (!random.chance(1 / 70)) continue;
    id += 1;
    const kind = random.pick(kinds);
    const month = message.sent_at.toISOString().slice(0, 7);
    yield {
      id,
      message_id: message.id,
      path: `${message.account_id}/${month}/${id}.${kind.ending}`,
      content_type: kind.type,
      bytes: random.between(180, 700),
      stored_at: message.sent_at,
    };
  }
}
