import type { Email } from 'postal-mime';

/**
 * Whether a machine wrote it, in answer to a mail or on its own (RFC 3834, 5; and what older and other systems write
 * instead). Nothing answers such a mail by itself, and it does not count as the last word in a thread.
 */
export function isAutoReply(email: Pick<Email, 'headers' | 'subject'>): boolean {
  const header = (name: string) =>
    email.headers
      .find(({ key }) => key === name)
      ?.value.trim()
      .toLowerCase() ?? '';
  const submitted = header('auto-submitted');
  if (submitted !== '' && !/^no\b/.test(submitted)) return true;
  if (/^(auto[_-]reply|bulk|junk)\b/.test(header('precedence'))) return header('list-id') === '';
  if (MARKS.some((name) => header(name) !== '')) return true;
  if (/^multipart\/report\b/.test(header('content-type'))) return true;
  // Nobody is to be told when it does not arrive (RFC 5321, 4.5.5).
  if (header('return-path') === '<>') return true;
  return header('in-reply-to') !== '' && SUBJECT.test(email.subject ?? '');
}

/** Headers that only answering machines write. */
const MARKS = [
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-auto-reply-from',
  'x-mail-autoreply',
  'x-vacation',
];

/** How answers of machines begin that say so nowhere else; some write their accents in no charset at all. */
const SUBJECT =
  /^\s*(auto(matic|matische)?[ -]?(reply|response|antwort)|out of (the )?office|resposta autom.{1,3}tica|fora do escrit.{1,3}rio|respuesta autom.{1,3}tica|fuera de (la )?oficina)\b/i;
