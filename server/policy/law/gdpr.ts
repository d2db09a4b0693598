import type { LawFact, LegalBasis, Support } from './fact.ts';

const inForce = '2018-05-25';
const gdprSource = 'https://eur-lex.europa.eu/eli/reg/2016/679/oj';
const controllers = { 'pt-BR': 'responsáveis pelo tratamento', en: 'controllers', es: 'responsables' };

/** Exceptions of the GDPR that keep data after an erasure request, and its principle of storage limitation. */
export const gdprFacts: readonly LawFact[] = (
  [
    ['5-1-e', '5(1)(e)', 'limitação da conservação', 'storage limitation', 'limitación del plazo de conservación'],
    [
      '17-3-a',
      '17(3)(a)',
      'exceção: liberdade de expressão e informação',
      'exception: freedom of expression and information',
      'excepción: libertad de expresión e información',
    ],
    [
      '17-3-b',
      '17(3)(b)',
      'exceção: obrigação legal ou interesse público',
      'exception: legal obligation or public interest',
      'excepción: obligación legal o interés público',
    ],
    ['17-3-c', '17(3)(c)', 'exceção: saúde pública', 'exception: public health', 'excepción: salud pública'],
    [
      '17-3-d',
      '17(3)(d)',
      'exceção: arquivo, pesquisa ou estatística',
      'exception: archiving, research or statistics',
      'excepción: archivo, investigación o estadística',
    ],
    [
      '17-3-e',
      '17(3)(e)',
      'exceção: direitos em processo judicial',
      'exception: legal claims',
      'excepción: reclamaciones judiciales',
    ],
  ] as const
).map(
  ([key, article, pt, en, es]): LawFact => ({
    key: `gdpr-${key}`,
    regime: 'gdpr',
    citation: `GDPR, art. ${article}`,
    title: { 'pt-BR': pt, en, es },
    kind: 'exception',
    length: null,
    calendar: 'civil',
    starts: {
      event: { 'pt-BR': 'o pedido de apagamento', en: 'the erasure request', es: 'la solicitud de supresión' },
      at: 'event',
      clocks: [],
    },
    binds: controllers,
    alongside: [],
    validFrom: inForce,
    validUntil: null,
    source: gdprSource,
    mark: 'B',
  }),
);

type Row = readonly [key: string, support: Support, pt: string, en: string, es: string];

const ordinary: readonly Row[] = [
  ['6-1-a', 'until-withdrawn', 'consentimento', 'consent', 'consentimiento'],
  [
    '6-1-b',
    'contract',
    'execução de contrato ou diligências pré-contratuais',
    'performance of a contract or steps before it',
    'ejecución de un contrato o medidas precontractuales',
  ],
  ['6-1-c', 'law', 'obrigação legal', 'legal obligation', 'obligación legal'],
  ['6-1-d', 'purpose', 'interesses vitais', 'vital interests', 'intereses vitales'],
  [
    '6-1-e',
    'purpose',
    'interesse público ou autoridade pública',
    'public interest or official authority',
    'interés público o poder público',
  ],
  ['6-1-f', 'purpose', 'interesses legítimos', 'legitimate interests', 'intereses legítimos'],
];

const special: readonly Row[] = [
  ['9-2-a', 'until-withdrawn', 'consentimento explícito', 'explicit consent', 'consentimiento explícito'],
  [
    '9-2-b',
    'law',
    'direito do trabalho e segurança social',
    'employment and social security law',
    'derecho laboral y seguridad social',
  ],
  ['9-2-c', 'purpose', 'interesses vitais', 'vital interests', 'intereses vitales'],
  [
    '9-2-d',
    'purpose',
    'associações, sobre os seus membros',
    'associations, about their members',
    'asociaciones, sobre sus miembros',
  ],
  [
    '9-2-e',
    'purpose',
    'dados manifestamente tornados públicos pelo titular',
    'data the subject manifestly made public',
    'datos que el interesado hizo manifiestamente públicos',
  ],
  ['9-2-f', 'claims', 'direitos em processo judicial', 'legal claims', 'reclamaciones judiciales'],
  ['9-2-g', 'purpose', 'interesse público importante', 'substantial public interest', 'interés público esencial'],
  [
    '9-2-h',
    'purpose',
    'medicina preventiva ou do trabalho, cuidados de saúde',
    'preventive or occupational medicine, health care',
    'medicina preventiva o laboral, asistencia sanitaria',
  ],
  ['9-2-i', 'purpose', 'saúde pública', 'public health', 'salud pública'],
  [
    '9-2-j',
    'purpose',
    'arquivo, pesquisa ou estatística',
    'archiving, research or statistics',
    'archivo, investigación o estadística',
  ],
];

function basis([key, support, pt, en, es]: Row, sensitive: boolean): LegalBasis {
  const [article, paragraph, point] = key.split('-');
  const citation = `GDPR, art. ${article}(${paragraph})(${point})`;
  const title = { 'pt-BR': pt, en, es };
  return { regime: 'gdpr', key, citation, title, support, sensitive, validFrom: inForce, validUntil: null, mark: 'B' };
}

/** GDPR art. 6(1) and art. 9(2). */
export const gdprBases: readonly LegalBasis[] = [
  ...ordinary.map((row) => basis(row, false)),
  ...special.map((row) => basis(row, true)),
];
