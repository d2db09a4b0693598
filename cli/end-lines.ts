import type { ContractEnd } from './answers.ts';
import { instantInWords } from './spans.ts';
import { type Terminal, table } from './terminal.ts';
import { count, type Language, say, type Words } from './wording.ts';

/** Ended contracts as a table: until when their grace runs, what went and what the law keeps. */
export function endLines(ends: readonly ContractEnd[], language: Language, terminal: Terminal): string[] {
  return table(
    columns(language),
    ends.map((end) => row(end, language)),
    terminal,
  );
}

const states: Readonly<Record<ContractEnd['state'], Words>> = {
  'in-grace': { 'pt-BR': 'em carência', en: 'in grace', es: 'en gracia' },
  erasing: { 'pt-BR': 'apagando', en: 'being erased', es: 'borrándose' },
  erased: { 'pt-BR': 'apagada', en: 'erased', es: 'borrada' },
  confirmed: { 'pt-BR': 'confirmada', en: 'confirmed', es: 'confirmada' },
  held: { 'pt-BR': 'bloqueada', en: 'held', es: 'retenida' },
  reactivated: { 'pt-BR': 'reativada', en: 'reactivated', es: 'reactivada' },
};

function columns(language: Language) {
  return [
    { title: say(language, { 'pt-BR': 'Conta', en: 'Account', es: 'Cuenta' }) },
    { title: say(language, { 'pt-BR': 'Estado', en: 'State', es: 'Estado' }) },
    { title: say(language, { 'pt-BR': 'Cancelada', en: 'Cancelled', es: 'Cancelada' }) },
    { title: say(language, { 'pt-BR': 'Carência até', en: 'Grace until', es: 'Gracia hasta' }) },
    { title: say(language, { 'pt-BR': 'Apagado', en: 'Erased', es: 'Borrado' }) },
    { title: say(language, { 'pt-BR': 'Fica pela lei', en: 'Kept by law', es: 'Queda por ley' }), gives: true },
  ];
}

function row(end: ContractEnd, language: Language): string[] {
  const gone = end.disposed.reduce((sum, place) => sum + place.rows, 0);
  const kept = end.kept
    .filter((place) => place.rows > 0)
    .map((place) => `${place.dataset} ${count(language, place.rows)}`);
  return [
    end.account,
    states[end.state][language],
    instantInWords(new Date(end.cancelledAt), language),
    instantInWords(new Date(end.graceUntil), language),
    gone === 0 ? '—' : count(language, gone),
    kept.length === 0 ? '—' : kept.join(', '),
  ];
}
