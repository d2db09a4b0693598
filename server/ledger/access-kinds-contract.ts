/** Kinds of entries about who has access, see `entryKindTable`. */
export const accessKinds = {
  'access.owner-linked': {
    what: 'A link of the operator stood for a password (until version 0.1: signed the local owner in)',
    body: 'person',
    label: {
      en: 'Owner signed in by link',
      'pt-BR': 'Responsável entrou por link',
      es: 'Responsable entró por enlace',
    },
  },
  'access.signed-in': {
    what: 'A person signed in',
    body: 'person, session, methods',
    label: { en: 'Person signed in', 'pt-BR': 'Pessoa entrou', es: 'Persona inició sesión' },
  },
  'access.signed-out': {
    what: 'A person signed out',
    body: 'session',
    label: { en: 'Person signed out', 'pt-BR': 'Pessoa saiu', es: 'Persona cerró sesión' },
  },
  'access.sign-in-refused': {
    what: 'Somebody could not show who they are, or may not sign in this way',
    body: 'reason (code), method',
    label: { en: 'Sign-in refused', 'pt-BR': 'Acesso recusado', es: 'Inicio de sesión rechazado' },
  },
  'access.sessions-ended': {
    what: 'Sessions of a person were ended from elsewhere',
    body: 'person, sessions (count), reason (code)',
    label: { en: 'Sessions ended', 'pt-BR': 'Sessões encerradas', es: 'Sesiones cerradas' },
  },
  'access.link-made': {
    what: 'The operator of the server made a link that stands for the password of a person',
    body: 'person',
    label: {
      en: 'Sign-in link made by the operator',
      'pt-BR': 'Link de acesso criado pelo operador',
      es: 'Enlace de acceso creado por el operador',
    },
  },
  'access.set-up': {
    what: 'The server was set up: its first organisation and owner were made',
    body: 'person',
    label: { en: 'Server set up', 'pt-BR': 'Servidor configurado', es: 'Servidor configurado' },
  },
  'access.owner-made': {
    what: 'The operator of the server made somebody an owner',
    body: 'person',
    label: {
      en: 'Owner made by the operator',
      'pt-BR': 'Responsável definido pelo operador',
      es: 'Responsable designado por el operador',
    },
  },
  'access.joined': {
    what: 'A person became a member',
    body: 'person, role, how (code)',
    label: { en: 'Member joined', 'pt-BR': 'Membro entrou na organização', es: 'Miembro incorporado' },
  },
  'access.role-changed': {
    what: 'A member was given another role',
    body: 'person, role, before',
    label: { en: 'Role changed', 'pt-BR': 'Papel alterado', es: 'Función cambiada' },
  },
  'access.member-removed': {
    what: 'A person is no longer a member',
    body: 'person, role',
    label: { en: 'Member removed', 'pt-BR': 'Membro removido', es: 'Miembro eliminado' },
  },
  'access.invited': {
    what: 'Somebody was invited',
    body: 'invitation, role',
    label: { en: 'Invitation sent', 'pt-BR': 'Convite enviado', es: 'Invitación enviada' },
  },
  'access.invitation-revoked': {
    what: 'An invitation was taken back',
    body: 'invitation',
    label: { en: 'Invitation revoked', 'pt-BR': 'Convite revogado', es: 'Invitación revocada' },
  },
  'access.key-created': {
    what: 'A key was made',
    body: 'key, kind, scopes',
    label: { en: 'Key created', 'pt-BR': 'Chave criada', es: 'Clave creada' },
  },
  'access.key-revoked': {
    what: 'A key was revoked',
    body: 'key, kind',
    label: { en: 'Key revoked', 'pt-BR': 'Chave revogada', es: 'Clave revocada' },
  },
  'access.settings-changed': {
    what: 'What the organisation demands of those who sign in was changed',
    body: 'fields',
    label: { en: 'Sign-in rules changed', 'pt-BR': 'Regras de acesso alteradas', es: 'Reglas de acceso cambiadas' },
  },
  'access.provider-changed': {
    what: 'An identity provider was set up, changed or removed',
    body: 'provider, kind, act',
    label: {
      en: 'Identity provider changed',
      'pt-BR': 'Provedor de identidade alterado',
      es: 'Proveedor de identidad cambiado',
    },
  },
  'access.domain-changed': {
    what: 'A domain was claimed, proved or given up',
    body: 'act',
    label: { en: 'Domain changed', 'pt-BR': 'Domínio alterado', es: 'Dominio cambiado' },
  },
  'access.factor-changed': {
    what: 'A second factor was enrolled, renewed or removed',
    body: 'person, factor, act',
    label: { en: 'Second factor changed', 'pt-BR': 'Segundo fator alterado', es: 'Segundo factor cambiado' },
  },
  'access.password-changed': {
    what: 'A password was set, changed or reset',
    body: 'person, how (code)',
    label: { en: 'Password changed', 'pt-BR': 'Senha alterada', es: 'Contraseña cambiada' },
  },
  'access.email-changed': {
    what: 'An e-mail address was verified or changed',
    body: 'person, act',
    label: { en: 'E-mail address changed', 'pt-BR': 'Endereço de e-mail alterado', es: 'Dirección de correo cambiada' },
  },
  'access.refused': {
    what: 'A caller was refused what they asked for',
    body: 'permission, reason (code)',
    label: { en: 'Access refused', 'pt-BR': 'Acesso negado', es: 'Acceso denegado' },
  },
  'access.viewed': {
    what: 'Somebody looked at personal data',
    body: 'what',
    label: { en: 'Personal data viewed', 'pt-BR': 'Dados pessoais consultados', es: 'Datos personales consultados' },
  },
  'access.exported': {
    what: 'Somebody exported data',
    body: 'what, format, entries (count)',
    label: { en: 'Data exported', 'pt-BR': 'Dados exportados', es: 'Datos exportados' },
  },
  'access.account-changed': {
    what: 'A person changed the name or the language of their own account',
    body: 'person, fields',
    label: {
      en: 'Account of a person changed',
      'pt-BR': 'Conta de pessoa alterada',
      es: 'Cuenta de persona cambiada',
    },
  },
  'access.account-deleted': {
    what: 'A person deleted their own account',
    body: 'person, organisations (organisation, role, wasBreakGlass)',
    label: {
      en: 'Account of a person deleted',
      'pt-BR': 'Conta de pessoa excluída',
      es: 'Cuenta de persona eliminada',
    },
  },
  'access.sealing-keys-rotated': {
    what: 'The keys that seal secrets in the database were wrapped anew, so that an earlier key opens nothing',
    body: 'dataKeys (count), kept (code)',
    label: {
      en: 'Sealing keys rotated',
      'pt-BR': 'Chaves de selagem trocadas',
      es: 'Claves de sellado rotadas',
    },
  },
} as const;
