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
  'unknown-reference': {
    severity: 'error',
    message: {
      'pt-BR': '“{name}” não existe: não há tal {kind}.',
      en: 'There is no “{name}”: no such {kind}.',
      es: '“{name}” no existe: no hay tal {kind}.',
    },
    why: {
      'pt-BR': 'Uma referência que não leva a nada é uma promessa que ninguém cumpre.',
      en: 'A reference that leads nowhere is a promise that nobody keeps.',
      es: 'Una referencia que no lleva a nada es una promesa que nadie cumple.',
    },
    remedy: { 'pt-BR': '{suggestion}', en: '{suggestion}', es: '{suggestion}' },
  },
  'unknown-basis': {
    severity: 'error',
    message: {
      'pt-BR': '“{name}” não é uma base legal de {regime}.',
      en: '“{name}” is no legal basis of {regime}.',
      es: '“{name}” no es una base legal de {regime}.',
    },
    why: {
      'pt-BR': 'Bases são escritas como a lei as cita, para que se possa conferir.',
      en: 'Bases are written as the law cites them, so that they can be looked up.',
      es: 'Las bases se escriben como la ley las cita, para poder comprobarlas.',
    },
    remedy: { 'pt-BR': '{suggestion}', en: '{suggestion}', es: '{suggestion}' },
  },
  'regime-not-named': {
    severity: 'warning',
    message: {
      'pt-BR': 'A organização não declara o regime {regime}.',
      en: 'The organisation does not name the regime {regime}.',
      es: 'La organización no declara el régimen {regime}.',
    },
    why: {
      'pt-BR': 'Uma base vale dentro do regime a que a organização responde.',
      en: 'A basis counts within a regime the organisation answers to.',
      es: 'Una base vale dentro del régimen al que la organización responde.',
    },
    remedy: {
      'pt-BR': 'Acrescente {regime} a `organisation.regimes`, ou retire a base.',
      en: 'Add {regime} to `organisation.regimes`, or remove the basis.',
      es: 'Añada {regime} a `organisation.regimes`, o quite la base.',
    },
  },
  'basis-missing': {
    severity: 'warning',
    message: {
      'pt-BR': 'Falta a base legal segundo {regime}.',
      en: 'The legal basis under {regime} is missing.',
      es: 'Falta la base legal según {regime}.',
    },
    why: {
      'pt-BR': 'A organização responde a {regime}, e cada finalidade precisa de uma base nele.',
      en: 'The organisation answers to {regime}, and every purpose needs a basis in it.',
      es: 'La organización responde a {regime}, y cada finalidad necesita una base en él.',
    },
    remedy: {
      'pt-BR': 'Acrescente `{regime}:` com o artigo.',
      en: 'Add `{regime}:` with the article.',
      es: 'Añada `{regime}:` con el artículo.',
    },
  },
  'not-a-contract-end': {
    severity: 'error',
    message: {
      'pt-BR': '“{promise}” não é o fim de um contrato.',
      en: '“{promise}” is no end of a contract.',
      es: '“{promise}” no es el fin de un contrato.',
    },
    why: {
      'pt-BR': 'Só uma promessa `end` com `grace` tem exceções e pode ser confirmada.',
      en: 'Only an `end` promise with `grace` has exceptions and can be confirmed.',
      es: 'Solo una promesa `end` con `grace` tiene excepciones y puede confirmarse.',
    },
    remedy: {
      'pt-BR': 'Indique a promessa `end` que tem `grace`.',
      en: 'Name the `end` promise that has `grace`.',
      es: 'Indique la promesa `end` que tiene `grace`.',
    },
  },
  'exception-without-period': {
    severity: 'error',
    message: {
      'pt-BR': '“{promise}” é uma exceção sem período próprio.',
      en: '“{promise}” is an exception without a period of its own.',
      es: '“{promise}” es una excepción sin período propio.',
    },
    why: {
      'pt-BR': 'O que fica depois do contrato precisa de um dia em que vai embora.',
      en: 'What stays after the contract needs a day on which it goes.',
      es: 'Lo que queda tras el contrato necesita un día en que se va.',
    },
    remedy: {
      'pt-BR': 'Use promessas `keep` com `for` e `from`.',
      en: 'Use `keep` promises with `for` and `from`.',
      es: 'Use promesas `keep` con `for` y `from`.',
    },
  },
  'measure-without-data': {
    severity: 'error',
    message: {
      'pt-BR': 'A medida “{measure}” não diz quais dados protege.',
      en: 'The measure “{measure}” does not say which data it protects.',
      es: 'La medida “{measure}” no dice qué datos protege.',
    },
    why: {
      'pt-BR': 'Sem os dados não há o que olhar.',
      en: 'Without the data there is nothing to look at.',
      es: 'Sin los datos no hay qué mirar.',
    },
    remedy: { 'pt-BR': 'Acrescente `data`.', en: 'Add `data`.', es: 'Añada `data`.' },
  },
  'record-of-nothing': {
    severity: 'error',
    message: {
      'pt-BR': '“{promise}” não diz o que é registrado nem o que nunca é.',
      en: '“{promise}” says neither what is recorded nor what never is.',
      es: '“{promise}” no dice qué se registra ni qué no se registra nunca.',
    },
    why: {
      'pt-BR': 'Sem um nem outro não há o que procurar nos registros.',
      en: 'Without either there is nothing to look for in the records.',
      es: 'Sin uno ni otro no hay qué buscar en los registros.',
    },
    remedy: {
      'pt-BR': 'Acrescente `facts`, `never` ou ambos.',
      en: 'Add `facts`, `never` or both.',
      es: 'Añada `facts`, `never` o ambos.',
    },
  },
  'verb-later': {
    severity: 'warning',
    message: {
      'pt-BR': 'Esta versão ainda não cumpre promessas `{verb}`.',
      en: 'This version cannot keep `{verb}` promises yet.',
      es: 'Esta versión aún no cumple promesas `{verb}`.',
    },
    why: {
      'pt-BR': 'A frase é publicada, sua regra não é conferida, e o estado será sempre “sem prova”.',
      en: 'The sentence is published, its rule is not checked, and its status is always unproven.',
      es: 'La frase se publica, su regla no se comprueba, y su estado será siempre “sin prueba”.',
    },
    remedy: {
      'pt-BR': 'Deixe-a, sabendo disso, ou retire-a até uma versão que a cumpra.',
      en: 'Leave it, knowing this, or take it out until a version keeps it.',
      es: 'Déjela, sabiéndolo, o quítela hasta una versión que la cumpla.',
    },
  },
  'data-without-rule': {
    severity: 'warning',
    message: {
      'pt-BR': 'Nenhuma promessa diz por quanto tempo “{category}” fica.',
      en: 'No promise says how long “{category}” is kept.',
      es: 'Ninguna promesa dice cuánto tiempo se conserva “{category}”.',
    },
    why: {
      'pt-BR': 'O que não tem prazo fica para sempre.',
      en: 'What has no period stays for ever.',
      es: 'Lo que no tiene plazo se queda para siempre.',
    },
    remedy: {
      'pt-BR': 'Acrescente uma promessa `keep` para ela.',
      en: 'Add a `keep` promise for it.',
      es: 'Añada una promesa `keep` para ella.',
    },
  },
  'data-without-purpose': {
    severity: 'warning',
    message: {
      'pt-BR': 'Nenhuma finalidade usa “{category}”.',
      en: 'No purpose uses “{category}”.',
      es: 'Ninguna finalidad usa “{category}”.',
    },
    why: {
      'pt-BR': 'Dados sem finalidade não têm base legal.',
      en: 'Data without a purpose has no legal basis.',
      es: 'Los datos sin finalidad no tienen base legal.',
    },
    remedy: {
      'pt-BR': 'Ponha-a em uma finalidade, ou deixe de coletá-la.',
      en: 'Put it into a purpose, or stop collecting it.',
      es: 'Póngala en una finalidad, o deje de recogerla.',
    },
  },
  'rules-disagree': {
    severity: 'warning',
    message: {
      'pt-BR': '“{promise}” e “{other}” dão períodos diferentes a “{category}” no mesmo relógio.',
      en: '“{promise}” and “{other}” give “{category}” different periods on the same clock.',
      es: '“{promise}” y “{other}” dan a “{category}” períodos distintos en el mismo reloj.',
    },
    why: {
      'pt-BR': 'O mais curto vence: o que ele apaga, o outro já não guarda.',
      en: 'The shorter one wins: what it deletes the other keeps no longer.',
      es: 'Gana el más corto: lo que borra, el otro ya no lo conserva.',
    },
    remedy: {
      'pt-BR': 'Separe a categoria em duas, ou fique com uma das promessas.',
      en: 'Split the category in two, or keep one of the promises.',
      es: 'Divida la categoría en dos, o quédese con una de las promesas.',
    },
  },
  'promise-in-two-sections': {
    severity: 'warning',
    message: {
      'pt-BR': '“{promise}” já está na seção “{section}”.',
      en: '“{promise}” already stands in section “{section}”.',
      es: '“{promise}” ya está en la sección “{section}”.',
    },
    why: {
      'pt-BR': 'Uma frase publicada duas vezes parece duas promessas.',
      en: 'A sentence published twice looks like two promises.',
      es: 'Una frase publicada dos veces parece dos promesas.',
    },
    remedy: { 'pt-BR': 'Deixe-a em uma seção.', en: 'Leave it in one section.', es: 'Déjela en una sección.' },
  },
  'promise-in-no-section': {
    severity: 'warning',
    message: {
      'pt-BR': '“{promise}” não está em nenhuma seção.',
      en: '“{promise}” stands in no section.',
      es: '“{promise}” no está en ninguna sección.',
    },
    why: {
      'pt-BR': 'Ela se cumpre, mas ninguém a lê no documento.',
      en: 'It is kept, but nobody reads it in the document.',
      es: 'Se cumple, pero nadie la lee en el documento.',
    },
    remedy: {
      'pt-BR': 'Acrescente-a às `promises` de uma seção.',
      en: 'Add it to the `promises` of a section.',
      es: 'Añádala a las `promises` de una sección.',
    },
  },
  'section-twice': {
    severity: 'error',
    message: {
      'pt-BR': 'A seção “{section}” aparece duas vezes.',
      en: 'Section “{section}” stands twice.',
      es: 'La sección “{section}” aparece dos veces.',
    },
    why: {
      'pt-BR': 'Cada seção tem um endereço no documento.',
      en: 'Each section has an address in the document.',
      es: 'Cada sección tiene una dirección en el documento.',
    },
    remedy: {
      'pt-BR': 'Dê outro nome a uma delas.',
      en: 'Give one of them another name.',
      es: 'Dé otro nombre a una de ellas.',
    },
  },
} as const satisfies Record<string, FindingText>;
