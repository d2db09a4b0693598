import type { FindingText } from './finding-text.ts';

/**
 * Where a policy stands against the law and against itself. None of these is an error: a lawyer may know why a
 * period is what it is. `{law}` and `{floor}` come from the law packs, never from here.
 */
export const lawFindings = {
  'below-floor': {
    severity: 'warning',
    message: {
      'pt-BR': '{period} ficam {short} dias abaixo do mínimo legal de {floor}.',
      en: '{period} are {short} days short of the legal minimum of {floor}.',
      es: '{period} quedan {short} días por debajo del mínimo legal de {floor}.',
    },
    why: {
      'pt-BR': '{law} pede pelo menos {floor} a contar de {event}; no calendário são {floorDays} dias.',
      en: '{law} asks for at least {floor} from {event}; on the calendar that is {floorDays} days.',
      es: '{law} pide al menos {floor} desde {event}; en el calendario son {floorDays} días.',
    },
    remedy: {
      'pt-BR': 'Aumente o período, ou retire a lei de `governed-by` se ela não rege estes dados.',
      en: 'Lengthen the period, or take the law out of `governed-by` if it does not govern this data.',
      es: 'Alargue el período, o quite la ley de `governed-by` si no rige estos datos.',
    },
  },
  'undercuts-start': {
    severity: 'warning',
    message: {
      'pt-BR': '{period} a partir de “{from}” podem acabar até {short} dias antes do prazo legal.',
      en: '{period} from “{from}” can end up to {short} days before the law’s own period.',
      es: '{period} desde “{from}” pueden acabar hasta {short} días antes del plazo legal.',
    },
    why: {
      'pt-BR': '{law} conta {floor} a partir de {event}, e não do próprio documento.',
      en: '{law} counts {floor} from {event}, not from the document itself.',
      es: '{law} cuenta {floor} desde {event}, no desde el propio documento.',
    },
    remedy: {
      'pt-BR': 'Conte do encerramento do exercício, ou acrescente um ano ao período.',
      en: 'Count from the close of the fiscal year, or add a year to the period.',
      es: 'Cuente desde el cierre del ejercicio, o añada un año al período.',
    },
  },
  'floor-cited-as-length': {
    severity: 'note',
    message: {
      'pt-BR': 'A lei citada pede no mínimo {length}; ela não dá {period}.',
      en: 'The law cited asks for at least {length}; it does not give {period}.',
      es: 'La ley citada pide como mínimo {length}; no da {period}.',
    },
    why: {
      'pt-BR': '{law} é um piso. O que passa dele é escolha da organização e precisa de base própria.',
      en: '{law} is a floor. What goes beyond it is the organisation’s choice and needs a basis of its own.',
      es: '{law} es un mínimo. Lo que lo supera es decisión de la organización y necesita su propia base.',
    },
    remedy: {
      'pt-BR': 'Diga no `why` por que {period} são necessários, ou reduza o período.',
      en: 'Say in `why` what {period} are needed for, or shorten the period.',
      es: 'Diga en `why` para qué hacen falta {period}, o reduzca el período.',
    },
  },
  'law-gives-less': {
    severity: 'note',
    message: {
      'pt-BR': 'A lei citada alcança {length}, e a regra guarda {period}.',
      en: 'The law cited reaches {length}, and the rule keeps {period}.',
      es: 'La ley citada alcanza {length}, y la regla conserva {period}.',
    },
    why: {
      'pt-BR': 'Depois de {length} já não há pretensão segundo {law}, e guardar por causa dela não se justifica.',
      en: 'After {length} there is no claim left under {law}, so it does not justify keeping longer.',
      es: 'Después de {length} ya no hay pretensión según {law}, y no justifica conservar más.',
    },
    remedy: {
      'pt-BR': 'Cite a lei que sustenta {period}, ou apenas as que já sustentam.',
      en: 'Cite the law that supports {period}, or only those that do.',
      es: 'Cite la ley que sustenta {period}, o solo las que lo hacen.',
    },
  },
  'basis-needs-law': {
    severity: 'warning',
    message: {
      'pt-BR': 'A base de “{category}” é uma obrigação legal, e nenhuma lei é citada para o período.',
      en: 'The basis of “{category}” is a legal duty, and no law is cited for the period.',
      es: 'La base de “{category}” es una obligación legal, y no se cita ninguna ley para el período.',
    },
    why: {
      'pt-BR': 'A base ({bases}) sustenta só o tempo que outra lei exige.',
      en: 'The basis ({bases}) supports only the time that another law demands.',
      es: 'La base ({bases}) solo sustenta el tiempo que otra ley exige.',
    },
    remedy: {
      'pt-BR': 'Acrescente `because` com a lei que dá o período.',
      en: 'Add `because` with the law that gives the period.',
      es: 'Añada `because` con la ley que da el período.',
    },
  },
  'basis-ends-with-contract': {
    severity: 'warning',
    message: {
      'pt-BR': 'A base de “{category}” termina com o contrato, e a regra guarda por mais {period}.',
      en: 'The basis of “{category}” ends with the contract, and the rule keeps {period} more.',
      es: 'La base de “{category}” termina con el contrato, y la regla conserva {period} más.',
    },
    why: {
      'pt-BR': 'Execução de contrato ({bases}) não sustenta guardar depois que ele acaba.',
      en: 'Performance of a contract ({bases}) does not support keeping once it is over.',
      es: 'La ejecución de un contrato ({bases}) no sustenta conservar cuando ha terminado.',
    },
    remedy: {
      'pt-BR':
        'Acrescente a finalidade e a base do tempo a mais (defesa em processo, obrigação legal), ou retire `plus`.',
      en: 'Add the purpose and basis of the extra time (legal claims, a legal duty), or remove `plus`.',
      es: 'Añada la finalidad y la base del tiempo adicional (reclamaciones, obligación legal), o quite `plus`.',
    },
  },
  'consent-ends-earlier': {
    severity: 'note',
    message: {
      'pt-BR': 'A base de “{category}” é o consentimento, que pode acabar antes de {period}.',
      en: 'The basis of “{category}” is consent, which can end before {period} do.',
      es: 'La base de “{category}” es el consentimiento, que puede acabar antes de {period}.',
    },
    why: {
      'pt-BR': 'O consentimento ({bases}) vale até ser revogado; o período é só um limite.',
      en: 'Consent ({bases}) holds until it is withdrawn; the period is only an upper limit.',
      es: 'El consentimiento ({bases}) vale hasta que se retira; el período es solo un límite.',
    },
    remedy: {
      'pt-BR': 'Diga na frase que a revogação encerra o prazo.',
      en: 'Say in the sentence that withdrawal ends the period.',
      es: 'Diga en la frase que la revocación termina el plazo.',
    },
  },
  'no-rule-can-execute': {
    severity: 'warning',
    message: {
      'pt-BR': 'O período é de outra empresa ({setBy}); nenhuma regra consegue executá-lo.',
      en: 'The period is another company’s ({setBy}); no rule can carry it out.',
      es: 'El período es de otra empresa ({setBy}); ninguna regla puede ejecutarlo.',
    },
    why: {
      'pt-BR':
        'A organização não manda nesse prazo nem o mede, e quem o define pode mudá-lo. A promessa ficará sem prova.',
      en: 'The organisation neither rules nor measures it, and whoever sets it can change it. The promise stays unproven.',
      es: 'La organización no decide ese plazo ni lo mide, y quien lo fija puede cambiarlo. La promesa quedará sin prueba.',
    },
    remedy: {
      'pt-BR': 'Configure um período no fornecedor e escreva-o aqui, ou retire a frase e diga quem responde por ela.',
      en: 'Set a period at the provider and write it here, or drop the sentence and say who answers for it.',
      es: 'Configure un período en el proveedor y escríbalo aquí, o quite la frase y diga quién responde por ella.',
    },
    article: 'LGPD (Lei 13.709/2018), arts. 15 e 16; GDPR, art. 5(1)(e)',
  },
  'grace-outlives-while': {
    severity: 'warning',
    message: {
      'pt-BR': '“{promise}” diz “enquanto a conta está ativa”, e a carência guarda por mais {grace}.',
      en: '“{promise}” says “while the account is active”, and the grace period keeps it {grace} longer.',
      es: '“{promise}” dice “mientras la cuenta está activa”, y el período de gracia la conserva {grace} más.',
    },
    why: {
      'pt-BR': 'Durante a carência de “{end}” a conta já não está ativa e os dados continuam lá.',
      en: 'During the grace of “{end}” the account is no longer active and the data is still there.',
      es: 'Durante la gracia de “{end}” la cuenta ya no está activa y los datos siguen allí.',
    },
    remedy: {
      'pt-BR': 'Escreva `plus: {iso}`, ou cite a carência na frase com {{end}.grace}.',
      en: 'Write `plus: {iso}`, or quote the grace in the sentence as {{end}.grace}.',
      es: 'Escriba `plus: {iso}`, o cite la gracia en la frase con {{end}.grace}.',
    },
  },
  'grace-told': {
    severity: 'note',
    message: {
      'pt-BR': '“{promise}” guarda durante a carência ({grace}), e a frase diz isso.',
      en: '“{promise}” keeps through the grace period ({grace}), and its sentence says so.',
      es: '“{promise}” conserva durante la gracia ({grace}), y su frase lo dice.',
    },
    why: {
      'pt-BR': 'Os dados continuam lá durante a carência de “{end}”.',
      en: 'The data is still there during the grace of “{end}”.',
      es: 'Los datos siguen allí durante la gracia de “{end}”.',
    },
    remedy: {
      'pt-BR': 'Nada a fazer; `plus: {iso}` diria o mesmo na regra.',
      en: 'Nothing to do; `plus: {iso}` would say the same in the rule.',
      es: 'Nada que hacer; `plus: {iso}` diría lo mismo en la regla.',
    },
  },
  'backups-outlive-erasure': {
    severity: 'warning',
    message: {
      'pt-BR': '“{promise}” apaga, e as cópias de segurança guardam por mais {period}.',
      en: '“{promise}” erases, and backups keep a copy for {period} more.',
      es: '“{promise}” borra, y las copias de seguridad la conservan {period} más.',
    },
    why: {
      'pt-BR':
        'O que sai do banco continua nas cópias de “{other}” até elas girarem; uma restauração o traria de volta.',
      en: 'What leaves the store stays in the backups of “{other}” until they rotate; a restore would bring it back.',
      es: 'Lo que sale del almacén sigue en las copias de “{other}” hasta que rotan; una restauración lo traería de vuelta.',
    },
    remedy: {
      'pt-BR': 'Diga isso na frase, com {{other}.for}.',
      en: 'Say so in the sentence, with {{other}.for}.',
      es: 'Dígalo en la frase, con {{other}.for}.',
    },
    article: 'LGPD (Lei 13.709/2018), art. 16; GDPR, art. 17(1)',
  },
  'backups-told': {
    severity: 'note',
    message: {
      'pt-BR': '“{promise}” apaga; as cópias de segurança giram em {period}, e a frase diz isso.',
      en: '“{promise}” erases; backups rotate after {period}, and its sentence says so.',
      es: '“{promise}” borra; las copias de seguridad rotan en {period}, y su frase lo dice.',
    },
    why: {
      'pt-BR': 'Uma restauração das cópias de “{other}” traria o dado de volta.',
      en: 'A restore of the backups of “{other}” would bring the data back.',
      es: 'Una restauración de las copias de “{other}” traería el dato de vuelta.',
    },
    remedy: {
      'pt-BR': 'Depois de restaurar, rode o descarte antes de abrir o serviço.',
      en: 'After a restore, run disposal before the service opens.',
      es: 'Tras una restauración, ejecute la eliminación antes de abrir el servicio.',
    },
  },
  'vacuum-returns-nothing': {
    severity: 'note',
    message: {
      'pt-BR': 'Um VACUUM simples torna o espaço reutilizável; não o devolve ao sistema operacional.',
      en: 'A plain VACUUM makes space reusable; it does not return it to the operating system.',
      es: 'Un VACUUM simple hace reutilizable el espacio; no lo devuelve al sistema operativo.',
    },
    why: {
      'pt-BR':
        'Só remover partições inteiras, ou reescrever a tabela, devolve espaço. O painel mostra os dois números.',
      en: 'Only dropping whole partitions, or rewriting the table, gives space back. The board shows both figures.',
      es: 'Solo eliminar particiones enteras, o reescribir la tabla, devuelve espacio. El panel muestra ambas cifras.',
    },
    remedy: {
      'pt-BR': 'Prometa que o espaço volta a ser usado, ou particione a tabela pelo relógio da regra.',
      en: 'Promise that the space is used again, or partition the table by the rule’s clock.',
      es: 'Prometa que el espacio vuelve a usarse, o particione la tabla por el reloj de la regla.',
    },
    article: 'PostgreSQL: Routine Vacuuming, Recovering Disk Space',
  },
} as const satisfies Record<string, FindingText>;
