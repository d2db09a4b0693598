import type { Language } from '../access/contract.ts';

/** Why somebody is told about money. */
export const billingReasons = [
  'payment-failed',
  'invoice-due',
  'invoice-overdue',
  'card-expiring',
  'plan-limit',
] as const;
export type BillingReason = (typeof billingReasons)[number];

/** What the templates say that anybody with the right may send. */
export interface TemplateWords {
  greeting(name: string): string;
  footer(organisation: string, contact: string | null): string;
  readonly more: string;
  readonly acknowledgement: {
    subject(reference: string): string;
    what(organisation: string, receivedAt: string): string;
    reference(reference: string): string;
    about(subject: string): string;
    answerBy(date: string): string;
    readonly quote: string;
  };
  readonly billing: {
    readonly subjects: Readonly<Record<BillingReason, string>>;
    readonly what: Readonly<Record<BillingReason, string>>;
    readonly amount: string;
    readonly invoice: string;
    readonly dueOn: string;
    readonly link: string;
    readonly phishing: string;
  };
}

export const templateWords: Readonly<Record<Language, TemplateWords>> = {
  en: {
    greeting: (name) => `Hello ${name},`,
    footer: (organisation, contact) =>
      contact === null
        ? `${organisation} sends this. Nothing in it is tracked.`
        : `${organisation} sends this; ${contact} answers questions. Nothing in it is tracked.`,
    more: 'More',
    acknowledgement: {
      subject: (reference) => `We have received your message (${reference})`,
      what: (organisation, receivedAt) => `${organisation} received your message on ${receivedAt}.`,
      reference: (reference) => `Its reference is ${reference}.`,
      about: (subject) => `It is about: ${subject}`,
      answerBy: (date) => `You will have an answer by ${date}.`,
      quote: 'Please give the reference when you write again.',
    },
    billing: {
      subjects: {
        'payment-failed': 'A payment failed',
        'invoice-due': 'An invoice is due',
        'invoice-overdue': 'An invoice is overdue',
        'card-expiring': 'Your card is about to expire',
        'plan-limit': 'Your plan is almost used up',
      },
      what: {
        'payment-failed': 'a payment could not be taken.',
        'invoice-due': 'an invoice is to be paid.',
        'invoice-overdue': 'an invoice has not been paid in time.',
        'card-expiring': 'the card that you pay with is about to expire.',
        'plan-limit': 'what your plan includes is almost used up.',
      },
      amount: 'Amount',
      invoice: 'Invoice',
      dueOn: 'Due on',
      link: 'See it and pay',
      phishing: 'We never ask for a card number or a password by e-mail.',
    },
  },
  'pt-BR': {
    greeting: (name) => `Olá, ${name},`,
    footer: (organisation, contact) =>
      contact === null
        ? `${organisation} envia esta mensagem. Nada nela é rastreado.`
        : `${organisation} envia esta mensagem; ${contact} responde a perguntas. Nada nela é rastreado.`,
    more: 'Mais',
    acknowledgement: {
      subject: (reference) => `Recebemos sua mensagem (${reference})`,
      what: (organisation, receivedAt) => `${organisation} recebeu sua mensagem em ${receivedAt}.`,
      reference: (reference) => `A referência dela é ${reference}.`,
      about: (subject) => `Ela trata de: ${subject}`,
      answerBy: (date) => `Você terá uma resposta até ${date}.`,
      quote: 'Informe a referência quando escrever de novo.',
    },
    billing: {
      subjects: {
        'payment-failed': 'Um pagamento falhou',
        'invoice-due': 'Uma fatura vai vencer',
        'invoice-overdue': 'Uma fatura está vencida',
        'card-expiring': 'Seu cartão está para expirar',
        'plan-limit': 'Seu plano está quase no limite',
      },
      what: {
        'payment-failed': 'um pagamento não pôde ser cobrado.',
        'invoice-due': 'há uma fatura a pagar.',
        'invoice-overdue': 'uma fatura não foi paga no prazo.',
        'card-expiring': 'o cartão com que você paga está para expirar.',
        'plan-limit': 'o que seu plano inclui está quase no fim.',
      },
      amount: 'Valor',
      invoice: 'Fatura',
      dueOn: 'Vencimento',
      link: 'Ver e pagar',
      phishing: 'Nunca pedimos número de cartão nem senha por e-mail.',
    },
  },
  es: {
    greeting: (name) => `Hola, ${name}:`,
    footer: (organisation, contact) =>
      contact === null
        ? `${organisation} envía este mensaje. Nada en él se rastrea.`
        : `${organisation} envía este mensaje; ${contact} responde a preguntas. Nada en él se rastrea.`,
    more: 'Más',
    acknowledgement: {
      subject: (reference) => `Recibimos su mensaje (${reference})`,
      what: (organisation, receivedAt) => `${organisation} recibió su mensaje el ${receivedAt}.`,
      reference: (reference) => `Su referencia es ${reference}.`,
      about: (subject) => `Trata de: ${subject}`,
      answerBy: (date) => `Tendrá una respuesta a más tardar el ${date}.`,
      quote: 'Indique la referencia cuando vuelva a escribir.',
    },
    billing: {
      subjects: {
        'payment-failed': 'Un pago falló',
        'invoice-due': 'Una factura está por vencer',
        'invoice-overdue': 'Una factura está vencida',
        'card-expiring': 'Su tarjeta está por caducar',
        'plan-limit': 'Su plan está casi agotado',
      },
      what: {
        'payment-failed': 'un pago no pudo cobrarse.',
        'invoice-due': 'hay una factura por pagar.',
        'invoice-overdue': 'una factura no se pagó a tiempo.',
        'card-expiring': 'la tarjeta con la que paga está por caducar.',
        'plan-limit': 'lo que incluye su plan está casi agotado.',
      },
      amount: 'Importe',
      invoice: 'Factura',
      dueOn: 'Vencimiento',
      link: 'Ver y pagar',
      phishing: 'Nunca pedimos números de tarjeta ni contraseñas por correo.',
    },
  },
};
