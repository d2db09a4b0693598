import type { FindingText } from './finding-text.ts';
import type { Wording } from './wording.ts';

const oneNumber: Wording = {
  'pt-BR': 'Um número está em um só lugar, na regra, para que texto e regra não se separem.',
  en: 'A number stands in one place, the rule, so that text and rule cannot drift apart.',
  es: 'Un número está en un solo lugar, la regla, para que texto y regla no se separen.',
};

/** What can be wrong with the sentences of a policy. */
export const sentenceFindings = {
  'promise-without-sentence': {
    severity: 'warning',
    message: {
      'pt-BR': '“{promise}” não tem frase publicada.',
      en: '“{promise}” has no published sentence.',
      es: '“{promise}” no tiene frase publicada.',
    },
    why: {
      'pt-BR': 'O que se cumpre sem ser dito não é uma promessa a ninguém.',
      en: 'What is carried out without being said is a promise to nobody.',
      es: 'Lo que se cumple sin decirse no es una promesa a nadie.',
    },
    remedy: {
      'pt-BR': 'Acrescente `says` nos idiomas da organização.',
      en: 'Add `says` in the organisation’s languages.',
      es: 'Añada `says` en los idiomas de la organización.',
    },
  },
  'language-missing': {
    severity: 'warning',
    message: {
      'pt-BR': 'Falta o texto em {languages}.',
      en: 'The text is missing in {languages}.',
      es: 'Falta el texto en {languages}.',
    },
    why: {
      'pt-BR': 'A organização publica nesses idiomas; quem lê um deles não veria esta frase.',
      en: 'The organisation publishes in these languages; who reads one of them would not see this sentence.',
      es: 'La organización publica en esos idiomas; quien lee uno de ellos no vería esta frase.',
    },
    remedy: {
      'pt-BR': 'Acrescente a tradução, ou retire o idioma de `organisation.languages`.',
      en: 'Add the translation, or take the language out of `organisation.languages`.',
      es: 'Añada la traducción, o quite el idioma de `organisation.languages`.',
    },
  },
  'placeholder-unknown': {
    severity: 'error',
    message: {
      'pt-BR': '{placeholder} não corresponde a nenhum número da regra.',
      en: '{placeholder} names no number of the rule.',
      es: '{placeholder} no corresponde a ningún número de la regla.',
    },
    why: oneNumber,
    remedy: { 'pt-BR': 'Escreva {known}.', en: 'Write {known}.', es: 'Escriba {known}.' },
  },
  'number-twice': {
    severity: 'error',
    message: {
      'pt-BR': 'A frase diz “{number}” por conta própria.',
      en: 'The sentence says “{number}” on its own.',
      es: 'La frase dice “{number}” por su cuenta.',
    },
    why: oneNumber,
    remedy: {
      'pt-BR': 'Escreva {placeholders} no lugar.',
      en: 'Write {placeholders} instead.',
      es: 'Escriba {placeholders} en su lugar.',
    },
  },
  'number-without-rule': {
    severity: 'warning',
    message: {
      'pt-BR': 'A frase diz “{number}”, e a regra não tem esse número.',
      en: 'The sentence says “{number}”, and the rule has no such number.',
      es: 'La frase dice “{number}”, y la regla no tiene ese número.',
    },
    why: {
      'pt-BR': 'Ninguém executa um número que só está no texto.',
      en: 'Nobody carries out a number that is only in the text.',
      es: 'Nadie ejecuta un número que solo está en el texto.',
    },
    remedy: {
      'pt-BR': 'Ponha o período na regra, ou cite o de outra promessa: a chave dela, um ponto e `for`, entre chaves.',
      en: 'Put the period into the rule, or quote another promise’s: its key, a dot and `for`, in braces.',
      es: 'Ponga el período en la regla, o cite el de otra promesa: su clave, un punto y `for`, entre llaves.',
    },
  },
  'number-in-prose': {
    severity: 'note',
    message: {
      'pt-BR': 'O texto diz “{number}” por conta própria.',
      en: 'The prose says “{number}” on its own.',
      es: 'El texto dice “{number}” por su cuenta.',
    },
    why: oneNumber,
    remedy: {
      'pt-BR': 'Cite o número da promessa: a chave dela, um ponto e `for`, entre chaves.',
      en: 'Quote the promise’s number: its key, a dot and `for`, in braces.',
      es: 'Cite el número de la promesa: su clave, un punto y `for`, entre llaves.',
    },
  },
  'number-perhaps-twice': {
    severity: 'warning',
    message: {
      'pt-BR': 'A frase contém {number}, que é também o número da regra.',
      en: 'The sentence holds {number}, which is also the rule’s number.',
      es: 'La frase contiene {number}, que es también el número de la regla.',
    },
    why: oneNumber,
    remedy: {
      'pt-BR': 'Se é o mesmo número, escreva {{name}}.',
      en: 'If it is the same number, write {{name}}.',
      es: 'Si es el mismo número, escriba {{name}}.',
    },
  },
  'number-not-said': {
    severity: 'note',
    message: {
      'pt-BR': 'A frase não diz o período da regra ({period}).',
      en: 'The sentence does not say the rule’s period ({period}).',
      es: 'La frase no dice el período de la regla ({period}).',
    },
    why: {
      'pt-BR': 'Quem lê quer saber por quanto tempo, e a lei pede que se diga.',
      en: 'A reader wants to know for how long, and the law asks that it be said.',
      es: 'Quien lee quiere saber por cuánto tiempo, y la ley pide que se diga.',
    },
    remedy: {
      'pt-BR': 'Escreva {{name}} na frase.',
      en: 'Write {{name}} in the sentence.',
      es: 'Escriba {{name}} en la frase.',
    },
  },
} as const satisfies Record<string, FindingText>;
