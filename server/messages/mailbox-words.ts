import type { Language } from '../access/contract.ts';
import type { MailboxError } from './mailbox-contract.ts';

export interface MailboxWords {
  readonly failing: {
    subject(name: string): string;
    readonly what: string;
    readonly mailbox: string;
    readonly since: string;
    readonly reason: string;
    readonly reasons: Readonly<Record<MailboxError, string>>;
    readonly todo: string;
    readonly footer: string;
  };
  readonly probe: { readonly subject: string; readonly what: string; readonly footer: string };
}

/** What the mails about mailboxes say. */
export const wordsOfMailbox: Readonly<Record<Language, MailboxWords>> = {
  en: {
    failing: {
      subject: (name) => `The mailbox ${name} has not been read for a day`,
      what: 'People write to this mailbox about their data, and Kept cannot read it. What they ask for goes unanswered meanwhile.',
      mailbox: 'Mailbox',
      since: 'Since',
      reason: 'Reason',
      reasons: {
        'host-refused': 'The mail server does not have a public address',
        'host-unknown': 'The name of the mail server leads nowhere',
        'server-unreachable': 'The mail server does not answer',
        'server-insecure': 'The mail server offers no encryption that can be trusted',
        'sign-in-refused': 'The mail server refuses user name or password',
        'folder-missing': 'The folder is not there',
        'server-faulty': 'The mail server does not answer as it should',
        'mail-lost': 'A test mail that Kept sent there did not arrive',
      },
      todo: 'Please look at the mailbox in Kept, under Messages. Nothing that lies on the mail server is lost: it is read as soon as the mailbox opens.',
      footer: 'Kept sends this to owners and data protection officers, once for each failure.',
    },
    probe: {
      subject: 'Test of this mailbox',
      what: 'Kept sends this mail to its own mailbox once a day and waits for it, so that it is noticed when mail no longer arrives. It can be deleted.',
      footer: 'Nobody has to answer.',
    },
  },
  'pt-BR': {
    failing: {
      subject: (name) => `A caixa de correio ${name} não é lida há um dia`,
      what: 'É para esta caixa que as pessoas escrevem sobre os seus dados, e o Kept não consegue lê-la. O que elas pedem fica sem resposta enquanto isso.',
      mailbox: 'Caixa de correio',
      since: 'Desde',
      reason: 'Motivo',
      reasons: {
        'host-refused': 'O servidor de e-mail não tem um endereço público',
        'host-unknown': 'O nome do servidor de e-mail não leva a lugar nenhum',
        'server-unreachable': 'O servidor de e-mail não responde',
        'server-insecure': 'O servidor de e-mail não oferece criptografia confiável',
        'sign-in-refused': 'O servidor de e-mail recusa o usuário ou a senha',
        'folder-missing': 'A pasta não existe',
        'server-faulty': 'O servidor de e-mail não responde como deveria',
        'mail-lost': 'Um e-mail de teste enviado pelo Kept não chegou',
      },
      todo: 'Veja a caixa de correio no Kept, em Mensagens. Nada do que está no servidor se perde: é lido assim que a caixa abrir.',
      footer: 'O Kept envia isto a responsáveis e encarregados, uma vez por falha.',
    },
    probe: {
      subject: 'Teste desta caixa de correio',
      what: 'O Kept envia este e-mail à própria caixa uma vez por dia e espera por ele, para que se perceba quando os e-mails deixam de chegar. Pode ser apagado.',
      footer: 'Ninguém precisa responder.',
    },
  },
  es: {
    failing: {
      subject: (name) => `El buzón ${name} no se lee desde hace un día`,
      what: 'A este buzón escriben las personas sobre sus datos, y Kept no puede leerlo. Lo que piden queda sin respuesta mientras tanto.',
      mailbox: 'Buzón',
      since: 'Desde',
      reason: 'Motivo',
      reasons: {
        'host-refused': 'El servidor de correo no tiene una dirección pública',
        'host-unknown': 'El nombre del servidor de correo no lleva a ninguna parte',
        'server-unreachable': 'El servidor de correo no responde',
        'server-insecure': 'El servidor de correo no ofrece un cifrado en el que se pueda confiar',
        'sign-in-refused': 'El servidor de correo rechaza el usuario o la contraseña',
        'folder-missing': 'La carpeta no existe',
        'server-faulty': 'El servidor de correo no responde como debería',
        'mail-lost': 'Un correo de prueba que Kept envió no llegó',
      },
      todo: 'Revise el buzón en Kept, en Mensajes. Nada de lo que está en el servidor se pierde: se lee en cuanto el buzón se abra.',
      footer: 'Kept envía esto a responsables y delegados, una vez por fallo.',
    },
    probe: {
      subject: 'Prueba de este buzón',
      what: 'Kept envía este correo a su propio buzón una vez al día y lo espera, para que se note cuando el correo deja de llegar. Se puede borrar.',
      footer: 'Nadie tiene que responder.',
    },
  },
};
