import { endpoints } from '@kept/sdk';
import { type Command, exitCodes } from './command.ts';
import { instantInWords } from './spans.ts';
import { say } from './wording.ts';

export const ledgerStatus: Command = {
  name: 'ledger status',
  usage: '',
  summary: {
    'pt-BR': 'mostra o tamanho do diário, o que espera assinatura e onde estão as cópias',
    en: 'shows how long the ledger is, what waits to be signed and where its copies are',
    es: 'muestra el tamaño del registro, lo que espera firma y dónde están las copias',
  },
  options: {},
  explained: {},
  words: 0,
  async run(context, given) {
    const { language, terminal } = context;
    const status = await (await context.connect()).call(endpoints.ledger.getLedgerStatus);
    if (given.flag('json')) {
      terminal.print(JSON.stringify(status));
      return status.signing === 'ok' ? exitCodes.ok : exitCodes.no;
    }
    const size = {
      'pt-BR': '{size} registros, {signed} assinados, {pending} à espera',
      en: '{size} entries, {signed} signed, {pending} waiting',
      es: '{size} asientos, {signed} firmados, {pending} a la espera',
    };
    terminal.print(terminal.paint('bold', status.log ?? '—'));
    terminal.print(say(language, size, { size: status.size, signed: status.signedSize, pending: status.pending }));
    if (status.signedAt !== null) {
      const signed = { 'pt-BR': 'Última assinatura: {at}', en: 'Last signed: {at}', es: 'Última firma: {at}' };
      terminal.print(say(language, signed, { at: instantInWords(new Date(status.signedAt), language) }));
    }
    for (const { place, size: known, undelivered, problem } of status.outside) {
      const waiting = undelivered === 0 ? '' : ` (+${undelivered})`;
      terminal.print(`${place}: ${known ?? '—'}${waiting}${problem === null ? '' : ` · ${problem}`}`);
    }
    if (status.refusal !== null) {
      terminal.print(terminal.paint('red', `✕ ${status.refusal.explanation}`));
      terminal.print(`  → ${status.refusal.remedy}`);
    }
    return status.signing === 'ok' ? exitCodes.ok : exitCodes.no;
  },
};
