import type { LawFact, LegalBasis, Support } from './fact.ts';

const controllers = { 'pt-BR': 'controladores', en: 'controllers', es: 'responsables' };
const lgpdSource = 'https://www.planalto.gov.br/ccivil_03/_ato2015-2018/2018/lei/l13709compilado.htm';
const inForce = '2020-09-18';

/** Periods and exceptions of the LGPD and of ANPD's resolutions that retention touches. */
export const lgpdFacts: readonly LawFact[] = [
  {
    key: 'anpd-15-2024-10',
    regime: 'lgpd',
    citation: 'Resolução CD/ANPD 15/2024, art. 10',
    title: {
      'pt-BR': 'Registro de incidentes, comunicados ou não',
      en: 'Record of incidents, reported or not',
      es: 'Registro de incidentes, comunicados o no',
    },
    kind: 'floor',
    length: 'P5Y',
    calendar: 'civil',
    starts: { event: { 'pt-BR': 'o registro', en: 'the record', es: 'el registro' }, at: 'event', clocks: [] },
    binds: controllers,
    alongside: [],
    validFrom: '2024-04-26',
    validUntil: null,
    source: 'https://www.gov.br/anpd/pt-br/acesso-a-informacao/institucional/atos-normativos/regulamentacoes_anpd',
    mark: 'A',
  },
  ...(
    [
      [
        'i',
        'cumprimento de obrigação legal ou regulatória',
        'compliance with a legal or regulatory duty',
        'cumplimiento de una obligación legal o reglamentaria',
      ],
      [
        'ii',
        'estudo por órgão de pesquisa, anonimizado quando possível',
        'study by a research body, anonymised where possible',
        'estudio por un órgano de investigación, anonimizado cuando sea posible',
      ],
      [
        'iii',
        'transferência a terceiro, nos termos da lei',
        'transfer to a third party as the law allows',
        'transferencia a un tercero conforme a la ley',
      ],
      [
        'iv',
        'uso exclusivo do controlador, anonimizado e sem acesso de terceiro',
        'the controller’s own use, anonymised and closed to third parties',
        'uso exclusivo del responsable, anonimizado y sin acceso de terceros',
      ],
    ] as const
  ).map(
    ([item, pt, en, es]): LawFact => ({
      key: `lgpd-16-${item}`,
      regime: 'lgpd',
      citation: `LGPD (Lei 13.709/2018), art. 16, ${item.toUpperCase()}`,
      title: {
        'pt-BR': `Conservação após o término do tratamento: ${pt}`,
        en: `Keeping after the end of processing: ${en}`,
        es: `Conservación tras el fin del tratamiento: ${es}`,
      },
      kind: 'exception',
      length: null,
      calendar: 'civil',
      starts: {
        event: { 'pt-BR': 'o término do tratamento', en: 'the end of processing', es: 'el fin del tratamiento' },
        at: 'event',
        clocks: [],
      },
      binds: controllers,
      alongside: [],
      validFrom: inForce,
      validUntil: null,
      source: lgpdSource,
      mark: 'A',
    }),
  ),
];

type Row = readonly [key: string, support: Support, pt: string, en: string, es: string];

const ordinary: readonly Row[] = [
  ['7-I', 'until-withdrawn', 'consentimento do titular', 'the subject’s consent', 'consentimiento del titular'],
  [
    '7-II',
    'law',
    'obrigação legal ou regulatória do controlador',
    'a legal or regulatory duty of the controller',
    'obligación legal o reglamentaria del responsable',
  ],
  [
    '7-III',
    'purpose',
    'políticas públicas, pela administração',
    'public policies, by the administration',
    'políticas públicas, por la administración',
  ],
  [
    '7-IV',
    'purpose',
    'estudos por órgão de pesquisa',
    'studies by a research body',
    'estudios por un órgano de investigación',
  ],
  [
    '7-V',
    'contract',
    'execução de contrato ou de seus preparativos',
    'performance of a contract or its preliminaries',
    'ejecución de un contrato o de sus preliminares',
  ],
  [
    '7-VI',
    'claims',
    'exercício de direitos em processo',
    'exercise of rights in proceedings',
    'ejercicio de derechos en procesos',
  ],
  [
    '7-VII',
    'purpose',
    'proteção da vida ou da incolumidade física',
    'protection of life or physical safety',
    'protección de la vida o de la integridad física',
  ],
  [
    '7-VIII',
    'purpose',
    'tutela da saúde, por profissionais e serviços de saúde',
    'protection of health, by health professionals and services',
    'tutela de la salud, por profesionales y servicios de salud',
  ],
  [
    '7-IX',
    'purpose',
    'interesse legítimo do controlador ou de terceiro',
    'legitimate interest of the controller or a third party',
    'interés legítimo del responsable o de un tercero',
  ],
  ['7-X', 'purpose', 'proteção do crédito', 'protection of credit', 'protección del crédito'],
];

const sensitive: readonly Row[] = [
  [
    '11-I',
    'until-withdrawn',
    'consentimento específico e destacado',
    'specific and highlighted consent',
    'consentimiento específico y destacado',
  ],
  [
    '11-II-a',
    'law',
    'obrigação legal ou regulatória do controlador',
    'a legal or regulatory duty of the controller',
    'obligación legal o reglamentaria del responsable',
  ],
  [
    '11-II-b',
    'purpose',
    'políticas públicas previstas em lei',
    'public policies provided for by law',
    'políticas públicas previstas en la ley',
  ],
  [
    '11-II-c',
    'purpose',
    'estudos por órgão de pesquisa',
    'studies by a research body',
    'estudios por un órgano de investigación',
  ],
  [
    '11-II-d',
    'claims',
    'exercício de direitos, em contrato e em processo',
    'exercise of rights, under contract and in proceedings',
    'ejercicio de derechos, en contrato y en procesos',
  ],
  [
    '11-II-e',
    'purpose',
    'proteção da vida ou da incolumidade física',
    'protection of life or physical safety',
    'protección de la vida o de la integridad física',
  ],
  [
    '11-II-f',
    'purpose',
    'tutela da saúde, por profissionais e serviços de saúde',
    'protection of health, by health professionals and services',
    'tutela de la salud, por profesionales y servicios de salud',
  ],
  [
    '11-II-g',
    'purpose',
    'prevenção à fraude e segurança do titular',
    'prevention of fraud and safety of the subject',
    'prevención del fraude y seguridad del titular',
  ],
];

function basis([key, support, pt, en, es]: Row, isSensitive: boolean): LegalBasis {
  const citation = `LGPD (Lei 13.709/2018), art. ${key.split('-').join(', ')}`;
  const title = { 'pt-BR': pt, en, es };
  return {
    regime: 'lgpd',
    key,
    citation,
    title,
    support,
    sensitive: isSensitive,
    validFrom: inForce,
    validUntil: null,
    mark: 'A',
  };
}

/** LGPD art. 7 (personal data) and art. 11 (sensitive data). */
export const lgpdBases: readonly LegalBasis[] = [
  ...ordinary.map((row) => basis(row, false)),
  ...sensitive.map((row) => basis(row, true)),
];
