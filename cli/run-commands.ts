import { type Client, endpoints } from '@kept/sdk';
import type { DisposalState, Run } from './answers.ts';
import { type Command, type Context, exitCodes, UsageError } from './command.ts';
import { followRun, isRunInProgress, runLines } from './run-lines.ts';
import { instantInWords } from './spans.ts';
import { say } from './wording.ts';

export const run: Command = {
  name: 'run',
  usage: '[--no-wait]',
  summary: {
    'pt-BR': 'descarta agora tudo o que foi aprovado e venceu',
    en: 'disposes now of everything approved that is past its period',
    es: 'elimina ahora todo lo aprobado que venció',
  },
  options: { 'no-wait': { type: 'boolean' } },
  explained: {
    '--no-wait': {
      'pt-BR': 'responde quando a execução começou, sem esperar o fim',
      en: 'answers once the run has begun, without waiting for its end',
      es: 'responde cuando la ejecución comenzó, sin esperar el final',
    },
  },
  words: 0,
  async run(context, given) {
    const client = await context.connect();
    const begun = await startOrJoin(client);
    const seen = given.flag('no-wait') ? begun : await followRun(client, begun.id, context.language, context.terminal);
    if (given.flag('json')) context.terminal.print(JSON.stringify(seen));
    else for (const line of runLines(seen, context.language, context.terminal)) context.terminal.print(line);
    if (seen.state === 'waiting' && !given.flag('json')) context.terminal.note(releaseHint(context, seen));
    const ended = seen.state === 'finished' && seen.steps.every((step) => step.state !== 'blocked');
    return given.flag('no-wait') || ended ? exitCodes.ok : exitCodes.no;
  },
};

/** Starts a run, or finds the one that is already under way. */
async function startOrJoin(client: Client): Promise<Run> {
  try {
    return await client.call(endpoints.retention.startRun, { body: {} });
  } catch (error) {
    if (!isRunInProgress(error)) throw error;
    const page = await client.call(endpoints.retention.listRuns, { query: { limit: 20 } });
    const underWay = page.items.find((seen) => !['finished', 'failed', 'stopped'].includes(seen.state));
    if (underWay === undefined) return client.call(endpoints.retention.startRun, { body: {} });
    return underWay;
  }
}

function releaseHint(context: Context, seen: Run): string {
  const braked = seen.steps.filter((step) => step.state === 'braked');
  const words = {
    'pt-BR': '\nUma parte incomum sairia. Se estiver certo: {commands}',
    en: '\nAn unusual share would go. If that is right: {commands}',
    es: '\nSaldría una parte inusual. Si es correcto: {commands}',
  };
  const commands = braked.map((step) => `kept release ${seen.id} ${step.position} --rows ${step.expected} --reason …`);
  return say(context.language, words, { commands: commands.map((line) => `\n  ${line}`).join('') });
}

export const release: Command = {
  name: 'release',
  usage: 'RUN STEP --rows N --reason TEXT',
  summary: {
    'pt-BR': 'deixa seguir um passo freado',
    en: 'lets a braked step go on',
    es: 'deja seguir un paso frenado',
  },
  options: { rows: { type: 'string' }, reason: { type: 'string' } },
  explained: {
    '--rows N': {
      'pt-BR': 'quantos registros sairão, como a execução diz',
      en: 'how many rows will go, as the run says',
      es: 'cuántos registros saldrán, como dice la ejecución',
    },
    '--reason TEXT': { 'pt-BR': 'por que está certo', en: 'why that is right', es: 'por qué es correcto' },
  },
  words: 2,
  async run(context, given) {
    const client = await context.connect();
    const position = given.neededWord(1, 'STEP');
    const rows = Number(given.needed('rows'));
    if (!Number.isSafeInteger(rows)) throw new UsageError(`--rows: ${given.needed('rows')}?`);
    const seen = await client.call(endpoints.retention.releaseBrake, {
      params: { run: given.neededWord(0, 'RUN'), position },
      body: { rows, reason: given.needed('reason') },
    });
    const ended = await followRun(client, seen.id, context.language, context.terminal);
    if (given.flag('json')) context.terminal.print(JSON.stringify(ended));
    else for (const line of runLines(ended, context.language, context.terminal)) context.terminal.print(line);
    return ended.state === 'finished' ? exitCodes.ok : exitCodes.no;
  },
};

export const stop: Command = {
  name: 'stop',
  usage: '[--reason TEXT]',
  summary: {
    'pt-BR': 'para todo descarte imediatamente',
    en: 'halts all disposal at once',
    es: 'detiene toda eliminación de inmediato',
  },
  options: { reason: { type: 'string' } },
  explained: { '--reason TEXT': { 'pt-BR': 'por quê', en: 'why', es: 'por qué' } },
  words: 0,
  async run(context, given) {
    const reason = given.text('reason') ?? 'kept stop';
    const state = await (await context.connect()).call(endpoints.retention.stopDisposal, { body: { reason } });
    showState(context, state, given.flag('json'));
    return exitCodes.ok;
  },
};

export const restart: Command = {
  name: 'restart',
  usage: '',
  summary: {
    'pt-BR': 'permite o descarte de novo depois de uma parada',
    en: 'allows disposal again after a stop',
    es: 'permite de nuevo la eliminación tras una parada',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const state = await (await context.connect()).call(endpoints.retention.restartDisposal, { body: {} });
    showState(context, state, given.flag('json'));
    return exitCodes.ok;
  },
};

function showState(context: Context, state: DisposalState, json: boolean): void {
  const { language, terminal } = context;
  if (json) {
    terminal.print(JSON.stringify(state));
    return;
  }
  const stopped = {
    'pt-BR': 'Todo descarte está parado. “kept restart” o permite de novo.',
    en: 'All disposal is stopped. “kept restart” allows it again.',
    es: 'Toda eliminación está detenida. «kept restart» la permite de nuevo.',
  };
  const allowed = {
    'pt-BR': 'O descarte é permitido.',
    en: 'Disposal is allowed.',
    es: 'La eliminación está permitida.',
  };
  terminal.print(say(language, state.stopped === null ? allowed : stopped));
  const inFlight = {
    'pt-BR': 'Em andamento: {dataset} (execução {run}){batch}',
    en: 'Under way: {dataset} (run {run}){batch}',
    es: 'En curso: {dataset} (ejecución {run}){batch}',
  };
  const lastBatch = {
    'pt-BR': ', um último lote termina',
    en: ', a last batch is ending',
    es: ', termina un último lote',
  };
  for (const { run: id, dataset, batchInFlight } of state.running)
    terminal.print(say(language, inFlight, { run: id, dataset, batch: batchInFlight ? lastBatch[language] : '' }));
  if (state.nextRunAt !== null && state.stopped === null) {
    const next = { 'pt-BR': 'Próxima execução: {at}', en: 'Next run: {at}', es: 'Próxima ejecución: {at}' };
    terminal.print(say(language, next, { at: instantInWords(new Date(state.nextRunAt), language) }));
  }
}
