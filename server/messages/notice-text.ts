import type { Language } from '../access/contract.ts';
import type { MailBlock } from './compose-mail.ts';
import type { NoticeText, NoticeTexts } from './notices-contract.ts';

export const languages: readonly Language[] = ['pt-BR', 'en', 'es'];

/** The languages a notice is written in. */
export function languagesOf(texts: NoticeTexts): Language[] {
  return languages.filter((language) => texts[language] !== undefined);
}

/**
 * The language in which somebody reads a notice: their own; the main one where theirs is not known or not there. A
 * notice that lacks a known language of its audience is not announced, so the latter is a reader of the page, or a
 * recipient whose language changed since.
 */
export function languageFor(known: Language | null | undefined, texts: NoticeTexts, main: Language): Language {
  return known !== null && known !== undefined && texts[known] !== undefined ? known : main;
}

/** @throws Error when it is not there: the main language always is */
export function textIn(texts: NoticeTexts, language: Language): NoticeText {
  const text = texts[language];
  if (text === undefined) throw new Error(`a notice has no text in ${language}`);
  return text;
}

/**
 * The pieces of a notice's body: a blank line ends one, lines that begin with `- ` are a list, a line that begins with
 * `# ` is a heading. Everything else is shown as it stands.
 */
export function blocksOf(body: string): MailBlock[] {
  const blocks: MailBlock[] = [];
  let paragraph: string[] = [];
  let items: string[] = [];
  const close = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', text: paragraph.join(' ') });
    if (items.length > 0) blocks.push({ kind: 'list', items });
    paragraph = [];
    items = [];
  };
  for (const raw of body.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    const isItem = line.startsWith('- ') && line.length > 2;
    const isHeading = line.startsWith('# ') && line.length > 2;
    if (line === '' || isHeading || isItem !== items.length > 0) close();
    if (isHeading) blocks.push({ kind: 'heading', text: line.slice(2).trim() });
    else if (isItem) items.push(line.slice(2).trim());
    else if (line !== '') paragraph.push(line);
  }
  close();
  return blocks;
}
