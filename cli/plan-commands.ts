import { createInterface } from 'node:readline/promises';
import { type Client, endpoints } from '@kept/sdk';
import type { Plan } from './answers.ts';
import { type Command, type Context, exitCodes, UsageError } from './command.ts';
import { instantOf } from './dates.ts';
import { planLines } from './plan-lines.ts';
import { say } from './wording.ts';

export const plan: Command = {
  name: 'plan',
  usage: '[--at DATE] [--promise KEY]…',
  summary: {
    'pt-BR': 'planeja o descarte: o que sairia, em que ordem, como e por quê',
    en: 'plans disposal: what would go, in which order, how and why',
    es: 'planifica la eliminación: qué saldría, en qué orden, cómo y por qué',
  },
  options: { at: { type: 'string' }, promise: { type: 'string', multiple: true } },
  explained: {
    '--at DATE': {
      'pt-BR': 'o que sairia nessa data (2027-01-31 ou um instante ISO 8601)',
      en: 'what would go on that date (2027-01-31 or an ISO 8601 instant)',
      es: 'qué saldría en esa fecha (2027-01-31 o un instante ISO 8601)',
    },
    '--promise KEY': { 'pt-BR': 'só esta promessa', en: 'this promise only', es: 'solo esta promesa' },
  },
  words: 0,
  async run(context, given) {
    const at = given.text('at');
    const promises = given.all('promise');
    const body = {
      ...(at === undefined ? {} : { at: instantOf(context, at) }),
      ...(promises.length === 0 ? {} : { promises: [...promises] }),
    };
    const made = await (await context.connect()).call(endpoints.retention.makePlan, { body });
    show(context, made, given.flag('json'));
    const waiting = made.state === 'awaiting-approval';
    if (waiting && !given.flag('json')) context.terminal.note(approvalHint(context, made));
    return made.steps.some((step) => step.obstacles.length > 0) ? exitCodes.no : exitCodes.ok;
  },
};

export const approve: Command = {
  name: 'approve',
  usage: 'PLAN|latest [--rows N]',
  summary: {
    'pt-BR': 'aprova um plano; suas regras passam a valer',
    en: 'approves a plan; its rules may run from then on',
    es: 'aprueba un plan; sus reglas pueden ejecutarse desde entonces',
  },
  options: { rows: { type: 'string' } },
  explained: {
    '--rows N': {
      'pt-BR': 'o número de registros que você leu no plano; sem ele, o comando pergunta',
      en: 'the number of rows you read in the plan; without it the command asks',
      es: 'el número de registros que leyó en el plan; sin él, el comando pregunta',
    },
  },
  words: 1,
  async run(context, given) {
    const client = await context.connect();
    const found = await findPlan(context, client, given.neededWord(0, 'PLAN'));
    const rows = given.text('rows') ?? (await askRows(context, found));
    if (!/^\d+$/.test(rows)) throw new UsageError(`--rows: ${rows}?`);
    const approved = await client.call(endpoints.retention.approvePlan, {
      params: { plan: found.id },
      body: { rows: Number(rows) },
    });
    if (given.flag('json')) context.terminal.print(JSON.stringify(approved));
    else {
      const words = {
        'pt-BR': 'Aprovado: {rows} registros e arquivos podem sair. “kept run” começa agora.',
        en: 'Approved: {rows} rows and files may go. “kept run” begins now.',
        es: 'Aprobado: {rows} registros y archivos pueden salir. «kept run» comienza ahora.',
      };
      context.terminal.print(say(context.language, words, { rows: approved.rows }));
    }
    return exitCodes.ok;
  },
};

async function findPlan(context: Context, client: Client, name: string): Promise<Plan> {
  if (name !== 'latest') return client.call(endpoints.retention.getPlan, { params: { plan: name } });
  for await (const candidate of client.items(endpoints.retention.listPlans))
    if (candidate.state === 'awaiting-approval') return candidate;
  const words = {
    'pt-BR': 'Nenhum plano aguarda aprovação; “kept plan” faz um.',
    en: 'No plan awaits approval; “kept plan” makes one.',
    es: 'Ningún plan espera aprobación; «kept plan» hace uno.',
  };
  throw new UsageError(say(context.language, words));
}

/** Shows the plan and has the person write the number, so that nobody approves what they did not read. */
async function askRows(context: Context, found: Plan): Promise<string> {
  if (!context.terminal.interactive) {
    const words = {
      'pt-BR': 'Indique com --rows o número de registros que leu no plano.',
      en: 'Say with --rows the number of rows you read in the plan.',
      es: 'Indique con --rows el número de registros que leyó en el plan.',
    };
    throw new UsageError(say(context.language, words));
  }
  show(context, found, false);
  const words = {
    'pt-BR': 'Quantos registros e arquivos podem sair? (escreva o número do plano) ',
    en: 'How many rows and files may go? (write the plan’s number) ',
    es: '¿Cuántos registros y archivos pueden salir? (escriba el número del plan) ',
  };
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader.question(say(context.language, words));
  reader.close();
  return answer.replaceAll(/[.,\s]/g, '');
}

function show(context: Context, shown: Plan, json: boolean): void {
  if (json) context.terminal.print(JSON.stringify(shown));
  else for (const line of planLines(shown, context.language, context.terminal)) context.terminal.print(line);
}

function approvalHint(context: Context, made: Plan): string {
  const words = {
    'pt-BR': '\nNada sai antes da aprovação: kept approve {id} --rows {rows}',
    en: '\nNothing goes before it is approved: kept approve {id} --rows {rows}',
    es: '\nNada sale antes de la aprobación: kept approve {id} --rows {rows}',
  };
  return say(context.language, words, { id: made.id, rows: String(made.rows) });
}
