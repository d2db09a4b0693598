import type { Email } from 'postal-mime';

/** What a mail server says of a mail of ours (RFC 3464). */
export interface BounceReport {
  /** The id that mail had, with angle brackets; null where the report does not say. */
  readonly original: string | null;
  /** `failed` for good, `delayed` for now; the others say that all is well. */
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** RFC 3463, `5.1.1`; null where the report has none. */
  readonly code: string | null;
}

const MOST_REPORT_BYTES = 256 * 1024;

/**
 * Reads a report of delivery; null where the mail is none. Of several recipients the worst counts: our mails have one.
 * A report is believed as far as it names a mail by the id Kept gave it, which nobody can guess.
 */
export function readBounce(email: Email): BounceReport | null {
  const type = email.headers.find(({ key }) => key === 'content-type')?.value.toLowerCase() ?? '';
  if (!/^\s*multipart\/report\b/.test(type) || !/report-type\s*=\s*"?(global-)?delivery-status/.test(type)) return null;
  const status = email.attachments.find(({ mimeType }) => /^message\/(global-)?delivery-status$/.test(mimeType));
  if (status === undefined) return null;
  const fields = textOf(status.content);
  const reports = fields.split(/\r?\n\s*\r?\n/).flatMap((block) => {
    const action = /^action:\s*(failed|delayed|delivered|relayed|expanded)\b/im.exec(block)?.[1]?.toLowerCase();
    return isAction(action)
      ? [{ action, code: /^status:\s*([245]\.\d{1,3}\.\d{1,3})\b/im.exec(block)?.[1] ?? null }]
      : [];
  });
  const worst =
    reports.find(({ action }) => action === 'failed') ??
    reports.find(({ action }) => action === 'delayed') ??
    reports[0];
  if (worst === undefined) return null;
  return { ...worst, original: originalOf(email) };
}

/** The id stands in the part that returns the mail, or its headers. */
function originalOf(email: Email): string | null {
  const returned = email.attachments.find(({ mimeType }) =>
    /^(message\/(rfc822|global)|text\/rfc822-headers|message\/(global-)?rfc822-headers|message\/global-headers)$/.test(
      mimeType,
    ),
  );
  if (returned === undefined) return null;
  // A zero character could not even be looked for in the database, and would keep all mail behind this one waiting.
  return /^message-id:\s*(<[^\p{C}\p{Z}<>]{3,250}>)/imu.exec(textOf(returned.content))?.[1] ?? null;
}

function textOf(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === 'string') return content.slice(0, MOST_REPORT_BYTES);
  return Buffer.from(new Uint8Array(content).subarray(0, MOST_REPORT_BYTES)).toString('utf8');
}

function isAction(text: string | undefined): text is BounceReport['action'] {
  return text !== undefined && ['failed', 'delayed', 'delivered', 'relayed', 'expanded'].includes(text);
}
