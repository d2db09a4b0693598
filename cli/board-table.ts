import type { Board, PromiseRow } from './answers.ts';
import { instantInWords, spanInWords } from './spans.ts';
import { type Colour, type Terminal, table, wrap } from './terminal.ts';
import { count, type Language, read, say, type Words } from './wording.ts';

/** Status is never colour alone: a shape, a word and a colour. */
const statuses: Readonly<Record<PromiseRow['status'], { shape: string; colour: Colour; words: Words }>> = {
  kept: { shape: '●', colour: 'green', words: { 'pt-BR': 'cumprida', en: 'kept', es: 'cumplida' } },
  due: { shape: '◐', colour: 'yellow', words: { 'pt-BR': 'a cumprir', en: 'due', es: 'por cumplir' } },
  broken: { shape: '✕', colour: 'red', words: { 'pt-BR': 'quebrada', en: 'broken', es: 'incumplida' } },
  unproven: { shape: '○', colour: 'gray', words: { 'pt-BR': 'sem prova', en: 'unproven', es: 'sin prueba' } },
};

export function statusText(promise: Pick<PromiseRow, 'status' | 'attested'>, language: Language, terminal: Terminal) {
  const { shape, colour, words } = statuses[promise.status];
  const attested = promise.attested
    ? say(language, { 'pt-BR': ', atestada', en: ', attested', es: ', atestiguada' })
    : '';
  return terminal.paint(colour, `${shape} ${words[language]}${attested}`);
}

/** The board as lines: promise, period, measured oldest age, status, and below it why what is not kept is not. */
export function boardLines(board: Board, language: Language, terminal: Terminal): string[] {
  const titles = [
    { 'pt-BR': 'Promessa', en: 'Promise', es: 'Promesa' },
    { 'pt-BR': 'Prazo', en: 'Period', es: 'Plazo' },
    { 'pt-BR': 'Mais antigo', en: 'Oldest', es: 'Más antiguo' },
    { 'pt-BR': 'Estado', en: 'Status', es: 'Estado' },
  ].map((words) => words[language]);
  const rows = board.promises.map((promise) => [
    promise.promise,
    promise.period === null ? '—' : read(promise.period, language),
    oldest(promise, language),
    statusText(promise, language, terminal),
  ]);
  const columns = titles.map((title, place) => ({ title, gives: place === 0 }));
  return [
    ...heading(board, language, terminal),
    '',
    ...table(columns, rows, terminal),
    '',
    summary(board, language),
    ...reasons(board, language, terminal),
  ];
}

function heading(board: Board, language: Language, terminal: Terminal): string[] {
  const { organisation, version } = board;
  if (version === null) {
    const words = {
      'pt-BR': 'nenhuma política publicada',
      en: 'no policy published',
      es: 'ninguna política publicada',
    };
    return [`${terminal.paint('bold', organisation.name)} · ${words[language]}`];
  }
  const at = instantInWords(new Date(board.at), language, organisation.timeZone);
  const words = {
    'pt-BR': 'política n.º {number} ({hash}) · {at} ({zone})',
    en: 'policy no. {number} ({hash}) · {at} ({zone})',
    es: 'política n.º {number} ({hash}) · {at} ({zone})',
  };
  const figures = { number: version.number, hash: version.hash.slice(0, 12), at, zone: organisation.timeZone };
  return [`${terminal.paint('bold', organisation.name)} · ${say(language, words, figures)}`];
}

function oldest(promise: PromiseRow, language: Language): string {
  const { measurement } = promise;
  if (measurement === null || measurement.oldestAt === null) return '—';
  // A clock that has not begun to run (a token that expires next month) has no age.
  if (measurement.oldestAt > measurement.measuredAt) return '—';
  return spanInWords(new Date(measurement.oldestAt), new Date(measurement.measuredAt), language);
}

function summary(board: Board, language: Language): string {
  const words = {
    'pt-BR': '{kept} cumpridas, {due} a cumprir, {broken} quebradas, {unproven} sem prova',
    en: '{kept} kept, {due} due, {broken} broken, {unproven} unproven',
    es: '{kept} cumplidas, {due} por cumplir, {broken} incumplidas, {unproven} sin prueba',
  };
  return say(language, words, board.counts);
}

/** One paragraph for each promise that has something to say: why it is not kept, or what is held or excepted. */
function reasons(board: Board, language: Language, terminal: Terminal): string[] {
  const lines = board.promises.flatMap((promise) => {
    const said = [promise.reason === null ? '' : read(promise.reason.text, language), aside(promise, language)];
    const text = said.filter((part) => part !== '').join(' ');
    if (text === '') return [];
    const { shape, colour } = statuses[promise.status];
    const [first = '', ...rest] = wrap(`${promise.promise}: ${text}`, terminal.width - 2);
    return [`${terminal.paint(colour, shape)} ${first}`, ...rest.map((line) => `  ${line}`)];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function aside(promise: PromiseRow, language: Language): string {
  const places = promise.measurement?.places ?? [];
  const held = places.reduce((sum, place) => sum + place.held, 0);
  if (held === 0) return '';
  const words = {
    'pt-BR': '({held} vencidos ficam sob bloqueio.)',
    en: '({held} past their period stay under a hold.)',
    es: '({held} vencidos permanecen bajo retención.)',
  };
  return say(language, words, { held: count(language, held) });
}
