import type { Plan } from './answers.ts';
import { instantInWords, secondsInWords, spanInWords } from './spans.ts';
import { type Terminal, table, wrap } from './terminal.ts';
import { bytes, count, type Language, percent, say, type Words } from './wording.ts';

const states: Readonly<Record<Plan['state'], Words>> = {
  draft: { 'pt-BR': 'só uma previsão', en: 'a forecast only', es: 'solo una previsión' },
  'awaiting-approval': { 'pt-BR': 'aguarda aprovação', en: 'awaits approval', es: 'espera aprobación' },
  approved: { 'pt-BR': 'aprovado', en: 'approved', es: 'aprobado' },
  rejected: { 'pt-BR': 'rejeitado', en: 'rejected', es: 'rechazado' },
  superseded: { 'pt-BR': 'substituído', en: 'superseded', es: 'sustituido' },
};

/** A plan as a table in its order of execution, with what stands in the way. */
export function planLines(plan: Plan, language: Language, terminal: Terminal): string[] {
  const columns = titles.map((words, place) => ({
    title: words[language],
    gives: place === 1,
    align: place >= 4 && place <= 6 ? ('right' as const) : undefined,
  }));
  const rows = plan.steps.map((step) => [
    String(step.position),
    step.promise,
    step.dataset,
    step.path === null ? step.fate : `${step.fate} · ${step.path}`,
    count(language, step.rows),
    percent(language, step.share),
    step.held + step.excepted === 0 ? '—' : count(language, step.held + step.excepted),
    step.oldestAt === null ? '—' : spanInWords(new Date(step.oldestAt), new Date(plan.at), language),
  ]);
  return [
    heading(plan, language, terminal),
    '',
    ...table(columns, rows, terminal),
    '',
    totals(plan, language),
    ...remarks(plan, language, terminal),
  ];
}

const titles: readonly Words[] = [
  { 'pt-BR': '#', en: '#', es: '#' },
  { 'pt-BR': 'Promessa', en: 'Promise', es: 'Promesa' },
  { 'pt-BR': 'Conjunto', en: 'Dataset', es: 'Conjunto' },
  { 'pt-BR': 'Como', en: 'How', es: 'Cómo' },
  { 'pt-BR': 'Vão', en: 'Go', es: 'Salen' },
  { 'pt-BR': 'Parte', en: 'Share', es: 'Parte' },
  { 'pt-BR': 'Ficam', en: 'Stay', es: 'Quedan' },
  { 'pt-BR': 'Mais antigo', en: 'Oldest', es: 'Más antiguo' },
];

function heading(plan: Plan, language: Language, terminal: Terminal): string {
  const words = {
    'pt-BR': 'Plano {id} · {at} · {state}',
    en: 'Plan {id} · {at} · {state}',
    es: 'Plan {id} · {at} · {state}',
  };
  const figures = { at: instantInWords(new Date(plan.at), language), state: states[plan.state][language] };
  return terminal.paint('bold', say(language, words, { ...figures, id: plan.id }));
}

function totals(plan: Plan, language: Language): string {
  const seconds = plan.steps.reduce((sum, step) => sum + step.seconds, 0);
  const wal = plan.steps.reduce((sum, step) => sum + step.walBytes, 0);
  const words = {
    'pt-BR': '{rows} registros e arquivos, cerca de {time}, {wal} de log de transações',
    en: '{rows} rows and files, about {time}, {wal} of write-ahead log',
    es: '{rows} registros y archivos, cerca de {time}, {wal} de registro de transacciones',
  };
  const figures = { time: secondsInWords(Math.ceil(seconds), language), wal: bytes(language, wal) };
  return say(language, words, { ...figures, rows: plan.rows });
}

/** Why each step is where it is, what brakes it and what stands in its way, with the remedy. */
function remarks(plan: Plan, language: Language, terminal: Terminal): string[] {
  const lines = plan.steps.flatMap((step) => {
    const texts = [step.reason, step.brake ?? ''].filter((text) => text !== '');
    const obstacles = step.obstacles.flatMap((obstacle) => [
      terminal.paint('red', `✕ ${obstacle.place}: ${obstacle.explanation}`),
      ...wrap(`→ ${obstacle.remedy}${nearest(obstacle.nearest, language)}`, terminal.width - 4),
    ]);
    const said = [...texts.flatMap((text) => wrap(text, terminal.width - 4)), ...obstacles];
    return said.length === 0
      ? []
      : [terminal.paint('gray', `${step.position} ${step.dataset}`), ...said.map((line) => `    ${line}`)];
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function nearest(names: readonly string[], language: Language): string {
  if (names.length === 0) return '';
  const words = { 'pt-BR': ' Parecidos: {names}.', en: ' Near names: {names}.', es: ' Parecidos: {names}.' };
  return say(language, words, { names: names.join(', ') });
}
