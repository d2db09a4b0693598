import { createHash } from 'node:crypto';
import { htmlToText } from 'html-to-text';
import PostalMime, { type Address, type Attachment, addressParser, decodeWords, type Email } from 'postal-mime';
import { isAutoReply } from './auto-reply.ts';
import { type BounceReport, readBounce } from './bounce-report.ts';
import type { MailDefect } from './mailbox-contract.ts';

/** A mail as Kept understands it. Everything in it was written by somebody else: it is shown, never obeyed. */
export interface ParsedMail {
  /** SHA-256 over what two deliveries of the same mail have in common. */
  readonly fingerprint: Uint8Array;
  readonly kind: 'mail' | 'auto-reply' | 'bounce';
  /** With angle brackets, as are the following; null where there is none, or it is of no use. */
  readonly messageId: string | null;
  /** Ids that it answers, the nearest first, 50 at most. */
  readonly answers: readonly string[];
  readonly from: Correspondent | null;
  /** Where an answer goes: `Reply-To`, else `From`. */
  readonly answerTo: Correspondent | null;
  /** Bare addresses, 50 at most. */
  readonly to: readonly string[];
  /** Every address it was delivered to or sent to, for what stands behind a plus. */
  readonly deliveredTo: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Whether its text was made from a page. */
  readonly wasPage: boolean;
  readonly datedAt: Date | null;
  readonly defects: readonly MailDefect[];
  readonly bounce: BounceReport | null;
  readonly attachments: readonly ParsedAttachment[];
}

export interface Correspondent {
  readonly name: string;
  readonly mailAddress: string;
}

export interface ParsedAttachment {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

const MOST_TEXT = 200_000;
const MOST_PAGE = 1_000_000;
/** The time that a page takes grows with the square of how deep its elements stand in each other. */
const MOST_ELEMENTS = 50_000;
const MOST_ATTACHMENTS = 50;
const MOST_IDS = 50;

/**
 * Parses a mail. Runs in a thread of its own (`mail-parser.ts`), since what strangers send may be made to keep a parser
 * busy for good.
 * @param raw the mail, or its beginning where it is too large
 * @param isWhole false where only its headers and a little more are there
 */
export async function parseMail(raw: Uint8Array, isWhole = true): Promise<ParsedMail> {
  const email = await PostalMime.parse(raw, {
    // What a mail carries within it is an attachment like any other, and not opened.
    forceRfc822Attachments: true,
    maxNestingDepth: 50,
    maxHeadersSize: 512 * 1024,
  });
  const page = email.html ?? '';
  const hasText = (email.text ?? '').trim() !== '';
  const wasPage = !hasText && page !== '';
  const readable = wasPage ? beginningOf(page) : '';
  const text = clean(wasPage ? pageAsText(readable) : (email.text ?? ''));
  const bounce = readBounce(email);
  const attachments = bounce === null ? email.attachments : email.attachments.filter(isNotOfReport);
  const defects: MailDefect[] = [];
  if (!isWhole) defects.push('too-large');
  if (text.length > MOST_TEXT || readable.length < (wasPage ? page.length : 0)) defects.push('text-cut');
  if (attachments.length > MOST_ATTACHMENTS) defects.push('attachments-left-out');
  return {
    ...envelopeOf(email),
    fingerprint: fingerprintOf(raw, email),
    kind: bounce !== null ? 'bounce' : isAutoReply(email) ? 'auto-reply' : 'mail',
    text: text.slice(0, MOST_TEXT).toWellFormed(),
    wasPage,
    defects,
    bounce,
    attachments: isWhole ? attachments.slice(0, MOST_ATTACHMENTS).map(attachmentOf) : [],
  };
}

/** What can be said of a mail that no parser understands: what its headers look like, and its beginning as it came. */
export function parseRoughly(raw: Uint8Array): ParsedMail {
  const text = Buffer.from(raw.subarray(0, 64 * 1024)).toString('utf8');
  const end = /\r?\n\r?\n/.exec(text);
  const head = text.slice(0, end?.index ?? 8_000);
  const header = (name: string) => {
    const found = new RegExp(`^${name}:[ \\t]*([^\\r\\n]{0,998}(?:\\r?\\n[ \\t][^\\r\\n]{0,998}){0,50})`, 'im').exec(
      head,
    );
    return found?.[1]?.replaceAll(/\s+/g, ' ').trim() ?? '';
  };
  const from = firstOf(addressParser(header('From').slice(0, 2_000), { flatten: true }));
  const body = end === null ? text : text.slice(end.index);
  return {
    fingerprint: createHash('sha256').update('rough').update(raw).digest(),
    kind: /^(?!no\b)\S/i.test(header('Auto-Submitted')) ? 'auto-reply' : 'mail',
    messageId: idsOf(header('Message-ID'))[0] ?? null,
    answers: [...idsOf(header('In-Reply-To')), ...idsOf(header('References')).reverse()].slice(0, MOST_IDS),
    from,
    answerTo: from,
    to: [],
    deliveredTo: [],
    subject: line(decodeWords(header('Subject'))),
    text: clean(body).slice(0, 4_000).toWellFormed(),
    wasPage: false,
    datedAt: null,
    defects: ['malformed'],
    bounce: null,
    attachments: [],
  };
}

function envelopeOf(email: Email) {
  const from =
    firstOf(email.from === undefined ? [] : [email.from]) ?? firstOf(email.sender === undefined ? [] : [email.sender]);
  const to = [...(email.to ?? []), ...(email.cc ?? [])].flatMap(mailboxesOf);
  const delivered = email.headers
    .filter(({ key }) => key === 'delivered-to' || key === 'x-original-to' || key === 'envelope-to')
    .map(({ value }) => value.trim());
  const answers = [...idsOf(email.inReplyTo), ...idsOf(email.references).reverse()];
  const dated = new Date(email.date ?? '');
  return {
    messageId: idsOf(email.messageId)[0] ?? null,
    answers: [...new Set(answers)].slice(0, MOST_IDS),
    from,
    answerTo: firstOf(email.replyTo ?? []) ?? from,
    to: to.map(({ mailAddress }) => mailAddress).slice(0, MOST_IDS),
    deliveredTo: [...delivered, ...to.map(({ mailAddress }) => mailAddress)]
      .filter((address) => address.length <= 320)
      .slice(0, 2 * MOST_IDS),
    subject: line(email.subject ?? ''),
    datedAt:
      Number.isNaN(dated.getTime()) || dated.getUTCFullYear() < 1970 || dated.getUTCFullYear() > 2200 ? null : dated,
  };
}

/**
 * Turns a page into text. Links stand beside their words, so that nobody is led elsewhere than they read; pictures are
 * left out, so that nothing is fetched.
 */
export function pageAsText(page: string): string {
  return htmlToText(page, {
    wordwrap: false,
    limits: { maxInputLength: MOST_PAGE, maxDepth: 100, maxChildNodes: 20_000, ellipsis: '…' },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'style', format: 'skip' },
      { selector: 'script', format: 'skip' },
      { selector: 'title', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      { selector: 'table', format: 'dataTable', options: { maxColumnWidth: 60, uppercaseHeaderCells: false } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
}

/** As much of a page as is read. */
function beginningOf(page: string): string {
  let at = -1;
  for (let elements = 0; elements < MOST_ELEMENTS; elements += 1) {
    at = page.indexOf('<', at + 1);
    if (at === -1 || at >= MOST_PAGE) return page.slice(0, MOST_PAGE);
  }
  return page.slice(0, at);
}

/** The parts of a report that say what it is about; they are read, not kept. */
function isNotOfReport({ mimeType }: Attachment): boolean {
  return !/^message\/|^text\/rfc822-headers$/.test(mimeType);
}

function attachmentOf(attachment: Attachment): ParsedAttachment {
  const { content, mimeType, filename } = attachment;
  return {
    name: fileName(filename ?? (mimeType === 'message/rfc822' ? 'message.eml' : '')),
    mediaType: /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(mimeType) ? mimeType : 'application/octet-stream',
    content: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
  };
}

/** A name without a path and without what could make it read as another. */
function fileName(text: string): string {
  const last = text.split(/[\\/]/).at(-1) ?? '';
  return line(last)
    .replace(/^\.+/, '')

    .replaceAll(/[<>:"|?*]/g, '_')
    .slice(0, 150)
    .toWellFormed();
}

/** Trace headers differ between two deliveries of one mail; these do not. */
function fingerprintOf(raw: Uint8Array, email: Email): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  const end = crlf !== -1 && (lf === -1 || crlf < lf) ? crlf + 4 : lf === -1 ? bytes.length : lf + 2;
  const hash = createHash('sha256');
  for (const name of ['message-id', 'date', 'from', 'to', 'subject', 'content-type'])
    hash.update(`${name}\0${email.headers.find(({ key }) => key === name)?.value ?? ''}\0`);
  return hash.update(bytes.subarray(end)).digest();
}

/** `<id@host>` of a header, without what is no use as an id. */
function idsOf(header: string | undefined): string[] {
  return [...(header ?? '').slice(0, 50_000).matchAll(/<[^\p{C}\p{Z}<>]{3,250}>/gu)].map(([id]) => id);
}

function firstOf(addresses: readonly Address[]): Correspondent | null {
  return addresses.flatMap(mailboxesOf)[0] ?? null;
}

function mailboxesOf(address: Address): Correspondent[] {
  if (address.group !== undefined) return address.group.flatMap((member) => mailboxesOf(member));
  const mailAddress = line(address.address).slice(0, 320);
  return mailAddress.includes('@') ? [{ name: line(address.name), mailAddress }] : [];
}

/** One line, at most 500 characters, without control characters and marks that turn the direction of writing. */
function line(text: string): string {
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/\p{Bidi_Control}/gu, '');
  return [...plain.trim()].slice(0, 500).join('');
}

/** Text as the database and a screen can hold it: line breaks and tabs, no other control characters. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll(/\n{4,}/g, '\n\n\n')
    .trim();
}
