import type { Reason } from './contract.ts';
import { fill } from './finding-text.ts';
import type { Wording } from './wording.ts';

/**
 * Why a promise has the status it has. The one table of reasons: folders that prove promises add their rows here, so
 * that every reason exists in the three languages. `{name}` is replaced by the figure of that name.
 */
const reasons = {
  'never-measured': {
    'pt-BR': 'Ainda não foi medida.',
    en: 'It has not been measured yet.',
    es: 'Aún no se ha medido.',
  },
  stale: {
    'pt-BR': 'A última medição tem mais de {hours} horas.',
    en: 'The last measurement is more than {hours} hours old.',
    es: 'La última medición tiene más de {hours} horas.',
  },
  'rule-changed': {
    'pt-BR': 'A regra mudou depois da última medição.',
    en: 'The rule has changed since the last measurement.',
    es: 'La regla cambió después de la última medición.',
  },
  'measured-ahead': {
    'pt-BR': 'A última medição está no futuro: o relógio do servidor andou para trás.',
    en: 'The last measurement lies in the future: the server’s clock went back.',
    es: 'La última medición está en el futuro: el reloj del servidor retrocedió.',
  },
  'verb-later': {
    'pt-BR': 'Esta versão ainda não cumpre promessas “{verb}”.',
    en: 'This version cannot keep “{verb}” promises yet.',
    es: 'Esta versión aún no cumple promesas “{verb}”.',
  },
  'no-prover': {
    'pt-BR': 'Nada nesta instalação sabe medir esta promessa ({verb}).',
    en: 'Nothing in this installation can measure this promise ({verb}).',
    es: 'Nada en esta instalación sabe medir esta promesa ({verb}).',
  },
  'no-data-map': {
    'pt-BR': 'Não há mapa de dados: não se sabe onde olhar.',
    en: 'There is no data map: nobody knows where to look.',
    es: 'No hay mapa de datos: no se sabe dónde mirar.',
  },
  'no-dataset': {
    'pt-BR': 'O mapa de dados não diz onde está “{data}”.',
    en: 'The data map does not say where “{data}” is.',
    es: 'El mapa de datos no dice dónde está “{data}”.',
  },
  'no-field': {
    'pt-BR': 'O mapa de dados não diz qual campo de “{dataset}” olhar ({field}).',
    en: 'The data map does not say which field of “{dataset}” to look at ({field}).',
    es: 'El mapa de datos no dice qué campo de “{dataset}” mirar ({field}).',
  },
  'no-rule-can-execute': {
    'pt-BR': 'O período é de outra empresa ({setBy}); nada aqui pode cumpri-lo nem medi-lo.',
    en: 'The period is another company’s ({setBy}); nothing here can keep or measure it.',
    es: 'El período es de otra empresa ({setBy}); nada aquí puede cumplirlo ni medirlo.',
  },
  'system-unreachable': {
    'pt-BR': 'Um sistema não respondeu: {explanation} {remedy}',
    en: 'A system did not answer: {explanation} {remedy}',
    es: 'Un sistema no respondió: {explanation} {remedy}',
  },
  'system-refused': {
    'pt-BR': 'Um sistema recusou a medição: {explanation} {remedy}',
    en: 'A system refused the measurement: {explanation} {remedy}',
    es: 'Un sistema rechazó la medición: {explanation} {remedy}',
  },
  'measurement-failed': {
    'pt-BR': 'A medição não pôde ser feita: {detail}',
    en: 'The measurement could not be made: {detail}',
    es: 'La medición no pudo hacerse: {detail}',
  },
  'measurement-crashed': {
    'pt-BR': 'A medição parou por um erro do próprio Kept; o registro do servidor diz qual.',
    en: 'The measurement stopped with an error of Kept’s own; the server’s log says which.',
    es: 'La medición se detuvo por un error del propio Kept; el registro del servidor dice cuál.',
  },
  'plain-text-found': {
    'pt-BR': '{failing} de {examined} valores em “{dataset}” não estão cifrados.',
    en: '{failing} of {examined} values in “{dataset}” are not encrypted.',
    es: '{failing} de {examined} valores en “{dataset}” no están cifrados.',
  },
  'key-missing': {
    'pt-BR': '{failing} de {examined} valores em “{dataset}” perderam a chave que os abre.',
    en: '{failing} of {examined} values in “{dataset}” have lost the key that opens them.',
    es: '{failing} de {examined} valores en “{dataset}” perdieron la clave que los abre.',
  },
  'address-found': {
    'pt-BR': '{failing} de {examined} endereços em “{dataset}” estão inteiros.',
    en: '{failing} of {examined} addresses in “{dataset}” are whole.',
    es: '{failing} de {examined} direcciones en “{dataset}” están completas.',
  },
  'identifier-found': {
    'pt-BR': '{failing} de {examined} registros em “{dataset}” contêm o que identifica alguém.',
    en: '{failing} of {examined} records in “{dataset}” hold what identifies somebody.',
    es: '{failing} de {examined} registros en “{dataset}” contienen lo que identifica a alguien.',
  },
  'dead-rows-left': {
    'pt-BR': '{failing} linhas apagadas de “{dataset}” ainda ocupam espaço: falta um VACUUM.',
    en: '{failing} deleted rows of “{dataset}” still take space: a VACUUM is missing.',
    es: '{failing} filas borradas de “{dataset}” aún ocupan espacio: falta un VACUUM.',
  },
  'plain-secret-found': {
    'pt-BR': '{failing} de {examined} segredos em “{dataset}” não são hash de um tipo aceito.',
    en: '{failing} of {examined} secrets in “{dataset}” are no hash of an accepted kind.',
    es: '{failing} de {examined} secretos en “{dataset}” no son un hash de un tipo aceptado.',
  },
  'fact-missing': {
    'pt-BR': '{failing} de {examined} registros em “{dataset}” não têm algum destes dados: {facts}.',
    en: '{failing} of {examined} records in “{dataset}” lack one of these facts: {facts}.',
    es: 'A {failing} de {examined} registros en “{dataset}” les falta alguno de estos datos: {facts}.',
  },
  'forbidden-found': {
    'pt-BR': '{failing} de {examined} registros em “{dataset}” contêm o que nunca se registra.',
    en: '{failing} of {examined} records in “{dataset}” hold what is never recorded.',
    es: '{failing} de {examined} registros en “{dataset}” contienen lo que nunca se registra.',
  },
  'record-missing': {
    'pt-BR': '{failing} de {examined} acontecimentos não têm seu registro em “{dataset}”.',
    en: '{failing} of {examined} events have no record in “{dataset}”.',
    es: '{failing} de {examined} sucesos no tienen su registro en “{dataset}”.',
  },
  'servers-own': {
    'pt-BR': 'Isto se mede no próprio Kept, para a organização do servidor.',
    en: 'This is measured of Kept itself, for the organisation of the server.',
    es: 'Esto se mide en el propio Kept, para la organización del servidor.',
  },
  'factor-missing': {
    'pt-BR': '{failing} de {examined} pessoas com papel privilegiado não têm segundo fator.',
    en: '{failing} of {examined} people with a privileged role have no second factor.',
    es: '{failing} de {examined} personas con un rol privilegiado no tienen segundo factor.',
  },
  'privilege-found': {
    'pt-BR': 'O banco do Kept permite mais do que devia: {what}.',
    en: 'Kept’s database allows more than it should: {what}.',
    es: 'La base de Kept permite más de lo debido: {what}.',
  },
  'limit-absent': {
    'pt-BR': '{attempts} tentativas seguidas de um mesmo endereço passaram sem recusa.',
    en: '{attempts} attempts in a row from one address passed without a refusal.',
    es: '{attempts} intentos seguidos desde una misma dirección pasaron sin rechazo.',
  },
  'opt-out-ignored': {
    'pt-BR': '{failing} de {examined} anúncios saíram depois que a pessoa os recusou.',
    en: '{failing} of {examined} announcements left after their recipient had declined them.',
    es: '{failing} de {examined} anuncios salieron después de que la persona los rechazó.',
  },
  'mail-unexplained': {
    'pt-BR': '{failing} de {examined} mensagens não são do tipo ou da finalidade que deveriam: {what}.',
    en: '{failing} of {examined} messages are not of the kind or purpose that they should be: {what}.',
    es: '{failing} de {examined} mensajes no son del tipo o la finalidad que deberían: {what}.',
  },
  'this-machine-only': {
    'pt-BR': 'O Kept só atende nesta máquina ({host}): nada passa pela rede.',
    en: 'Kept answers on this machine only ({host}): nothing crosses the network.',
    es: 'Kept solo responde en esta máquina ({host}): nada cruza la red.',
  },
  'no-public-address': {
    'pt-BR': 'O Kept atende em {host}, mas não se sabe por qual endereço público: defina KEPT_PUBLIC_URL.',
    en: 'Kept answers on {host}, but nobody knows under which public address: set KEPT_PUBLIC_URL.',
    es: 'Kept responde en {host}, pero no se sabe bajo qué dirección pública: defina KEPT_PUBLIC_URL.',
  },
  'plain-http': {
    'pt-BR': 'O endereço público {host} é http: o que se escreve nele passa aberto pela rede.',
    en: 'The public address {host} is http: what is written there crosses the network in clear.',
    es: 'La dirección pública {host} es http: lo que se escribe en ella cruza la red sin cifrar.',
  },
  'old-tls': {
    'pt-BR': '{host} aceita {versions}.',
    en: '{host} accepts {versions}.',
    es: '{host} acepta {versions}.',
  },
  'no-tls': {
    'pt-BR': '{host} não aceita TLS 1.2 nem 1.3.',
    en: '{host} accepts neither TLS 1.2 nor 1.3.',
    es: '{host} no acepta TLS 1.2 ni 1.3.',
  },
  'cookie-unprotected': {
    'pt-BR': 'O cookie de sessão que {host} dá ao navegador não tem: {lacking}.',
    en: 'The session cookie that {host} gives to browsers lacks: {lacking}.',
    es: 'A la cookie de sesión que {host} da al navegador le falta: {lacking}.',
  },
  'cookie-not-seen': {
    'pt-BR': '{host} respondeu {status} sem cookie de sessão: não se sabe se é o Kept que responde ali.',
    en: '{host} answered {status} without a session cookie: nobody knows whether it is Kept that answers there.',
    es: '{host} respondió {status} sin cookie de sesión: no se sabe si es Kept quien responde ahí.',
  },
  'webhook-unsigned': {
    'pt-BR':
      'Webhooks enviados sem assinatura que se confirme: {failing} de {examined}; assinaturas sem segredo: {lacking}.',
    en: 'Webhooks sent without a signature that verifies: {failing} of {examined}; subscriptions without a secret: {lacking}.',
    es: 'Webhooks enviados sin firma que se confirme: {failing} de {examined}; suscripciones sin secreto: {lacking}.',
  },
  'outbound-open': {
    'pt-BR': 'O caminho para fora não recusa endereços privados: {what}.',
    en: 'The way out does not refuse private addresses: {what}.',
    es: 'La salida no rechaza direcciones privadas: {what}.',
  },
  'not-sealed': {
    'pt-BR': 'Valores que não estão selados, ou não se abrem com as chaves deste servidor: {failing} ({where}).',
    en: 'Values that are not sealed, or do not open with the keys of this server: {failing} ({where}).',
    es: 'Valores que no están sellados, o no se abren con las claves de este servidor: {failing} ({where}).',
  },
  'keys-not-rotated': {
    'pt-BR':
      'Chaves de dados que ainda se abrem com uma chave anterior: {failing}. Rode `kept keys rotate` para terminar a troca.',
    en: 'Data keys that an earlier key still opens: {failing}. Run `kept keys rotate` to finish the change.',
    es: 'Claves de datos que una clave anterior aún abre: {failing}. Ejecute `kept keys rotate` para terminar el cambio.',
  },
  'account-still-there': {
    'pt-BR': 'De {failing} das {examined} contas apagadas por suas pessoas ainda há registros.',
    en: 'Of {failing} of the {examined} accounts that people deleted there are still records.',
    es: 'De {failing} de las {examined} cuentas que sus personas eliminaron aún hay registros.',
  },
  'nowhere-to-look': {
    'pt-BR': 'O Kept não descarta nada que esta medida possa examinar.',
    en: 'Kept disposes of nothing that this measure could be looked for in.',
    es: 'Kept no elimina nada en lo que esta medida pueda examinarse.',
  },
  'nothing-there': {
    'pt-BR': 'Não havia nada para olhar: os conjuntos de dados estão vazios.',
    en: 'There was nothing to look at: the datasets are empty.',
    es: 'No había nada que mirar: los conjuntos de datos están vacíos.',
  },
  overdue: {
    'pt-BR': 'Registros além do prazo e da tolerância: {rows}.',
    en: 'Rows past their period and its tolerance: {rows}.',
    es: 'Registros más allá del plazo y de la tolerancia: {rows}.',
  },
  'due-soon': {
    'pt-BR': 'Registros além do prazo: {rows}. Saem na próxima execução.',
    en: 'Rows past their period: {rows}. They go with the next run.',
    es: 'Registros más allá del plazo: {rows}. Salen con la próxima ejecución.',
  },
  'due-in-bulk': {
    'pt-BR':
      'Registros além do prazo: {rows}. Saem em bloco, quando todos os da sua partição tiverem passado do prazo.',
    en: 'Rows past their period: {rows}. They go in bulk, once all of their partition are past it.',
    es: 'Registros más allá del plazo: {rows}. Salen en bloque, cuando todos los de su partición lo hayan pasado.',
  },
  'disposal-waits': {
    'pt-BR': 'Registros além do prazo: {rows}. O descarte espera: {explanation}',
    en: 'Rows past their period: {rows}. Disposal waits: {explanation}',
    es: 'Registros más allá del plazo: {rows}. La eliminación espera: {explanation}',
  },
  'disposal-unapproved': {
    'pt-BR': 'Registros além do prazo: {rows}. Ninguém aprovou ainda o plano desta regra.',
    en: 'Rows past their period: {rows}. Nobody has approved the plan of this rule yet.',
    es: 'Registros más allá del plazo: {rows}. Nadie ha aprobado aún el plan de esta regla.',
  },
  'disposal-stopped': {
    'pt-BR': 'Registros além do prazo: {rows}. Todo descarte está parado.',
    en: 'Rows past their period: {rows}. All disposal is stopped.',
    es: 'Registros más allá del plazo: {rows}. Toda eliminación está detenida.',
  },
  'no-mailboxes': {
    'pt-BR': 'Nenhuma organização conectou ainda uma caixa de correio.',
    en: 'No organisation has connected a mailbox yet.',
    es: 'Ninguna organización ha conectado aún un buzón.',
  },
  'mailbox-missing': {
    'pt-BR': 'Nenhuma caixa de correio está conectada: ninguém sabe se alguém lê o que as pessoas escrevem.',
    en: 'No mailbox is connected: nobody knows whether anybody reads what people write.',
    es: 'Ningún buzón está conectado: nadie sabe si alguien lee lo que las personas escriben.',
  },
  'mailbox-failing': {
    'pt-BR': 'Caixas de correio com falha: {failing} de {examined} ({what}).',
    en: 'Mailboxes that fail: {failing} of {examined} ({what}).',
    es: 'Buzones con fallo: {failing} de {examined} ({what}).',
  },
  'mailbox-silent': {
    'pt-BR': 'Caixas de correio que ninguém lê há mais de uma hora: {failing} de {examined}.',
    en: 'Mailboxes that nobody has read for more than an hour: {failing} of {examined}.',
    es: 'Buzones que nadie lee desde hace más de una hora: {failing} de {examined}.',
  },
  'mailbox-untested': {
    'pt-BR': 'Caixas de correio às quais nenhum e-mail de teste chegou nos últimos dois dias: {failing} de {examined}.',
    en: 'Mailboxes that no test mail reached within the last two days: {failing} of {examined}.',
    es: 'Buzones a los que no llegó ningún correo de prueba en los últimos dos días: {failing} de {examined}.',
  },
  'mailbox-new': {
    'pt-BR': 'Caixas de correio novas, cujo primeiro teste ainda não terminou: {failing} de {examined}.',
    en: 'New mailboxes whose first test is not over yet: {failing} of {examined}.',
    es: 'Buzones nuevos cuya primera prueba aún no ha terminado: {failing} de {examined}.',
  },
  'rows-without-clock': {
    'pt-BR': '{rows} registros de “{dataset}” não têm data: nenhum prazo os alcança.',
    en: '{rows} rows of “{dataset}” have no date: no period can ever reach them.',
    es: '{rows} registros de “{dataset}” no tienen fecha: ningún plazo los alcanza.',
  },
  'accounts-unknown': {
    'pt-BR': 'Não se sabe quais contas estão ativas: {explanation}',
    en: 'Nobody knows which accounts are active: {explanation}',
    es: 'No se sabe qué cuentas están activas: {explanation}',
  },
  'category-without-rule': {
    'pt-BR': 'Nenhuma promessa diz por quanto tempo “{data}” fica.',
    en: 'No promise says for how long “{data}” stays.',
    es: 'Ninguna promesa dice cuánto tiempo permanece “{data}”.',
  },
  'kept-too-short': {
    'pt-BR': 'Faltam {rows} registros de “{dataset}” que a lei manda guardar por mais tempo.',
    en: '{rows} rows of “{dataset}” are gone that a law keeps for longer.',
    es: 'Faltan {rows} registros de “{dataset}” que la ley manda conservar por más tiempo.',
  },
  'erasure-late': {
    'pt-BR': '{rows} registros ainda estão lá depois do evento que os mandou apagar.',
    en: '{rows} rows are still there after the event that was to erase them.',
    es: '{rows} registros siguen ahí después del evento que debía borrarlos.',
  },
  'end-unconfirmed': {
    'pt-BR': '{accounts} contas encerradas não tiveram o fim confirmado a tempo.',
    en: 'The end of {accounts} accounts was not confirmed in time.',
    es: 'El fin de {accounts} cuentas no se confirmó a tiempo.',
  },
  'end-to-be-confirmed': {
    'pt-BR': '{accounts} contas encerradas esperam a confirmação.',
    en: 'The end of {accounts} accounts is about to be confirmed.',
    es: '{accounts} cuentas terminadas esperan la confirmación.',
  },
  'no-end-promise': {
    'pt-BR': 'A política não tem a promessa de fim de contrato “{promise}”.',
    en: 'The policy has no promise “{promise}” about the end of contracts.',
    es: 'La política no tiene la promesa de fin de contrato “{promise}”.',
  },
} as const satisfies Record<string, Wording>;

export type ReasonCode = keyof typeof reasons;

/** @throws Error where the sentence asks for a figure that was not given */
export function reason(code: ReasonCode, figures: Readonly<Record<string, string | number>> = {}): Reason {
  return { code, figures: { ...figures }, text: fill(reasons[code], figures) };
}
