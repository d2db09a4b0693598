import { type Client, KeptError } from '@kept/sdk';
import type { Run } from './answers.ts';
import { secondsInWords } from './spans.ts';
import { type Terminal, table } from './terminal.ts';
import { bytes, count, type Language, say, type Words } from './wording.ts';

/** Follows a run with a bar until it has ended or waits for a person. */
export async function followRun(client: Client, run: string, language: Language, terminal: Terminal): Promise<Run> {
  const bar = terminal.bar();
  try {
    return await client.waitFor(run, {
      everyMs: 200,
      onProgress: (seen) => bar.update(seen.disposed, seen.expected, progressText(seen, language)),
    });
  } finally {
    bar.done();
  }
}

/** The run in progress, where starting another was refused for it; undefined for any other error. */
export function isRunInProgress(error: unknown): boolean {
  return error instanceof KeptError && error.code === 'run-in-progress';
}

function progressText(run: Run, language: Language): string {
  const step = run.steps.find((candidate) => candidate.state === 'running');
  const words = {
    'pt-BR': '{disposed} de {expected}',
    en: '{disposed} of {expected}',
    es: '{disposed} de {expected}',
  };
  const parts = [say(language, words, { disposed: run.disposed, expected: run.expected })];
  if (step !== undefined) parts.push(step.dataset);
  if (step?.rowsPerSecond) parts.push(`${count(language, Math.round(step.rowsPerSecond))}/s`);
  if (step?.secondsLeft) parts.push(secondsInWords(step.secondsLeft, language));
  if (run.reason !== null) parts.push(run.reason);
  return parts.join(' · ');
}

const runStates: Readonly<Record<Run['state'], Words>> = {
  queued: { 'pt-BR': 'na fila', en: 'queued', es: 'en cola' },
  running: { 'pt-BR': 'em execução', en: 'running', es: 'en ejecución' },
  paused: { 'pt-BR': 'em pausa', en: 'paused', es: 'en pausa' },
  waiting: { 'pt-BR': 'aguarda uma pessoa', en: 'waits for a person', es: 'espera a una persona' },
  stopped: { 'pt-BR': 'parada', en: 'stopped', es: 'detenida' },
  finished: { 'pt-BR': 'concluída', en: 'finished', es: 'concluida' },
  failed: { 'pt-BR': 'falhou', en: 'failed', es: 'falló' },
};

const stepStates: Readonly<Record<Run['steps'][number]['state'], Words>> = {
  waiting: { 'pt-BR': 'na fila', en: 'queued', es: 'en cola' },
  running: { 'pt-BR': 'em execução', en: 'running', es: 'en ejecución' },
  braked: { 'pt-BR': 'freado', en: 'braked', es: 'frenado' },
  blocked: { 'pt-BR': 'impedido', en: 'blocked', es: 'impedido' },
  done: { 'pt-BR': 'feito', en: 'done', es: 'hecho' },
  skipped: { 'pt-BR': 'pulado', en: 'skipped', es: 'omitido' },
};

const titles: readonly Words[] = [
  { 'pt-BR': '#', en: '#', es: '#' },
  { 'pt-BR': 'Conjunto', en: 'Dataset', es: 'Conjunto' },
  { 'pt-BR': 'Promessa', en: 'Promise', es: 'Promesa' },
  { 'pt-BR': 'Estado', en: 'State', es: 'Estado' },
  { 'pt-BR': 'Saíram', en: 'Gone', es: 'Salieron' },
  { 'pt-BR': 'Bloqueados', en: 'Held', es: 'Retenidos' },
  { 'pt-BR': 'Restam', en: 'Left', es: 'Quedan' },
  { 'pt-BR': 'Espaço', en: 'Space', es: 'Espacio' },
];

/** The report of a run: what went, what stayed under a hold, what the counting pass found, what space came back. */
export function runLines(run: Run, language: Language, terminal: Terminal): string[] {
  const columns = titles.map((words, place) => ({
    title: words[language],
    gives: place === 2,
    align: place >= 4 ? ('right' as const) : undefined,
  }));
  const rows = run.steps.map((step) => [
    String(step.position),
    step.dataset,
    step.promise,
    stepStates[step.state][language],
    gone(step, language),
    step.held === 0 ? '—' : count(language, step.held),
    step.remaining === null ? '—' : count(language, step.remaining),
    space(step, language),
  ]);
  const words = { 'pt-BR': 'Execução {id} · {state}', en: 'Run {id} · {state}', es: 'Ejecución {id} · {state}' };
  const head = say(language, words, { id: run.id, state: runStates[run.state][language] });
  const why = run.steps
    .filter((step) => step.reason !== null)
    .map((step) => `${step.position} ${step.dataset}: ${step.reason}`);
  return [
    terminal.paint('bold', head) + (run.reason === null ? '' : ` · ${run.reason}`),
    '',
    ...table(columns, rows, terminal),
    ...(why.length === 0 ? [] : ['', ...why]),
  ];
}

/** Where a store could not tell whether a batch took effect, the range is said. */
function gone(step: Run['steps'][number], language: Language): string {
  const least = count(language, step.disposed);
  return step.disposedAtMost > step.disposed ? `${least}–${count(language, step.disposedAtMost)}` : least;
}

/** Room made inside the store, and bytes given back to the operating system: two figures. */
function space(step: Run['steps'][number], language: Language): string {
  const free = { 'pt-BR': '{size} livres', en: '{size} free', es: '{size} libres' };
  const returned = { 'pt-BR': '{size} devolvidos', en: '{size} returned', es: '{size} devueltos' };
  const figures = [
    [free, step.bytesReusable ?? 0],
    [returned, step.bytesReturned ?? 0],
  ] as const;
  const said = figures
    .filter(([, size]) => size > 0)
    .map(([words, size]) => say(language, words, { size: bytes(language, size) }));
  return said.length === 0 ? '—' : said.join(', ');
}
