import type { LawFact } from './fact.ts';

/** Law of the European Union other than the GDPR, as far as retention touches it. */
export const eu: readonly LawFact[] = [
  {
    key: 'regulation-1182-71-3',
    regime: 'eu',
    citation: 'Regulation (EEC, Euratom) 1182/71, art. 3',
    title: {
      'pt-BR': 'Contagem de prazos: o mês termina no mesmo dia ou no seu último dia',
      en: 'Counting periods: a month ends on the same date or on its last day',
      es: 'Cómputo de plazos: el mes termina en la misma fecha o en su último día',
    },
    kind: 'counting',
    length: null,
    calendar: 'civil',
    starts: {
      event: {
        'pt-BR': 'o dia seguinte ao do evento',
        en: 'the day after the event',
        es: 'el día siguiente al del hecho',
      },
      at: 'event',
      clocks: [],
    },
    binds: { 'pt-BR': 'prazos do direito da União', en: 'terms under Union law', es: 'plazos del derecho de la Unión' },
    alongside: [],
    validFrom: '1971-07-01',
    validUntil: null,
    source: 'https://eur-lex.europa.eu/eli/reg/1971/1182/oj',
    mark: 'A',
  },
  ...(['26-6', '19-1'] as const).map(
    (article): LawFact => ({
      key: `ai-act-${article}`,
      regime: 'eu',
      citation: `Regulation (EU) 2024/1689 (AI Act), art. ${article.replace('-', '(')})`,
      title: {
        'pt-BR': 'Registros de sistemas de IA de alto risco',
        en: 'Logs of high-risk AI systems',
        es: 'Registros de sistemas de IA de alto riesgo',
      },
      kind: 'floor',
      length: 'P6M',
      calendar: 'civil',
      starts: { event: { 'pt-BR': 'o registro', en: 'the log record', es: 'el registro' }, at: 'event', clocks: [] },
      binds:
        article === '26-6'
          ? {
              'pt-BR': 'quem usa sistemas de IA de alto risco',
              en: 'deployers of high-risk AI systems',
              es: 'responsables del despliegue de sistemas de IA de alto riesgo',
            }
          : {
              'pt-BR': 'fornecedores de sistemas de IA de alto risco',
              en: 'providers of high-risk AI systems',
              es: 'proveedores de sistemas de IA de alto riesgo',
            },
      alongside: [],
      validFrom: '2026-08-02',
      validUntil: null,
      source: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj',
      mark: 'B',
    }),
  ),
];
