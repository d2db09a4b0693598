import type { Language, Role } from '../access/contract.ts';

interface LinkWords {
  readonly subject: string;
  readonly what: string;
  readonly link: string;
  until(instant: string): string;
  /** For whoever did not ask for it. */
  readonly stranger: string;
}

interface PlaceWords {
  readonly subject: string;
  readonly what: string;
  /** For whoever did not do it. */
  readonly todo: string;
}

/** What the mails of sign-in say. */
export interface AccessMailWords {
  greeting(name: string): string;
  readonly footer: string;
  readonly when: string;
  readonly device: string;
  readonly address: string;
  readonly country: string;
  readonly unknown: string;
  readonly verification: LinkWords;
  readonly reset: LinkWords;
  readonly passwordChanged: PlaceWords;
  readonly newDevice: PlaceWords;
  readonly emailChanged: PlaceWords;
  readonly factorsReset: PlaceWords;
  readonly invitation: {
    subject(organisation: string): string;
    what(organisation: string, invitedBy: string | null, role: string): string;
    readonly link: string;
    until(instant: string): string;
    readonly stranger: string;
  };
  readonly roles: Readonly<Record<Role, string>>;
}

export const wordsOfAccessMail: Readonly<Record<Language, AccessMailWords>> = {
  en: {
    greeting: (name) => `Hello ${name},`,
    footer: 'Kept sends this because of an account with this e-mail address. Nothing in it is tracked.',
    when: 'When',
    device: 'Browser',
    address: 'Network address',
    country: 'Country of the network',
    unknown: 'unknown',
    verification: {
      subject: 'Confirm your e-mail address',
      what: 'please confirm that this address is yours. Until then it does not count.',
      link: 'Confirm the address',
      until: (instant) => `The link works once, until ${instant}.`,
      stranger: 'If you did not ask for this, ignore this message; nothing happens then.',
    },
    reset: {
      subject: 'A new password for Kept',
      what: 'somebody, probably you, asked for a new password. You set it here; every browser in which you are signed in is signed out then.',
      link: 'Set a new password',
      until: (instant) => `The link works once, until ${instant}. Your second factor stays as it is.`,
      stranger: 'If you did not ask for this, ignore this message; your password stays as it is.',
    },
    passwordChanged: {
      subject: 'Your password was changed',
      what: 'the password of your account was changed. Browsers that were signed in elsewhere have been signed out.',
      todo: 'If that was not you, ask for a new password on the sign-in page at once, and tell the owner of your organisation.',
    },
    newDevice: {
      subject: 'Signed in with a new browser',
      what: 'your account was used to sign in with a browser that we have not seen with it before.',
      todo: 'If that was not you, change your password at once: that signs out every other browser.',
    },
    emailChanged: {
      subject: 'Your e-mail address was changed',
      what: 'your account has another e-mail address now; this one no longer signs in. It was changed at:',
      todo: 'If that was not you, tell the owner of your organisation at once.',
    },
    factorsReset: {
      subject: 'Your second factors were removed',
      what: 'whoever runs this server removed every second factor of your account, because they were said to be lost. Every browser has been signed out. It was done at:',
      todo: 'Sign in and add a new one. If you did not ask for this, change your password at once and tell the owner of your organisation.',
    },
    invitation: {
      subject: (organisation) => `Invitation to ${organisation}`,
      what: (organisation, invitedBy, role) =>
        `${invitedBy ?? 'The operator of Kept'} invites you to work with ${organisation} in Kept, as ${role}.`,
      link: 'Accept the invitation',
      until: (instant) => `The link works once, until ${instant}.`,
      stranger: 'If you do not know this organisation, ignore this message.',
    },
    roles: {
      owner: 'owner',
      admin: 'administrator',
      dpo: 'data protection officer',
      engineer: 'engineer',
      agent: 'agent',
      auditor: 'auditor',
    },
  },
  'pt-BR': {
    greeting: (name) => `Olá, ${name},`,
    footer: 'O Kept envia esta mensagem por causa de uma conta com este endereço de e-mail. Nada nela é rastreado.',
    when: 'Quando',
    device: 'Navegador',
    address: 'Endereço de rede',
    country: 'País da rede',
    unknown: 'desconhecido',
    verification: {
      subject: 'Confirme seu endereço de e-mail',
      what: 'confirme que este endereço é seu. Até lá ele não vale.',
      link: 'Confirmar o endereço',
      until: (instant) => `O link funciona uma vez, até ${instant}.`,
      stranger: 'Se você não pediu isto, ignore esta mensagem; nada acontece.',
    },
    reset: {
      subject: 'Uma nova senha para o Kept',
      what: 'alguém, provavelmente você, pediu uma nova senha. Defina-a aqui; todos os navegadores em que você está conectado serão desconectados.',
      link: 'Definir uma nova senha',
      until: (instant) => `O link funciona uma vez, até ${instant}. Seu segundo fator continua como está.`,
      stranger: 'Se você não pediu isto, ignore esta mensagem; sua senha continua como está.',
    },
    passwordChanged: {
      subject: 'Sua senha foi alterada',
      what: 'a senha da sua conta foi alterada. Os navegadores conectados em outros lugares foram desconectados.',
      todo: 'Se não foi você, peça agora uma nova senha na página de acesso e avise o responsável pela sua organização.',
    },
    newDevice: {
      subject: 'Acesso com um novo navegador',
      what: 'sua conta foi usada para entrar com um navegador que ainda não tínhamos visto com ela.',
      todo: 'Se não foi você, altere sua senha agora: isso desconecta todos os outros navegadores.',
    },
    emailChanged: {
      subject: 'Seu endereço de e-mail foi alterado',
      what: 'sua conta tem agora outro endereço de e-mail; este não serve mais para entrar. A alteração foi feita em:',
      todo: 'Se não foi você, avise agora o responsável pela sua organização.',
    },
    factorsReset: {
      subject: 'Seus segundos fatores foram removidos',
      what: 'quem opera este servidor removeu todos os segundos fatores da sua conta, por terem sido dados como perdidos. Todos os navegadores foram desconectados. Isso foi feito em:',
      todo: 'Entre e adicione um novo. Se você não pediu isto, altere sua senha agora e avise o responsável pela sua organização.',
    },
    invitation: {
      subject: (organisation) => `Convite para ${organisation}`,
      what: (organisation, invitedBy, role) =>
        `${invitedBy ?? 'O operador do Kept'} convida você a trabalhar com ${organisation} no Kept, com o papel de ${role}.`,
      link: 'Aceitar o convite',
      until: (instant) => `O link funciona uma vez, até ${instant}.`,
      stranger: 'Se você não conhece esta organização, ignore esta mensagem.',
    },
    roles: {
      owner: 'responsável',
      admin: 'administrador',
      dpo: 'encarregado de dados',
      engineer: 'engenheiro',
      agent: 'atendente',
      auditor: 'auditor',
    },
  },
  es: {
    greeting: (name) => `Hola, ${name}:`,
    footer: 'Kept envía este mensaje por una cuenta con esta dirección de correo. Nada en él se rastrea.',
    when: 'Cuándo',
    device: 'Navegador',
    address: 'Dirección de red',
    country: 'País de la red',
    unknown: 'desconocido',
    verification: {
      subject: 'Confirme su dirección de correo',
      what: 'confirme que esta dirección es suya. Hasta entonces no cuenta.',
      link: 'Confirmar la dirección',
      until: (instant) => `El enlace funciona una vez, hasta el ${instant}.`,
      stranger: 'Si usted no lo pidió, ignore este mensaje; no pasa nada.',
    },
    reset: {
      subject: 'Una nueva contraseña para Kept',
      what: 'alguien, probablemente usted, pidió una nueva contraseña. Establézcala aquí; se cerrará la sesión en todos los navegadores.',
      link: 'Establecer una nueva contraseña',
      until: (instant) => `El enlace funciona una vez, hasta el ${instant}. Su segundo factor sigue como está.`,
      stranger: 'Si usted no lo pidió, ignore este mensaje; su contraseña sigue como está.',
    },
    passwordChanged: {
      subject: 'Se cambió su contraseña',
      what: 'se cambió la contraseña de su cuenta. Se cerró la sesión en los demás navegadores.',
      todo: 'Si no fue usted, pida ahora una nueva contraseña en la página de acceso y avise al responsable de su organización.',
    },
    newDevice: {
      subject: 'Inicio de sesión con un navegador nuevo',
      what: 'se usó su cuenta para iniciar sesión con un navegador que no habíamos visto antes con ella.',
      todo: 'Si no fue usted, cambie ahora su contraseña: eso cierra la sesión en todos los demás navegadores.',
    },
    emailChanged: {
      subject: 'Se cambió su dirección de correo',
      what: 'su cuenta tiene ahora otra dirección de correo; esta ya no sirve para entrar. Se cambió el:',
      todo: 'Si no fue usted, avise ahora al responsable de su organización.',
    },
    factorsReset: {
      subject: 'Se quitaron sus segundos factores',
      what: 'quien opera este servidor quitó todos los segundos factores de su cuenta, porque se dieron por perdidos. Se cerró la sesión en todos los navegadores. Se hizo el:',
      todo: 'Entre y añada uno nuevo. Si usted no lo pidió, cambie ahora su contraseña y avise al responsable de su organización.',
    },
    invitation: {
      subject: (organisation) => `Invitación a ${organisation}`,
      what: (organisation, invitedBy, role) =>
        `${invitedBy ?? 'El operador de Kept'} le invita a trabajar con ${organisation} en Kept, con la función de ${role}.`,
      link: 'Aceptar la invitación',
      until: (instant) => `El enlace funciona una vez, hasta el ${instant}.`,
      stranger: 'Si no conoce esta organización, ignore este mensaje.',
    },
    roles: {
      owner: 'responsable',
      admin: 'administrador',
      dpo: 'delegado de protección de datos',
      engineer: 'ingeniero',
      agent: 'agente',
      auditor: 'auditor',
    },
  },
};
