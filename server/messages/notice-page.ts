import { createHash } from 'node:crypto';
import type { Language } from '../access/contract.ts';
import { contentSecurityPolicy } from '../platform/http.ts';
import { mayTakeEffectOn } from './bring-notice-into-force.ts';
import { escapeHtml, type MailBlock } from './compose-mail.ts';
import type { NoticeWithTexts } from './find-notice.ts';
import { blocksOf, languageFor, languagesOf, textIn } from './notice-text.ts';
import { dayInWords, noticeWords } from './notice-words.ts';
import type { NoticeText } from './notices-contract.ts';
import { civilDateIn } from './organisation-calendar.ts';

const STYLE = `
:root { color-scheme: light; }
body { margin: 0; padding: 2rem 1rem; background: #fff; color: #1b1f24; font: 1.125rem/1.55 Georgia, serif; }
main, nav, footer { max-width: 38rem; margin: 0 auto 2rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .25rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
.about { margin: 0; color: #4a525c; }
.state { margin: 0 0 1.5rem; padding: .75rem 1rem; border: 1px solid #1b1f24; border-left-width: .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 2rem 0; padding: 1rem 0; border: solid #c9ced6; border-width: 1px 0; font-variant-numeric: tabular-nums; }
dt { color: #4a525c; } dd { margin: 0; }
a { color: #1a4f8f; overflow-wrap: anywhere; }
nav a { display: inline-block; padding: .4rem .75rem .4rem 0; }
a:focus-visible { outline: 3px solid #1a5fb4; outline-offset: 2px; }
footer { color: #4a525c; font-size: 1rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { nav { display: none; } body { padding: 0; font-size: 11pt; } a[href^="http"]::after { content: " (" attr(href) ")"; } h1, h2, dl { break-after: avoid; break-inside: avoid; } }
`;

/** The page carries its one style sheet itself, so that nothing is loaded; the policy names it by its hash. */
export const noticePagePolicy = contentSecurityPolicy
  .replace("style-src 'self'", `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`)
  .replace("script-src 'self'", "script-src 'none'");

/**
 * The public page of a notice: what changes, from when, announced how long ahead. It works without JavaScript, prints,
 * and notes no visit.
 * @param page `wanted`: the language asked for; `path`: of the page without a language
 */
export function noticePage(page: {
  readonly notice: NoticeWithTexts;
  readonly organisation: string;
  readonly wanted: Language | undefined;
  readonly path: string;
}): { readonly language: Language; readonly html: string } {
  const { notice, organisation, path } = page;
  const language = languageFor(page.wanted, notice.texts, notice.mainLanguage);
  const words = noticeWords[language];
  const text = textIn(notice.texts, language);
  const cancellation = notice.cancellation === null ? null : textIn(notice.cancellation, language);
  const title = cancellation === null ? text.title : words.cancelledTitle(text.title);
  const main = `<p class="about">${escapeHtml(`${organisation} · ${words.reasons[notice.reason]}`)}</p>
<h1>${escapeHtml(title)}</h1>
${cancellation === null ? stateOf(notice, language) : cancelled(cancellation, language)}
${bodyOf(text)}
${factsOf(notice, language)}`;
  const others = languagesOf(notice.texts).filter((other) => other !== language);
  const links = others.map(
    (other) =>
      `<a lang="${other}" hreflang="${other}" href="${escapeHtml(`${path}/${other}`)}">${noticeWords[other].languageName}</a>`,
  );
  const nav = links.length === 0 ? '' : `<nav aria-label="${words.languages}">${links.join(' ')}</nav>`;
  const footer = `<footer><p>${escapeHtml(words.footer[notice.category](organisation))}</p></footer>`;
  return { language, html: documentOf(language, title, `${nav}\n<main>\n${main}\n</main>\n${footer}`) };
}

/** The page of an address that leads to no notice. */
export function noNoticePage(language: Language): string {
  const { title, text } = noticeWords[language].notFound;
  return documentOf(language, title, `<main>\n<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}</p>\n</main>`);
}

function stateOf(notice: NoticeWithTexts, language: Language): string {
  const words = noticeWords[language];
  const { inForceAt, timeZone, effectiveOn } = notice;
  if (inForceAt !== null && timeZone !== null)
    return sentence(`${words.inForceSince} ${dayInWords(civilDateIn(inForceAt, timeZone), language)}`);
  return effectiveOn === null ? '' : sentence(`${words.effectiveOn} ${dayInWords(effectiveOn, language)}`);
}

function sentence(text: string): string {
  return `<p class="state"><strong>${escapeHtml(text)}</strong></p>`;
}

function cancelled(text: NoticeText, language: Language): string {
  const words = noticeWords[language];
  return `${sentence(words.cancelledNote)}
<h2>${escapeHtml(text.title)}</h2>
${bodyOf(text)}
<h2>${escapeHtml(words.earlierText)}</h2>`;
}

function bodyOf(text: NoticeText): string {
  const link =
    text.link === null
      ? []
      : [`<p><a href="${escapeHtml(text.link.url)}" rel="noopener">${escapeHtml(text.link.label)}</a></p>`];
  return [...blocksOf(text.body).map(blockAsHtml), ...link].join('\n');
}

function blockAsHtml(block: MailBlock): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escapeHtml(block.text)}</h2>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
    case 'paragraph':
      return `<p>${escapeHtml(block.text)}</p>`;
    default:
      throw new Error(`the body of a notice holds no ${block.kind}`);
  }
}

function factsOf(notice: NoticeWithTexts, language: Language): string {
  const words = noticeWords[language];
  const { announcedAt, timeZone, effectiveOn, inForceAt, cancelledAt, leadDays, legalBasis } = notice;
  if (announcedAt === null || timeZone === null) throw new Error('a draft has no page');
  const day = (at: Date) => dayInWords(civilDateIn(at, timeZone), language);
  const earliest = mayTakeEffectOn(notice);
  const facts: [string, string][] = [[words.announcedOn, day(announcedAt)]];
  if (cancelledAt !== null) facts.push([words.cancelledOn, day(cancelledAt)]);
  else if (effectiveOn !== null) facts.push([words.effectiveOn, dayInWords(effectiveOn, language)]);
  // Telling everybody took longer than was thought: then the lead time decides.
  if (cancelledAt === null && inForceAt === null && earliest !== null && earliest !== effectiveOn)
    facts.push([words.notBefore, dayInWords(earliest, language)]);
  if (inForceAt !== null) facts.push([words.inForceSince, day(inForceAt)]);
  facts.push([words.leadTime, words.days(leadDays)]);
  if (legalBasis.length > 0) facts.push([words.legalBasis, legalBasis.join('; ')]);
  const rows = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<h2>${escapeHtml(words.facts)}</h2>\n<dl>${rows.join('')}</dl>`;
}

function documentOf(language: Language, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
