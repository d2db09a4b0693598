import { z } from 'zod';
import type { Language } from '../access/contract.ts';
import { composeMail, type MailBlock } from '../messages/compose-mail.ts';
import { registerTemplate } from '../messages/templates.ts';
import { instantSchema } from '../platform/contract.ts';
import { disabledReasonSchema } from './subscriptions-contract.ts';

/** The mail that tells of a subscription that Kept disabled. */
export const DISABLED_MAIL = 'webhook-disabled';

const figuresSchema = z.object({
  subscription: z.string(),
  host: z.string(),
  reason: disabledReasonSchema,
  failingSince: instantSchema.nullable(),
});
type Figures = z.infer<typeof figuresSchema>;

interface Words {
  readonly subject: (subscription: string) => string;
  readonly why: Readonly<Record<Figures['reason'], (figures: Figures, since: string) => string>>;
  readonly meanwhile: string;
  readonly todo: string;
  readonly footer: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subject: (subscription) => `Webhook subscription disabled: ${subscription}`,
    why: {
      gone: ({ subscription, host }) =>
        `${host}, the receiver of the webhook subscription “${subscription}”, answered that it is gone (410). Kept has stopped sending to it.`,
      failing: ({ subscription, host }, since) =>
        `${host}, the receiver of the webhook subscription “${subscription}”, has accepted nothing since ${since}, for three days and more. Kept has stopped sending to it.`,
    },
    meanwhile: 'Nothing is lost: what was not delivered waits, and what happens from now on stays in the ledger.',
    todo: 'Mend the receiver, then enable the subscription again under Webhooks in Kept. You may catch up on everything or go on from that moment.',
    footer: 'You get this message as an owner or administrator of an organisation in Kept.',
  },
  'pt-BR': {
    subject: (subscription) => `Assinatura de webhook desativada: ${subscription}`,
    why: {
      gone: ({ subscription, host }) =>
        `${host}, que recebe a assinatura de webhook “${subscription}”, respondeu que não existe mais (410). O Kept parou de enviar para lá.`,
      failing: ({ subscription, host }, since) =>
        `${host}, que recebe a assinatura de webhook “${subscription}”, não aceitou nada desde ${since}, há três dias ou mais. O Kept parou de enviar para lá.`,
    },
    meanwhile: 'Nada se perde: o que não foi entregue espera, e o que acontecer a partir de agora fica no registro.',
    todo: 'Conserte o receptor e reative a assinatura em Webhooks, no Kept. É possível receber tudo o que faltou ou seguir a partir daquele momento.',
    footer: 'Você recebe esta mensagem por ser responsável ou administrador de uma organização no Kept.',
  },
  es: {
    subject: (subscription) => `Suscripción de webhook desactivada: ${subscription}`,
    why: {
      gone: ({ subscription, host }) =>
        `${host}, que recibe la suscripción de webhook «${subscription}», respondió que ya no existe (410). Kept dejó de enviarle.`,
      failing: ({ subscription, host }, since) =>
        `${host}, que recibe la suscripción de webhook «${subscription}», no ha aceptado nada desde ${since}, hace tres días o más. Kept dejó de enviarle.`,
    },
    meanwhile: 'Nada se pierde: lo que no se entregó espera, y lo que ocurra desde ahora queda en el registro.',
    todo: 'Repare el receptor y active de nuevo la suscripción en Webhooks, en Kept. Puede recibir todo lo que faltó o seguir desde ese momento.',
    footer: 'Recibe este mensaje como responsable o administrador de una organización en Kept.',
  },
};

/** Makes the mail known; done while the server is put together. */
export function registerDisabledMail(): void {
  registerTemplate(template);
}

const template = {
  name: DISABLED_MAIL,
  category: 'transactional',
  sample: {
    subscription: 'Data warehouse',
    host: 'hooks.example.com',
    reason: 'failing',
    failingSince: '2026-11-17T14:02:11.000Z',
  },
  render(language: Language, given: unknown) {
    const figures = figuresSchema.parse(given);
    const { subject, why, meanwhile, todo, footer } = words[language];
    const since = figures.failingSince === null ? '' : inWords(figures.failingSince, language);
    const blocks = [why[figures.reason](figures, since), meanwhile, todo].map(paragraph);
    return composeMail(language, { subject: subject(figures.subscription), blocks, footer });
  },
} as const;

function paragraph(text: string): MailBlock {
  return { kind: 'paragraph', text };
}

/** The reader's time zone is not known, so it is the universal one, and says so. */
function inWords(instant: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
    .format(new Date(instant))
    .concat(' UTC');
}
