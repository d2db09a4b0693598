import type { Finding } from './contract.ts';
import type { Wording } from './wording.ts';

/** A place in a file; lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A path in a document: keys and indices from its root. */
export type DocumentPath = readonly (string | number)[];

/** Figures that a finding's sentences are filled with. */
export type Figures = Readonly<Record<string, string | number | Wording>>;

/** One row of a table of findings: `{name}` in a sentence is replaced by the figure of that name. */
export interface FindingText {
  readonly severity: Finding['severity'];
  readonly message: Wording;
  readonly why: Wording;
  readonly remedy: Wording;
  /** The law's own citation, where the finding rests on one law whatever the figures are. */
  readonly article?: string;
}

/** Writes a finding out of its table. @throws Error where a sentence asks for a figure that was not given. */
export function findingOf(
  code: string,
  text: FindingText,
  path: DocumentPath,
  place: Place | null,
  figures: Figures = {},
  article: string | null = text.article ?? null,
): Finding {
  return {
    code,
    severity: text.severity,
    line: place?.line ?? null,
    column: place?.column ?? null,
    path: path.join('.'),
    message: fill(text.message, figures),
    why: fill(text.why, figures),
    article,
    remedy: fill(text.remedy, figures),
  };
}

/** Fills the figures into a sentence of every language. */
export function fill(text: Wording, figures: Figures): Wording {
  const filled = (language: keyof Wording): string =>
    text[language].replace(/\{([a-z][a-zA-Z]*)\}/g, (_, name: string) => {
      const figure = figures[name];
      if (figure === undefined) throw new Error(`the sentence “${text[language]}” lacks its figure ${name}`);
      return typeof figure === 'object' ? figure[language] : String(figure);
    });
  return { 'pt-BR': filled('pt-BR'), en: filled('en'), es: filled('es') };
}

/** Findings in the order of the file, errors before others on the same line. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const rank = { error: 0, warning: 1, note: 2 };
  return [...findings].sort(
    (a, b) =>
      (a.line ?? 0) - (b.line ?? 0) ||
      rank[a.severity] - rank[b.severity] ||
      (a.column ?? 0) - (b.column ?? 0) ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}
