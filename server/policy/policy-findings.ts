import type { FindingText } from './finding-text.ts';

/** What can be wrong with a policy that has the right shape, apart from the law (law-findings.ts). */
export const policyFindings = {
  'promise-without-verb': {
    severity: 'error',
    message: {
      'pt-BR': '“{promise}” não promete nada: falta o verbo.',
      en: '“{promise}” promises nothing: it has no verb.',
      es: '“{promise}” no promete nada: le falta el verbo.',
    },
    why: {
      'pt-BR': 'O verbo diz quem cumpre a promessa e como ela é provada.',
      en: 'The verb says what keeps a promise and how it is proven.',
      es: 'El verbo dice quién cumple la promesa y cómo se prueba.',
    },
    remedy: {
      'pt-BR': 'Acrescente um destes: {verbs}.',
      en: 'Add one of: {verbs}.',
      es: 'Añada uno de estos: {verbs}.',
    },
  },
  'promise-with-several-verbs': {
    severity: 'error',
    message: {
      'pt-BR': '“{promise}” tem mais de um verbo: {verbs}.',
      en: '“{promise}” has more than one verb: {verbs}.',
      es: '“{promise}” tiene más de un verbo: {verbs}.',
    },
    why: {
      'pt-BR': 'Uma promessa é um verbo, para que seu estado seja um só.',
      en: 'A promise is one verb, so that it has one status.',
      es: 'Una promesa es un verbo, para que su estado sea uno solo.',
    },
    remedy: {
      'pt-BR': 'Divida-a em uma promessa por verbo.',
      en: 'Split it into one promise per verb.',
      es: 'Divídala en una promesa por verbo.',
    },
  },
} as const satisfies Record<string, FindingText>;
