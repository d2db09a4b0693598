import type { Finding } from './answers.ts';
import type { Colour, Terminal } from './terminal.ts';
import { wrap } from './terminal.ts';
import { type Language, read, say, type Words } from './wording.ts';

const severities: Readonly<Record<Finding['severity'], { colour: Colour; words: Words }>> = {
  error: { colour: 'red', words: { 'pt-BR': 'erro', en: 'error', es: 'error' } },
  warning: { colour: 'yellow', words: { 'pt-BR': 'aviso', en: 'warning', es: 'aviso' } },
  note: { colour: 'cyan', words: { 'pt-BR': 'nota', en: 'note', es: 'nota' } },
};

/** Findings as paragraphs: place and message, then why, the article and the remedy. */
export function findingLines(file: string, findings: readonly Finding[], language: Language, terminal: Terminal) {
  const lines = findings.flatMap((finding) => {
    const place = [file, finding.line, finding.column].filter((part) => part !== null).join(':');
    const { colour, words } = severities[finding.severity];
    const head = `${place}: ${terminal.paint(colour, words[language])}: ${read(finding.message, language)}`;
    const remedy = `→ ${read(finding.remedy, language)}`;
    const why = `${read(finding.why, language)}${finding.article === null ? '' : ` (${finding.article})`}`;
    const below = [why, remedy].flatMap((text) => wrap(text, terminal.width - 4).map((line) => `    ${line}`));
    return [head, ...below, ''];
  });
  return [...lines, tally(findings, language)];
}

function tally(findings: readonly Finding[], language: Language): string {
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  const figures = { errors: count('error'), warnings: count('warning'), notes: count('note') };
  if (findings.length === 0)
    return say(language, { 'pt-BR': 'Nada a apontar.', en: 'Nothing to point out.', es: 'Nada que señalar.' });
  const words = {
    'pt-BR': '{errors} erros, {warnings} avisos, {notes} notas',
    en: '{errors} errors, {warnings} warnings, {notes} notes',
    es: '{errors} errores, {warnings} avisos, {notes} notas',
  };
  return say(language, words, figures);
}
