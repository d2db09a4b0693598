import type { Status } from '../../server/policy/contract.ts';
import type { Words } from '../language/language.ts';

type Counts = Readonly<Record<Status, number>>;

const en = {
  what: 'the policy',
  version: (number: string) => `Version ${number}`,
  since: 'in force since',
  asAt: (at: string) => `As measured by ${at}`,
  hash: 'SHA-256 of the version in force',
  /** Is what we say true today? */
  answer: (counts: Counts, total: number) => {
    const { broken, unproven, due } = counts;
    if (broken > 0 && unproven > 0)
      return `No. Of our ${total} promises, ${are(broken)} broken and ${are(unproven)} unproven today.`;
    if (broken > 0) return `No. Of our ${total} promises, ${are(broken)} broken today.`;
    if (unproven > 0)
      return `As far as we can prove it, yes. Of our ${total} promises ${total - unproven} hold, and ${are(unproven)} unproven today.`;
    if (due > 0) return `Yes. All ${total} promises hold today; ${due} ${due === 1 ? 'is' : 'are'} due.`;
    return `Yes. All ${total} promises are kept today.`;
  },
  question: 'Is what we say true today?',
  status: { kept: 'Kept', due: 'Due', broken: 'Broken', unproven: 'Unproven' },
  statusMeans: {
    kept: 'Measured in the real store within its time: nothing is past its limit.',
    due: 'Past the period, still within the tolerance. The next run takes it.',
    broken: 'Measured, and past the tolerance.',
    unproven: 'Not measured, measured too long ago, or not measurable.',
  },
  keptAttested: 'Kept, attested',
  count: { kept: 'kept', due: 'due', broken: 'broken', unproven: 'unproven' },
  filter: 'Show by status',
  showAll: 'Show all',
  showing: (shown: number, total: number) => `${shown} of ${total} promises`,
  noneFound: 'No promise matches.',
  noneFoundText: 'Another word may find it, or the status that is left out.',
  search: 'Search the promises',
  measure: 'Measure now',
  measuring: 'Measuring in the stores …',
  measured: 'Measured. The board is up to date.',
  print: 'Print',
  proofOf: (number: string) => `Proof of ${number}`,
  ofSentence: (number: string) => `of ${number}`,
  oldest: (age: string) => `oldest: ${age}`,
  oldestPast: (age: string) => `oldest: ${age} past its end`,
  oldestOf: (age: string, limit: string) => `oldest: ${age} of ${limit}`,
  noneInBreach: (rows: string, count: number) => `${rows} ${count === 1 ? 'row' : 'rows'} counted, none in breach`,
  inBreach: (broken: string, rows: string) => `${broken} of ${rows} rows in breach`,
  pastPeriod: (due: string, rows: string) => `${due} of ${rows} rows past their period`,
  held: (rows: string) => `${rows} under a hold`,
  excepted: (rows: string) => `${rows} kept by law`,
  strip: 'Age against the limit',
  neverMeasured: 'Never measured',
  receipt: 'Receipt',
  history: 'History',
  annexData: 'Annex A. The data',
  annexPurposes: 'Annex B. What it is used for',
  annexDataText: 'Each kind of data this policy speaks of, whose it is, and in which role we hold it.',
  annexPurposesText: 'Each purpose with the legal basis it rests on.',
  category: 'Data',
  subject: 'Of whom',
  role: 'Our role',
  roles: { controller: 'controller', processor: 'processor' },
  holds: 'What it holds',
  promisedIn: 'Promised in',
  purpose: 'Purpose',
  basis: 'Legal basis',
  usesData: 'Data used',
  none: '—',
  versions: 'Versions',
  empty: {
    title: 'No policy is published yet',
    text: 'Here your privacy policy will stand as people read it, each sentence with the measurement that proves it. Nothing is disposed of before a policy says so.',
    step: 'Draft one from your database, read it through, and publish it:',
  },
};

function are(count: number): string {
  return `${count} ${count === 1 ? 'is' : 'are'}`;
}
function estao(count: number): string {
  return `${count} ${count === 1 ? 'está' : 'estão'}`;
}
function estan(count: number): string {
  return `${count} ${count === 1 ? 'está' : 'están'}`;
}

export const policyWords: Words<typeof en> = {
  en,
  'pt-BR': {
    what: 'a política',
    version: (number) => `Versão ${number}`,
    since: 'em vigor desde',
    asAt: (at) => `Conforme medido até ${at}`,
    hash: 'SHA-256 da versão em vigor',
    answer: ({ broken, unproven, due }, total) => {
      if (broken > 0 && unproven > 0)
        return `Não. Das nossas ${total} promessas, ${broken} ${broken === 1 ? 'está quebrada' : 'estão quebradas'} e ${unproven} sem prova hoje.`;
      if (broken > 0)
        return `Não. Das nossas ${total} promessas, ${broken} ${broken === 1 ? 'está quebrada' : 'estão quebradas'} hoje.`;
      if (unproven > 0)
        return `Até onde podemos provar, sim. Das nossas ${total} promessas, ${total - unproven} valem e ${estao(unproven)} sem prova hoje.`;
      if (due > 0) return `Sim. Todas as ${total} promessas valem hoje; ${due} a vencer.`;
      return `Sim. Todas as ${total} promessas estão cumpridas hoje.`;
    },
    question: 'O que dizemos é verdade hoje?',
    status: { kept: 'Cumprida', due: 'A vencer', broken: 'Quebrada', unproven: 'Sem prova' },
    statusMeans: {
      kept: 'Medida no banco real dentro do prazo: nada passou do limite.',
      due: 'Passou do período, ainda dentro da tolerância. A próxima execução resolve.',
      broken: 'Medida, e além da tolerância.',
      unproven: 'Não medida, medida há tempo demais ou impossível de medir.',
    },
    keptAttested: 'Cumprida, atestada',
    count: { kept: 'cumpridas', due: 'a vencer', broken: 'quebradas', unproven: 'sem prova' },
    filter: 'Mostrar por situação',
    showAll: 'Mostrar todas',
    showing: (shown, total) => `${shown} de ${total} promessas`,
    noneFound: 'Nenhuma promessa corresponde.',
    noneFoundText: 'Outra palavra pode achá-la, ou a situação deixada de fora.',
    search: 'Buscar nas promessas',
    measure: 'Medir agora',
    measuring: 'Medindo nos bancos …',
    measured: 'Medido. O quadro está em dia.',
    print: 'Imprimir',
    proofOf: (number) => `Prova de ${number}`,
    ofSentence: (number) => `de ${number}`,
    oldest: (age) => `mais antigo: ${age}`,
    oldestPast: (age) => `mais antigo: ${age} além do fim`,
    oldestOf: (age, limit) => `mais antigo: ${age} de ${limit}`,
    noneInBreach: (rows, count) => `${rows} ${count === 1 ? 'linha contada' : 'linhas contadas'}, nenhuma em desacordo`,
    inBreach: (broken, rows) => `${broken} de ${rows} linhas em desacordo`,
    pastPeriod: (due, rows) => `${due} de ${rows} linhas além do prazo`,
    held: (rows) => `${rows} sob bloqueio`,
    excepted: (rows) => `${rows} guardadas por lei`,
    strip: 'Idade diante do limite',
    neverMeasured: 'Nunca medida',
    receipt: 'Recibo',
    history: 'Histórico',
    annexData: 'Anexo A. Os dados',
    annexPurposes: 'Anexo B. Para que são usados',
    annexDataText: 'Cada tipo de dado de que esta política fala, de quem é e em que papel o guardamos.',
    annexPurposesText: 'Cada finalidade com a base legal em que se apoia.',
    category: 'Dados',
    subject: 'De quem',
    role: 'Nosso papel',
    roles: { controller: 'controlador', processor: 'operador' },
    holds: 'O que contém',
    promisedIn: 'Prometido em',
    purpose: 'Finalidade',
    basis: 'Base legal',
    usesData: 'Dados usados',
    none: '—',
    versions: 'Versões',
    empty: {
      title: 'Nenhuma política publicada ainda',
      text: 'Aqui ficará a sua política de privacidade como as pessoas a leem, cada frase com a medição que a prova. Nada é descartado antes que uma política o diga.',
      step: 'Rascunhe uma a partir do seu banco de dados, leia-a e publique-a:',
    },
  },
  es: {
    what: 'la política',
    version: (number) => `Versión ${number}`,
    since: 'en vigor desde el',
    asAt: (at) => `Según lo medido hasta el ${at}`,
    hash: 'SHA-256 de la versión en vigor',
    answer: ({ broken, unproven, due }, total) => {
      if (broken > 0 && unproven > 0)
        return `No. De nuestras ${total} promesas, ${broken} ${broken === 1 ? 'está rota' : 'están rotas'} y ${unproven} sin prueba hoy.`;
      if (broken > 0)
        return `No. De nuestras ${total} promesas, ${broken} ${broken === 1 ? 'está rota' : 'están rotas'} hoy.`;
      if (unproven > 0)
        return `Hasta donde podemos probarlo, sí. De nuestras ${total} promesas, ${total - unproven} se cumplen y ${estan(unproven)} sin prueba hoy.`;
      if (due > 0) return `Sí. Las ${total} promesas se cumplen hoy; ${due} por vencer.`;
      return `Sí. Las ${total} promesas se cumplen hoy.`;
    },
    question: '¿Es verdad hoy lo que decimos?',
    status: { kept: 'Cumplida', due: 'Por vencer', broken: 'Rota', unproven: 'Sin prueba' },
    statusMeans: {
      kept: 'Medida en la base real dentro de su plazo: nada pasó del límite.',
      due: 'Pasó del período, aún dentro de la tolerancia. La próxima ejecución lo resuelve.',
      broken: 'Medida, y más allá de la tolerancia.',
      unproven: 'No medida, medida hace demasiado o imposible de medir.',
    },
    keptAttested: 'Cumplida, atestada',
    count: { kept: 'cumplidas', due: 'por vencer', broken: 'rotas', unproven: 'sin prueba' },
    filter: 'Mostrar por estado',
    showAll: 'Mostrar todas',
    showing: (shown, total) => `${shown} de ${total} promesas`,
    noneFound: 'Ninguna promesa coincide.',
    noneFoundText: 'Otra palabra puede hallarla, o el estado que quedó fuera.',
    search: 'Buscar en las promesas',
    measure: 'Medir ahora',
    measuring: 'Midiendo en las bases …',
    measured: 'Medido. El tablero está al día.',
    print: 'Imprimir',
    proofOf: (number) => `Prueba de ${number}`,
    ofSentence: (number) => `de ${number}`,
    oldest: (age) => `más antiguo: ${age}`,
    oldestPast: (age) => `más antiguo: ${age} tras su fin`,
    oldestOf: (age, limit) => `más antiguo: ${age} de ${limit}`,
    noneInBreach: (rows, count) => `${rows} ${count === 1 ? 'fila contada' : 'filas contadas'}, ninguna incumple`,
    inBreach: (broken, rows) => `${broken} de ${rows} filas en incumplimiento`,
    pastPeriod: (due, rows) => `${due} de ${rows} filas pasadas de plazo`,
    held: (rows) => `${rows} bajo retención`,
    excepted: (rows) => `${rows} guardadas por ley`,
    strip: 'Edad frente al límite',
    neverMeasured: 'Nunca medida',
    receipt: 'Recibo',
    history: 'Historial',
    annexData: 'Anexo A. Los datos',
    annexPurposes: 'Anexo B. Para qué se usan',
    annexDataText: 'Cada tipo de dato del que habla esta política, de quién es y en qué papel lo guardamos.',
    annexPurposesText: 'Cada finalidad con la base legal en que se apoya.',
    category: 'Datos',
    subject: 'De quién',
    role: 'Nuestro papel',
    roles: { controller: 'responsable', processor: 'encargado' },
    holds: 'Qué contiene',
    promisedIn: 'Prometido en',
    purpose: 'Finalidad',
    basis: 'Base legal',
    usesData: 'Datos usados',
    none: '—',
    versions: 'Versiones',
    empty: {
      title: 'Aún no hay política publicada',
      text: 'Aquí estará su política de privacidad como la lee la gente, cada frase con la medición que la prueba. Nada se elimina antes de que una política lo diga.',
      step: 'Haga un borrador desde su base de datos, léalo y publíquelo:',
    },
  },
};
