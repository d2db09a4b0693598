import type { Language } from '../access/contract.ts';

/**
 * A piece of a message. Text and HTML are both made from it, so neither says what the other does not. `language` where
 * it is not the message's own, so that a screen reader pronounces it right.
 */
export type MailBlock = MailPiece & { readonly language?: Language };

type MailPiece =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** A paragraph whose line breaks somebody meant. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  /** `url` is http or https; its own text is shown, so that nobody has to trust a label. */
  | { readonly kind: 'link'; readonly label: string; readonly url: string };

/** What a template says, in plain strings: whatever they hold is shown, never interpreted. */
export interface MailDraft {
  readonly subject: string;
  readonly blocks: readonly MailBlock[];
  /** Small print under the rule: who sends this and why. */
  readonly footer: string;
}

declare const composed: unique symbol;
/** A message ready to send. Only `composeMail` makes one, so that no figure reaches HTML unescaped. */
export interface ComposedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly [composed]: true;
}

const optOutWords: Readonly<Record<Language, { readonly why: string; readonly link: string }>> = {
  en: {
    why: 'This is an announcement. You can decline them at any time, without signing in.',
    link: 'No more of these',
  },
  'pt-BR': {
    why: 'Isto é um anúncio. Você pode recusá-los a qualquer momento, sem entrar em lugar nenhum.',
    link: 'Não receber mais',
  },
  es: {
    why: 'Esto es un anuncio. Puede rechazarlos en cualquier momento, sin iniciar sesión.',
    link: 'No recibir más',
  },
};

/** The message with the way out that every announcement has, as its last words. */
export function withOptOutLink(language: Language, mail: ComposedMail, url: string): ComposedMail {
  const { why, link } = optOutWords[language];
  const address = escapeHtml(webAddress(url));
  const added = {
    ...mail,
    text: `${mail.text}\n${why}\n${link}:\n${webAddress(url)}\n`,
    html: mail.html.replace(
      END,
      () =>
        `<p style="${STYLE.smallPrint}">${escapeHtml(why)} <a href="${address}">${escapeHtml(link)}</a></p>\n${END}`,
    ),
  };
  return added;
}

/**
 * Sets a message: text for those who read text, a plain accessible page for the others. No image, no script, no style
 * sheet from elsewhere, no tracking.
 * @throws Error when a link is not http or https, or a subject is empty: a mistake of the template
 */
export function composeMail(language: Language, draft: MailDraft): ComposedMail {
  const subject = singleLine(draft.subject);
  if (subject === '') throw new Error('a message needs a subject');
  const mail = { subject, text: asText(draft), html: asHtml(language, subject, draft) };
  // The brand exists for the compiler only.
  return mail as ComposedMail;
}

// Control characters and the line and paragraph separators: a subject with a line break would start a header of its own.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
// Marks that turn the direction of writing could make an address or a figure read as another.
const DIRECTION = /\p{Bidi_Control}/gu;

/** One line without control characters, at most 200 characters. */
export function singleLine(text: string): string {
  const line = text.toWellFormed().replace(CONTROL, ' ').replace(DIRECTION, '').trim();
  return [...line].slice(0, 200).join('');
}

/** Text for an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function plain(text: string): string {
  return text.toWellFormed().replace(CONTROL, ' ').replace(DIRECTION, '');
}

function asText(draft: MailDraft): string {
  return `${[...draft.blocks.map(blockAsText), '-- ', plain(draft.footer)].join('\n\n')}\n`;
}

function blockAsText(block: MailBlock): string {
  switch (block.kind) {
    case 'paragraph':
      return plain(block.text);
    case 'heading':
      return plain(block.text).toUpperCase();
    case 'lines':
      return block.lines.map(plain).join('\n');
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'table':
      return [
        plain(block.caption),
        ...block.rows.map((row) =>
          row.map((cell, at) => `  ${plain(block.head[at] ?? '')}: ${plain(cell)}`).join('\n'),
        ),
      ].join('\n\n');
    case 'link':
      return `${plain(block.label)}:\n${webAddress(block.url)}`;
  }
}

const STYLE = {
  body: 'margin:0;padding:24px;background:#ffffff;color:#1b1f24;font:16px/1.5 Georgia,serif',
  main: 'max-width:38em;margin:0 auto',
  heading: 'font-size:18px;margin:24px 0 8px',
  table: 'border-collapse:collapse;width:100%;margin:16px 0;font-variant-numeric:tabular-nums',
  caption: 'text-align:left;font-weight:bold;padding:8px 0',
  head: 'text-align:left;vertical-align:bottom;font-weight:normal;color:#4a525c;padding:6px 12px 6px 0;border-bottom:1px solid #4a525c',
  cell: 'text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid #c9ced6',
  smallPrint: 'color:#4a525c;font-size:14px',
  footer: 'margin-top:32px;padding-top:12px;border-top:1px solid #c9ced6;color:#4a525c;font-size:14px',
} as const;

/** Where the page ends; it stands in a message once, since `<` of a figure is escaped. */
const END = '</main>';

function asHtml(language: Language, subject: string, draft: MailDraft): string {
  return `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title>${escapeHtml(subject)}</title>
</head>
<body style="${STYLE.body}">
<main style="${STYLE.main}">
<h1 style="font-size:22px;margin:0 0 16px">${escapeHtml(subject)}</h1>
${draft.blocks.map((block) => inItsLanguage(block, language)).join('\n')}
<p style="${STYLE.footer}">${escapeHtml(draft.footer)}</p>
${END}
</body>
</html>
`;
}

function inItsLanguage(block: MailBlock, language: Language): string {
  const html = blockAsHtml(block);
  if (block.language === undefined || block.language === language) return html;
  return `<div lang="${block.language}">${html}</div>`;
}

function blockAsHtml(block: MailBlock): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'heading':
      return `<h2 style="${STYLE.heading}">${escapeHtml(block.text)}</h2>`;
    case 'lines':
      return `<p>${block.lines.map(escapeHtml).join('<br>')}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
    case 'table':
      return tableAsHtml(block);
    case 'link': {
      const url = escapeHtml(webAddress(block.url));
      return `<p>${escapeHtml(block.label)}: <a href="${url}">${url}</a></p>`;
    }
  }
}

function tableAsHtml(block: MailPiece & { kind: 'table' }): string {
  const head = block.head.map((cell) => `<th scope="col" style="${STYLE.head}">${escapeHtml(cell)}</th>`).join('');
  const rows = block.rows.map(
    (row) => `<tr>${row.map((cell) => `<td style="${STYLE.cell}">${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  const caption = `<caption style="${STYLE.caption}">${escapeHtml(block.caption)}</caption>`;
  return `<table style="${STYLE.table}">${caption}<thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function webAddress(text: string): string {
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('a link in a message is http or https');
  return url.href;
}
