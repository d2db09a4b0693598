import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { endpoints } from '@kept/sdk';
import { type ReceiptVerdict, verifyReceipt } from '@kept/sdk/verify';
import { type Command, type Context, exitCodes, UsageError } from './command.ts';
import { readNamedFile } from './files.ts';
import { instantInWords } from './spans.ts';
import { count, say } from './wording.ts';

export const receipt: Command = {
  name: 'receipt',
  usage: 'ENTRY [--out FILE]',
  summary: {
    'pt-BR': 'entrega o recibo de um registro: uma prova que se verifica sem o Kept',
    en: 'hands out the receipt of a ledger entry: a proof that is checked without Kept',
    es: 'entrega el recibo de un asiento: una prueba que se verifica sin Kept',
  },
  options: { out: { type: 'string' } },
  explained: {
    '--out FILE': { 'pt-BR': 'escreve neste arquivo', en: 'writes to this file', es: 'escribe en este archivo' },
  },
  words: 1,
  async run(context, given) {
    const params = { entry: given.neededWord(0, 'ENTRY') };
    const made = await (await context.connect()).call(endpoints.ledger.getReceipt, { params });
    const out = given.text('out');
    if (out === undefined) context.terminal.print(JSON.stringify(made, null, given.flag('json') ? 0 : 2));
    else {
      writeFileSync(resolve(context.directory, out), `${JSON.stringify(made, null, 2)}\n`);
      context.terminal.note(out);
    }
    return exitCodes.ok;
  },
};

export const verify: Command = {
  name: 'verify',
  usage: 'RECEIPT --key FILE|KEY',
  summary: {
    'pt-BR': 'verifica um recibo, sem rede e sem servidor',
    en: 'checks a receipt, without network or server',
    es: 'verifica un recibo, sin red y sin servidor',
  },
  options: { key: { type: 'string' } },
  explained: {
    '--key FILE|KEY': {
      'pt-BR':
        'a chave pública (nome+hash+base64) ou o arquivo que a contém; sem ela, é pedida ao servidor local, e o comando avisa',
      en: 'the public key (name+hash+base64) or the file that holds it; without it the local server is asked, and the command says so',
      es: 'la clave pública (nombre+hash+base64) o el archivo que la contiene; sin ella se pide al servidor local, y el comando lo dice',
    },
  },
  words: 1,
  async run(context, given) {
    const name = given.neededWord(0, 'RECEIPT');
    const claim = parseReceipt(context, name, readNamedFile(context, name));
    const key = await keyOf(context, given.text('key'));
    const verdict = await verifyReceipt(claim, key.text);
    if (given.flag('json')) context.terminal.print(JSON.stringify({ ...verdict, keyFrom: key.from }));
    else for (const line of verdictLines(context, verdict)) context.terminal.print(line);
    return verdict.valid ? exitCodes.ok : exitCodes.no;
  },
};

function parseReceipt(context: Context, name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const words = { 'pt-BR': '{name} não é JSON.', en: '{name} is no JSON.', es: '{name} no es JSON.' };
    throw new UsageError(say(context.language, words, { name }));
  }
}

/** The key as it was given, from the file it names, or from the local server with a word of warning. */
async function keyOf(context: Context, given: string | undefined): Promise<{ text: string; from: 'given' | 'server' }> {
  if (given !== undefined) {
    const file = resolve(context.directory, given);
    return { text: (existsSync(file) ? readFileSync(file, 'utf8') : given).trim(), from: 'given' };
  }
  const { key } = await (await context.connect()).call(endpoints.ledger.getLedgerKey);
  const words = {
    'pt-BR': 'A chave foi pedida ao servidor que fez o recibo. Para uma prova independente, indique --key {key}',
    en: 'The key was asked of the server that made the receipt. For an independent proof pass --key {key}',
    es: 'La clave se pidió al servidor que hizo el recibo. Para una prueba independiente indique --key {key}',
  };
  context.terminal.note(say(context.language, words, { key }));
  return { text: key, from: 'server' };
}

function verdictLines(context: Context, verdict: ReceiptVerdict): string[] {
  const { language, terminal } = context;
  if (!verdict.valid) {
    const words = {
      'pt-BR': '✕ O recibo não prova nada',
      en: '✕ The receipt proves nothing',
      es: '✕ El recibo no prueba nada',
    };
    return [`${terminal.paint('red', say(language, words))}: ${verdict.explanation} (${verdict.reason})`];
  }
  const { entry } = verdict;
  const words = {
    'pt-BR': '● O recibo é válido: {kind}, {at}, é o registro n.º {index} de {size} do diário {log}',
    en: '● The receipt is valid: {kind}, {at}, is entry no. {index} of {size} in the log {log}',
    es: '● El recibo es válido: {kind}, {at}, es el asiento n.º {index} de {size} del registro {log}',
  };
  const figures = {
    kind: entry.kind,
    at: instantInWords(new Date(entry.at), language),
    index: count(language, verdict.index),
    size: count(language, verdict.size),
    log: verdict.log,
  };
  return [terminal.paint('green', say(language, words, figures)), JSON.stringify(entry.body, null, 2)];
}
