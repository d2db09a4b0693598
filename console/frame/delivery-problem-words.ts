import type { exportsProblems } from '../../server/exports/contract.ts';
import type { messagesProblems } from '../../server/messages/contract.ts';
import type { mailboxProblems } from '../../server/messages/mailbox-contract.ts';
import type { noticeProblems } from '../../server/messages/notices-contract.ts';
import type { endpointProblems } from '../../server/webhooks/endpoints-contract.ts';
import type { subscriptionProblems } from '../../server/webhooks/subscriptions-contract.ts';
import type { Words } from '../language/language.ts';
import type { Worded } from './problem-words.ts';

/** Only programs meet these, and whoever follows a link of a mail. */
type NeverShown =
  | 'webhook-refused'
  | 'mail-refused'
  | 'in-product-token-invalid'
  | 'range-not-satisfiable'
  | 'link-invalid'
  | 'idempotency-conflict'
  | 'opt-out-link-not-found'
  | 'export-kind-unknown'
  | 'export-format-unknown'
  | 'export-parameters-invalid';

export type DeliveryCode = Exclude<
  | keyof typeof exportsProblems
  | keyof typeof messagesProblems
  | keyof typeof mailboxProblems
  | keyof typeof noticeProblems
  | keyof typeof endpointProblems
  | keyof typeof subscriptionProblems,
  NeverShown
>;

const en: Record<DeliveryCode, Worded> = {
  'endpoint-not-found': { title: 'There is no such endpoint', next: 'It may have been removed. Go back to the list.' },
  'endpoint-secret-not-found': { title: 'There is no such secret', next: 'It may have ended. Look at the page again.' },
  'received-not-found': {
    title: 'There is no such webhook',
    next: 'What comes in is deleted after thirty days. Go back to the list.',
  },
  'too-many-endpoints': { title: 'There are as many endpoints as there can be', next: 'Remove one that nobody uses.' },
  'too-many-secrets': {
    title: 'This endpoint has as many secrets as it can have',
    next: 'End an earlier one, then put another in use.',
  },
  'last-secret': { title: 'An endpoint needs a secret', next: 'Put another in use before you end this one.' },
  'secret-unusable': {
    title: 'This secret cannot be used',
    next: 'Copy it once more as the platform shows it, or leave it empty so that Kept makes one.',
  },
  'scheme-unusable': {
    title: 'A signature like this cannot be verified',
    next: 'Look at how the sender signs: {body} has to be part of what is signed, and {timestamp} needs its header.',
  },
  'subscription-not-found': { title: 'There is no such subscription', next: 'It may have ended. Go back to the list.' },
  'subscription-limit': {
    title: 'There are as many subscriptions as there can be',
    next: 'End one that nobody uses, or let one hear of more kinds.',
  },
  'subscription-state': {
    title: 'The subscription is not in a state for this',
    next: 'Somebody was faster. Look at the page again.',
  },
  'address-refused': {
    title: 'Nothing is sent to this address',
    next: 'Give an address that anybody on the internet can reach. Whoever runs Kept can allow an internal host.',
  },
  'secret-not-found': { title: 'There is no such secret', next: 'It may have ended. Look at the page again.' },
  'secret-needed': { title: 'One secret always stays', next: 'Make a new one, then end the earlier one.' },
  'secrets-limit': { title: 'There are too many secrets at once', next: 'End an earlier one first.' },
  'delivery-not-found': {
    title: 'There is no such delivery',
    next: 'Deliveries are deleted after ninety days. Go back to the list.',
  },
  'delivery-not-repeatable': {
    title: 'This delivery cannot be sent again',
    next: 'Its subscription has ended, or it still waits to go.',
  },
  'range-too-large': { title: 'There are too many deliveries in this time', next: 'Choose a shorter time.' },
  'message-not-found': { title: 'There is no such message', next: 'Go back to the list.' },
  'template-not-found': { title: 'There is no such template', next: 'Choose one of the list.' },
  'template-not-sendable': { title: 'Kept itself decides when this is sent', next: 'Choose another template.' },
  'figures-invalid': { title: 'The figures do not fit the template', next: 'Change what is named above.' },
  'address-invalid': { title: 'No mail can be sent to this address', next: 'Look for a mistake in it.' },
  'message-not-failed': {
    title: 'Only what failed or bounced is sent again',
    next: 'It went, or is about to. Look at the page again.',
  },
  'message-purged': { title: 'Address and content were erased', next: 'It cannot be sent again. Write a new one.' },
  'message-holds-secret': {
    title: 'What opens something is not sent again',
    next: 'Have the person ask for a new link, or invite them again.',
  },
  'recipient-opted-out': {
    title: 'The recipient wants no announcements',
    next: 'Nothing is sent. If they want them again, note it under Opt-outs.',
  },
  'mailbox-not-found': { title: 'There is no such mailbox', next: 'It may have been removed.' },
  'mailbox-exists': { title: 'A mailbox with this address is there already', next: 'Change that one instead.' },
  'mailbox-password-needed': {
    title: 'The password has to be given again',
    next: 'Server or user have changed, and the stored password goes to nobody else.',
  },
  'mailbox-has-no-secret': { title: 'This mailbox is read over IMAP', next: 'It has a password and no secret.' },
  'thread-not-found': { title: 'There is no such conversation', next: 'Go back to the list.' },
  'reply-impossible': {
    title: 'There is nobody to answer',
    next: 'The address of the other side is not known any more.',
  },
  'attachment-not-found': {
    title: 'There is no such attachment',
    next: 'Attachments are erased after ninety days.',
  },
  'notice-not-found': { title: 'There is no such notice', next: 'It may have been discarded. Go back to the list.' },
  'notice-not-a-draft': {
    title: 'The notice was announced and can no longer be changed',
    next: 'Cancel it with a follow-up, and draft another.',
  },
  'notice-not-announced': { title: 'The notice is not announced', next: 'Look at the page again.' },
  'notice-changed': {
    title: 'The notice was changed since you read it',
    next: 'Read it again, then decide. What you typed stands here as long as you do not leave the page.',
  },
  'notice-incomplete': {
    title: 'The notice cannot be announced yet',
    next: 'Mend what is named under “Before it goes”.',
  },
  'audience-grown': {
    title: 'The audience has grown since it was counted',
    next: 'Look at the count again, then announce it.',
  },
  'language-missing': {
    title: 'A language is missing',
    next: 'Write the text in every language that somebody of the audience reads.',
  },
  'lead-time-running': {
    title: 'The lead time has not ended',
    next: 'It can take effect on the day that stands above, not before.',
  },
  'list-invalid': {
    title: 'The list is not as it should be',
    next: 'Correct the lines that are named, and give it again.',
  },
  'list-not-wanted': { title: 'This notice is for no list', next: 'Choose the list as its audience first.' },
  'export-not-found': { title: 'There is no such export', next: 'Go back to the list.' },
  'export-not-ready': { title: 'This export has no file', next: 'Wait until it is ready, or make it again.' },
  'export-ended': { title: 'This export has already ended', next: 'Look at the page again.' },
  'too-many-exports': { title: 'Too many exports are under way', next: 'Wait until one of them is ready.' },
};

const pt: Record<DeliveryCode, Worded> = {
  'endpoint-not-found': { title: 'Essa entrada não existe', next: 'Pode ter sido removida. Volte à lista.' },
  'endpoint-secret-not-found': { title: 'Esse segredo não existe', next: 'Pode ter acabado. Olhe a página de novo.' },
  'received-not-found': {
    title: 'Esse webhook não existe',
    next: 'O que chega é apagado depois de trinta dias. Volte à lista.',
  },
  'too-many-endpoints': { title: 'Já há tantas entradas quanto pode haver', next: 'Remova uma que ninguém usa.' },
  'too-many-secrets': {
    title: 'Esta entrada já tem tantos segredos quanto pode',
    next: 'Encerre um anterior e depois ponha outro em uso.',
  },
  'last-secret': { title: 'Uma entrada precisa de um segredo', next: 'Ponha outro em uso antes de encerrar este.' },
  'secret-unusable': {
    title: 'Este segredo não serve',
    next: 'Copie-o de novo como a plataforma o mostra, ou deixe vazio para o Kept fazer um.',
  },
  'scheme-unusable': {
    title: 'Uma assinatura assim não pode ser verificada',
    next: 'Veja como o remetente assina: {body} precisa fazer parte do que é assinado, e {timestamp} precisa do seu cabeçalho.',
  },
  'subscription-not-found': { title: 'Essa assinatura não existe', next: 'Pode ter sido encerrada. Volte à lista.' },
  'subscription-limit': {
    title: 'Já há tantas assinaturas quanto pode haver',
    next: 'Encerre uma que ninguém usa, ou faça uma ouvir de mais tipos.',
  },
  'subscription-state': {
    title: 'A assinatura não está em situação para isto',
    next: 'Alguém foi mais rápido. Olhe a página de novo.',
  },
  'address-refused': {
    title: 'Nada é enviado a este endereço',
    next: 'Dê um endereço que qualquer um na internet alcança. Quem opera o Kept pode permitir um host interno.',
  },
  'secret-not-found': { title: 'Esse segredo não existe', next: 'Pode ter acabado. Olhe a página de novo.' },
  'secret-needed': { title: 'Um segredo sempre fica', next: 'Faça um novo e depois encerre o anterior.' },
  'secrets-limit': { title: 'Há segredos demais ao mesmo tempo', next: 'Encerre um anterior primeiro.' },
  'delivery-not-found': {
    title: 'Essa entrega não existe',
    next: 'Entregas são apagadas depois de noventa dias. Volte à lista.',
  },
  'delivery-not-repeatable': {
    title: 'Esta entrega não pode ser enviada de novo',
    next: 'A assinatura acabou, ou ela ainda aguarda para sair.',
  },
  'range-too-large': { title: 'Há entregas demais nesse período', next: 'Escolha um período menor.' },
  'message-not-found': { title: 'Essa mensagem não existe', next: 'Volte à lista.' },
  'template-not-found': { title: 'Esse modelo não existe', next: 'Escolha um da lista.' },
  'template-not-sendable': { title: 'O próprio Kept decide quando isto sai', next: 'Escolha outro modelo.' },
  'figures-invalid': { title: 'Os dados não cabem no modelo', next: 'Mude o que está indicado acima.' },
  'address-invalid': { title: 'Não se pode enviar e-mail a este endereço', next: 'Procure um erro nele.' },
  'message-not-failed': {
    title: 'Só o que falhou ou voltou é enviado de novo',
    next: 'Ela saiu, ou está para sair. Olhe a página de novo.',
  },
  'message-purged': {
    title: 'Endereço e conteúdo foram apagados',
    next: 'Não pode ser enviada de novo. Escreva outra.',
  },
  'message-holds-secret': {
    title: 'O que abre algo não é enviado de novo',
    next: 'A pessoa pede um novo link, ou você a convida de novo.',
  },
  'recipient-opted-out': {
    title: 'O destinatário não quer anúncios',
    next: 'Nada é enviado. Se os quiser de novo, anote em Recusas.',
  },
  'mailbox-not-found': { title: 'Essa caixa não existe', next: 'Pode ter sido removida.' },
  'mailbox-exists': { title: 'Já existe uma caixa com este endereço', next: 'Mude aquela.' },
  'mailbox-password-needed': {
    title: 'A senha precisa ser dada de novo',
    next: 'Servidor ou usuário mudaram, e a senha guardada não vai a mais ninguém.',
  },
  'mailbox-has-no-secret': { title: 'Esta caixa é lida por IMAP', next: 'Ela tem senha e não segredo.' },
  'thread-not-found': { title: 'Essa conversa não existe', next: 'Volte à lista.' },
  'reply-impossible': { title: 'Não há a quem responder', next: 'O endereço do outro lado não é mais conhecido.' },
  'attachment-not-found': { title: 'Esse anexo não existe', next: 'Anexos são apagados depois de noventa dias.' },
  'notice-not-found': { title: 'Esse aviso não existe', next: 'Pode ter sido descartado. Volte à lista.' },
  'notice-not-a-draft': {
    title: 'O aviso foi anunciado e não pode mais ser mudado',
    next: 'Cancele-o com um novo aviso e rascunhe outro.',
  },
  'notice-not-announced': { title: 'O aviso não está anunciado', next: 'Olhe a página de novo.' },
  'notice-changed': {
    title: 'O aviso foi mudado desde que você o leu',
    next: 'Leia de novo e então decida. O que você digitou fica aqui enquanto não sair da página.',
  },
  'notice-incomplete': {
    title: 'O aviso ainda não pode ser anunciado',
    next: 'Conserte o que está em “Antes de sair”.',
  },
  'audience-grown': {
    title: 'O público cresceu desde a contagem',
    next: 'Olhe a contagem de novo e então anuncie.',
  },
  'language-missing': {
    title: 'Falta um idioma',
    next: 'Escreva o texto em todos os idiomas que alguém do público lê.',
  },
  'lead-time-running': {
    title: 'A antecedência não terminou',
    next: 'Pode valer no dia que está acima, não antes.',
  },
  'list-invalid': { title: 'A lista não está como devia', next: 'Corrija as linhas indicadas e dê a lista de novo.' },
  'list-not-wanted': { title: 'Este aviso não é para uma lista', next: 'Escolha antes a lista como público.' },
  'export-not-found': { title: 'Essa exportação não existe', next: 'Volte à lista.' },
  'export-not-ready': { title: 'Esta exportação não tem arquivo', next: 'Espere até estar pronta, ou faça de novo.' },
  'export-ended': { title: 'Esta exportação já terminou', next: 'Olhe a página de novo.' },
  'too-many-exports': { title: 'Há exportações demais em andamento', next: 'Espere uma ficar pronta.' },
};

const es: Record<DeliveryCode, Worded> = {
  'endpoint-not-found': { title: 'Esa entrada no existe', next: 'Puede haberse quitado. Vuelva a la lista.' },
  'endpoint-secret-not-found': {
    title: 'Ese secreto no existe',
    next: 'Puede haber terminado. Mire la página de nuevo.',
  },
  'received-not-found': {
    title: 'Ese webhook no existe',
    next: 'Lo que llega se elimina a los treinta días. Vuelva a la lista.',
  },
  'too-many-endpoints': { title: 'Hay tantas entradas como puede haber', next: 'Quite una que nadie usa.' },
  'too-many-secrets': {
    title: 'Esta entrada tiene tantos secretos como puede',
    next: 'Termine uno anterior y luego ponga otro en uso.',
  },
  'last-secret': { title: 'Una entrada necesita un secreto', next: 'Ponga otro en uso antes de terminar este.' },
  'secret-unusable': {
    title: 'Este secreto no sirve',
    next: 'Cópielo de nuevo como lo muestra la plataforma, o déjelo vacío para que Kept haga uno.',
  },
  'scheme-unusable': {
    title: 'Una firma así no se puede verificar',
    next: 'Mire cómo firma el remitente: {body} debe ser parte de lo firmado, y {timestamp} necesita su encabezado.',
  },
  'subscription-not-found': { title: 'Esa suscripción no existe', next: 'Puede haber terminado. Vuelva a la lista.' },
  'subscription-limit': {
    title: 'Hay tantas suscripciones como puede haber',
    next: 'Termine una que nadie usa, o haga que una se entere de más tipos.',
  },
  'subscription-state': {
    title: 'La suscripción no está en un estado para esto',
    next: 'Alguien fue más rápido. Mire la página de nuevo.',
  },
  'address-refused': {
    title: 'No se envía nada a esta dirección',
    next: 'Dé una dirección que cualquiera en internet alcanza. Quien opera Kept puede permitir un host interno.',
  },
  'secret-not-found': { title: 'Ese secreto no existe', next: 'Puede haber terminado. Mire la página de nuevo.' },
  'secret-needed': { title: 'Un secreto siempre queda', next: 'Haga uno nuevo y luego termine el anterior.' },
  'secrets-limit': { title: 'Hay demasiados secretos a la vez', next: 'Termine primero uno anterior.' },
  'delivery-not-found': {
    title: 'Esa entrega no existe',
    next: 'Las entregas se eliminan a los noventa días. Vuelva a la lista.',
  },
  'delivery-not-repeatable': {
    title: 'Esta entrega no puede enviarse de nuevo',
    next: 'Su suscripción terminó, o aún espera salir.',
  },
  'range-too-large': { title: 'Hay demasiadas entregas en ese período', next: 'Elija un período menor.' },
  'message-not-found': { title: 'Ese mensaje no existe', next: 'Vuelva a la lista.' },
  'template-not-found': { title: 'Esa plantilla no existe', next: 'Elija una de la lista.' },
  'template-not-sendable': { title: 'Kept mismo decide cuándo sale esto', next: 'Elija otra plantilla.' },
  'figures-invalid': { title: 'Los datos no caben en la plantilla', next: 'Cambie lo indicado arriba.' },
  'address-invalid': { title: 'No se puede enviar correo a esta dirección', next: 'Busque un error en ella.' },
  'message-not-failed': {
    title: 'Solo lo que falló o volvió se envía de nuevo',
    next: 'Salió, o está por salir. Mire la página de nuevo.',
  },
  'message-purged': { title: 'Dirección y contenido se borraron', next: 'No puede enviarse de nuevo. Escriba otro.' },
  'message-holds-secret': {
    title: 'Lo que abre algo no se envía de nuevo',
    next: 'La persona pide un nuevo enlace, o usted la invita de nuevo.',
  },
  'recipient-opted-out': {
    title: 'El destinatario no quiere anuncios',
    next: 'No se envía nada. Si los quiere de nuevo, anótelo en Bajas.',
  },
  'mailbox-not-found': { title: 'Ese buzón no existe', next: 'Puede haberse quitado.' },
  'mailbox-exists': { title: 'Ya hay un buzón con esta dirección', next: 'Cambie aquel.' },
  'mailbox-password-needed': {
    title: 'Hay que dar la contraseña de nuevo',
    next: 'Servidor o usuario cambiaron, y la contraseña guardada no va a nadie más.',
  },
  'mailbox-has-no-secret': { title: 'Este buzón se lee por IMAP', next: 'Tiene contraseña y no secreto.' },
  'thread-not-found': { title: 'Esa conversación no existe', next: 'Vuelva a la lista.' },
  'reply-impossible': { title: 'No hay a quién responder', next: 'La dirección del otro lado ya no se conoce.' },
  'attachment-not-found': { title: 'Ese adjunto no existe', next: 'Los adjuntos se borran a los noventa días.' },
  'notice-not-found': { title: 'Ese aviso no existe', next: 'Puede haberse descartado. Vuelva a la lista.' },
  'notice-not-a-draft': {
    title: 'El aviso se anunció y ya no puede cambiarse',
    next: 'Cancélelo con otro aviso y redacte uno nuevo.',
  },
  'notice-not-announced': { title: 'El aviso no está anunciado', next: 'Mire la página de nuevo.' },
  'notice-changed': {
    title: 'El aviso cambió desde que usted lo leyó',
    next: 'Léalo de nuevo y decida. Lo que escribió queda aquí mientras no salga de la página.',
  },
  'notice-incomplete': {
    title: 'El aviso aún no puede anunciarse',
    next: 'Arregle lo que está en «Antes de que salga».',
  },
  'audience-grown': {
    title: 'El público creció desde que se contó',
    next: 'Mire la cuenta de nuevo y luego anuncie.',
  },
  'language-missing': {
    title: 'Falta un idioma',
    next: 'Escriba el texto en todos los idiomas que alguien del público lee.',
  },
  'lead-time-running': {
    title: 'La antelación no ha terminado',
    next: 'Puede regir el día que está arriba, no antes.',
  },
  'list-invalid': { title: 'La lista no está como debe', next: 'Corrija las líneas indicadas y dela de nuevo.' },
  'list-not-wanted': { title: 'Este aviso no es para una lista', next: 'Elija antes la lista como público.' },
  'export-not-found': { title: 'Esa exportación no existe', next: 'Vuelva a la lista.' },
  'export-not-ready': {
    title: 'Esta exportación no tiene archivo',
    next: 'Espere a que esté lista, o hágala de nuevo.',
  },
  'export-ended': { title: 'Esta exportación ya terminó', next: 'Mire la página de nuevo.' },
  'too-many-exports': { title: 'Hay demasiadas exportaciones en curso', next: 'Espere a que una esté lista.' },
};

/** What problems of mail, webhooks and exports are called, by their code. */
export const deliveryProblemWords: Words<Record<DeliveryCode, Worded>> = { en, 'pt-BR': pt, es };
