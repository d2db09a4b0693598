import { type AnswerOf, endpoints } from '@kept/sdk';
import type { Hold } from './answers.ts';
import { type Arguments, type Command, type Context, exitCodes, UsageError } from './command.ts';
import { instantInWords } from './spans.ts';
import { table } from './terminal.ts';
import { say } from './wording.ts';

export const placeHold: Command = {
  name: 'hold place',
  usage: '(--account A | --subject KIND=ID | --dataset D [--row KEY]…) --reason TEXT --review-on DATE',
  summary: {
    'pt-BR': 'bloqueia: o que ele alcança não sai, vencido ou não',
    en: 'places a hold: what it reaches does not go, past its period or not',
    es: 'coloca una retención: lo que alcanza no sale, vencido o no',
  },
  options: {
    account: { type: 'string' },
    subject: { type: 'string' },
    dataset: { type: 'string' },
    row: { type: 'string', multiple: true },
    reason: { type: 'string' },
    'review-on': { type: 'string' },
  },
  explained: {
    '--account A': { 'pt-BR': 'tudo de uma conta', en: 'everything of an account', es: 'todo de una cuenta' },
    '--subject KIND=ID': {
      'pt-BR': 'tudo de uma pessoa: contact=4711',
      en: 'everything of a person: contact=4711',
      es: 'todo de una persona: contact=4711',
    },
    '--dataset D': { 'pt-BR': 'um conjunto inteiro', en: 'a whole dataset', es: 'un conjunto entero' },
    '--row KEY': {
      'pt-BR': 'só este registro do conjunto; chaves compostas com vírgulas; pode repetir',
      en: 'this row of the dataset only; composite keys with commas; may be repeated',
      es: 'solo este registro del conjunto; claves compuestas con comas; puede repetirse',
    },
    '--reason TEXT': { 'pt-BR': 'por quê', en: 'why', es: 'por qué' },
    '--review-on DATE': {
      'pt-BR': 'quando rever, 2027-06-30',
      en: 'when to review it, 2027-06-30',
      es: 'cuándo revisarla, 2027-06-30',
    },
  },
  words: 0,
  async run(context, given) {
    const body = {
      target: targetOf(context, given),
      reason: given.needed('reason'),
      reviewOn: given.needed('review-on'),
    };
    const placed = await (await context.connect()).call(endpoints.retention.placeHold, { body });
    const words = {
      'pt-BR': 'Bloqueio {id} em vigor. Nenhum lote alcança mais o que ele guarda.',
      en: 'Hold {id} is in force. No batch reaches what it keeps any more.',
      es: 'Retención {id} en vigor. Ningún lote alcanza ya lo que guarda.',
    };
    show(context, given, placed, say(context.language, words, { id: placed.id }));
    return exitCodes.ok;
  },
};

export const releaseHold: Command = {
  name: 'hold release',
  usage: 'HOLD --reason TEXT',
  summary: {
    'pt-BR': 'libera um bloqueio; o que venceu sai na próxima execução',
    en: 'releases a hold; what is overdue goes with the next run',
    es: 'libera una retención; lo vencido sale en la próxima ejecución',
  },
  options: { reason: { type: 'string' } },
  explained: { '--reason TEXT': { 'pt-BR': 'por quê', en: 'why', es: 'por qué' } },
  words: 1,
  async run(context, given) {
    const client = await context.connect();
    const hold = given.neededWord(0, 'HOLD');
    const released = await client.call(endpoints.retention.releaseHold, {
      params: { hold },
      body: { reason: given.needed('reason') },
    });
    const words = { 'pt-BR': 'Bloqueio {id} liberado.', en: 'Hold {id} released.', es: 'Retención {id} liberada.' };
    show(context, given, released, say(context.language, words, { id: released.id }));
    return exitCodes.ok;
  },
};

export const listHolds: Command = {
  name: 'hold list',
  usage: '[--released]',
  summary: {
    'pt-BR': 'mostra os bloqueios em vigor',
    en: 'shows the holds in force',
    es: 'muestra las retenciones en vigor',
  },
  options: { released: { type: 'boolean' } },
  explained: {
    '--released': { 'pt-BR': 'também os liberados', en: 'also those released', es: 'también las liberadas' },
  },
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const client = await context.connect();
    const released = given.flag('released') ? ('true' as const) : ('false' as const);
    const holds: Hold[] = [];
    for await (const hold of client.items(endpoints.retention.listHolds, { query: { released } })) holds.push(hold);
    if (given.flag('json')) terminal.print(JSON.stringify({ items: holds }));
    else if (holds.length === 0) {
      const none = {
        'pt-BR': 'Nenhum bloqueio em vigor.',
        en: 'No hold is in force.',
        es: 'Ninguna retención en vigor.',
      };
      terminal.print(say(language, none));
    } else
      for (const line of table(
        columns(language),
        holds.map((hold) => row(context, hold)),
        terminal,
      ))
        terminal.print(line);
    return exitCodes.ok;
  },
};

function columns(language: Context['language']) {
  return [
    { title: 'id' },
    { title: say(language, { 'pt-BR': 'Alcança', en: 'Reaches', es: 'Alcanza' }) },
    { title: say(language, { 'pt-BR': 'Motivo', en: 'Reason', es: 'Motivo' }), gives: true },
    { title: say(language, { 'pt-BR': 'Rever em', en: 'Review on', es: 'Revisar el' }) },
    { title: say(language, { 'pt-BR': 'Desde', en: 'Since', es: 'Desde' }) },
  ];
}

function row(context: Context, hold: Hold): string[] {
  const { language, terminal } = context;
  const review = hold.overdue ? terminal.paint('yellow', `${hold.reviewOn} !`) : hold.reviewOn;
  return [hold.id, targetText(hold.target), hold.reason, review, instantInWords(new Date(hold.placedAt), language)];
}

type Target = AnswerOf<typeof endpoints.retention.placeHold>['target'];

function targetText(target: Target): string {
  switch (target.kind) {
    case 'account':
      return target.account;
    case 'subject':
      return `${target.subject}=${target.id}`;
    case 'dataset':
      return target.dataset;
    case 'rows':
      return `${target.dataset} × ${target.keys.length}`;
  }
}

function targetOf(context: Context, given: Arguments): Target {
  const account = given.text('account');
  const subject = given.text('subject');
  const dataset = given.text('dataset');
  const rows = given.all('row');
  if ([account, subject, dataset].filter((value) => value !== undefined).length !== 1) {
    const words = {
      'pt-BR': 'Indique um só: --account, --subject ou --dataset.',
      en: 'Name exactly one of --account, --subject and --dataset.',
      es: 'Indique solo uno: --account, --subject o --dataset.',
    };
    throw new UsageError(say(context.language, words));
  }
  if (account !== undefined) return { kind: 'account', account };
  if (subject !== undefined) {
    const [kind = '', ...id] = subject.split('=');
    if (kind === '' || id.join('=') === '') throw new UsageError('--subject KIND=ID');
    return { kind: 'subject', subject: kind, id: id.join('=') };
  }
  if (rows.length === 0) return { kind: 'dataset', dataset: dataset ?? '' };
  return { kind: 'rows', dataset: dataset ?? '', keys: rows.map((key) => key.split(',')) };
}

function show(context: Context, given: Arguments, hold: Hold, sentence: string): void {
  context.terminal.print(given.flag('json') ? JSON.stringify(hold) : sentence);
}
