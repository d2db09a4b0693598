import { useWords, type Words } from '../language/language.ts';

interface Names {
  readonly records: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
}

const en: Names = {
  records: {
    account: 'Your account: name, address, language, password',
    memberships: 'Memberships and roles',
    authenticators: 'Authenticator app and recovery codes',
    passkeys: 'Passkeys',
    identities: 'Ties to identity providers',
    sessions: 'Browsers where you are signed in',
    links: 'Links that were sent to you',
    invitations: 'Invitations',
    messages: 'Mail that was sent to you',
    trail: 'The audit trail of what you did: address, browser, time',
    record: 'Entries of the ledger',
  },
  reasons: {
    'who-did-what': 'The organisation must be able to say who saw and changed personal data.',
    'what-was-said': 'It must be able to say what it told whom.',
    'who-was-invited': 'Whoever invited you must be able to see what became of it.',
    proof:
      'The ledger forgets nothing, or it would prove nothing. It holds an id only, which stands for nobody once your account is gone.',
  },
};

const pt: Names = {
  records: {
    account: 'A sua conta: nome, endereço, idioma, senha',
    memberships: 'Organizações e papéis',
    authenticators: 'Aplicativo autenticador e códigos de recuperação',
    passkeys: 'Chaves de acesso',
    identities: 'Vínculos com provedores de identidade',
    sessions: 'Navegadores com a sessão aberta',
    links: 'Links enviados a você',
    invitations: 'Convites',
    messages: 'E-mails enviados a você',
    trail: 'A trilha de auditoria do que você fez: endereço, navegador, hora',
    record: 'Lançamentos do registro',
  },
  reasons: {
    'who-did-what': 'A organização precisa poder dizer quem viu e alterou dados pessoais.',
    'what-was-said': 'Ela precisa poder dizer o que comunicou a quem.',
    'who-was-invited': 'Quem convidou precisa poder ver o que foi feito do convite.',
    proof:
      'O registro não esquece nada, ou não provaria nada. Guarda só um id, que não é de ninguém depois que a conta sai.',
  },
};

const es: Names = {
  records: {
    account: 'Su cuenta: nombre, dirección, idioma, contraseña',
    memberships: 'Organizaciones y funciones',
    authenticators: 'Aplicación de autenticación y códigos de recuperación',
    passkeys: 'Llaves de acceso',
    identities: 'Vínculos con proveedores de identidad',
    sessions: 'Navegadores con la sesión abierta',
    links: 'Enlaces que se le enviaron',
    invitations: 'Invitaciones',
    messages: 'Correo que se le envió',
    trail: 'El registro de auditoría de lo que hizo: dirección, navegador, hora',
    record: 'Asientos del registro',
  },
  reasons: {
    'who-did-what': 'La organización debe poder decir quién vio y cambió datos personales.',
    'what-was-said': 'Debe poder decir qué comunicó a quién.',
    'who-was-invited': 'Quien invitó debe poder ver qué fue de la invitación.',
    proof:
      'El registro no olvida nada, o no probaría nada. Guarda solo un id, que no es de nadie cuando la cuenta se ha ido.',
  },
};

const words: Words<Names> = { en, 'pt-BR': pt, es };

/** Names a kind of record that Kept holds about a person. */
export function useRecordName(): (kind: string) => string {
  const { records } = useWords(words);
  return (kind) => records[kind] ?? kind;
}

/** Says why a record stays when the account goes. */
export function useReasonName(): (reason: string) => string {
  const { reasons } = useWords(words);
  return (reason) => reasons[reason] ?? reason;
}
