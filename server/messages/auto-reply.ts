import type { Email } from 'postal-mime';

/**
 * Whether a machine wrote it, in answer to a mail or on its own (RFC 3834, 5; and what older and other systems write
 * instead). Nothing answers such a mail by itself, and it does not count as the last word in a thread.
 */
export function isAutoReply(email: Pick<Email, 'headers' | 'returnPath' | 'subject' | 'inReplyTo'>): boolean {
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
  if (email.returnPath === '<>' || email.returnPath === '') return true;
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

/** How answers of machines begin that say so nowhere else. */
const SUBJECT =
  /^\s*(auto(matic|matische)?[ -]?(reply|response|antwort)|out of (the )?office|resposta autom[aá]tica|ausência|fora do escrit[oó]rio|respuesta autom[aá]tica|fuera de (la )?oficina)\b/i;
