import { randomUUID } from 'node:crypto';
import { endpoints } from '@kept/sdk';
import { type Arguments, type Command, exitCodes, UsageError } from './command.ts';
import { say } from './wording.ts';

export const event: Command = {
  name: 'event',
  usage:
    'grant.revoked --grant G | account.cancelled --account A [--at INSTANT] | account.reactivated --account A | person.deleted --person P | contact.opted-out --address E',
  summary: {
    'pt-BR': 'envia um evento, como fariam os sistemas da organização',
    en: 'sends an event, as the organisation’s own systems would',
    es: 'envía un evento, como lo harían los sistemas de la organización',
  },
  options: {
    grant: { type: 'string' },
    account: { type: 'string' },
    at: { type: 'string' },
    person: { type: 'string' },
    address: { type: 'string' },
    id: { type: 'string' },
  },
  explained: {
    '--grant G': {
      'pt-BR': 'a autorização revogada',
      en: 'the grant that was revoked',
      es: 'la autorización revocada',
    },
    '--account A': { 'pt-BR': 'a conta', en: 'the account', es: 'la cuenta' },
    '--person P': {
      'pt-BR': 'a pessoa excluída em outro sistema',
      en: 'the person who was deleted in another system',
      es: 'la persona eliminada en otro sistema',
    },
    '--address E': {
      'pt-BR': 'o e-mail de quem não quer mais anúncios; só um hash com chave fica',
      en: 'e-mail address of who wants no more announcements; only a keyed hash is kept',
      es: 'el correo de quien no quiere más anuncios; solo queda un hash con clave',
    },
    '--at INSTANT': { 'pt-BR': 'quando foi cancelada', en: 'when it was cancelled', es: 'cuándo se canceló' },
    '--id ID': {
      'pt-BR': 'identificador do evento; o mesmo duas vezes tem um só efeito',
      en: 'the event’s id; the same one twice has one effect',
      es: 'identificador del evento; el mismo dos veces tiene un solo efecto',
    },
  },
  words: 1,
  async run(context, given) {
    const body = { id: given.text('id') ?? `kept-event-${randomUUID()}`, event: eventOf(given) };
    const received = await (await context.connect()).call(endpoints.webhooks.receiveEvent, { body });
    const words = {
      'pt-BR': received.repeated ? 'O evento já havia chegado ({event}).' : 'Evento recebido ({event}).',
      en: received.repeated ? 'The event had come before ({event}).' : 'Event received ({event}).',
      es: received.repeated ? 'El evento ya había llegado ({event}).' : 'Evento recibido ({event}).',
    };
    const sentence = say(context.language, words, { event: received.event });
    context.terminal.print(given.flag('json') ? JSON.stringify(received) : sentence);
    return exitCodes.ok;
  },
};

function eventOf(given: Arguments) {
  const type = given.neededWord(0, 'TYPE');
  const at = given.text('at');
  switch (type) {
    case 'grant.revoked':
      return { type, grant: given.needed('grant') } as const;
    case 'account.cancelled':
      return { type, account: given.needed('account'), ...(at === undefined ? {} : { at }) } as const;
    case 'account.reactivated':
      return { type, account: given.needed('account') } as const;
    case 'person.deleted':
      return { type, person: given.needed('person') } as const;
    case 'contact.opted-out':
      return { type, address: given.needed('address') } as const;
    default:
      throw new UsageError(
        `${type}? grant.revoked · account.cancelled · account.reactivated · person.deleted · contact.opted-out`,
      );
  }
}
