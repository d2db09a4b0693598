import { z } from 'zod';

/**
 * The closed vocabulary of the ledger: what happened, what the entry's body holds (ids, counts, codes and dates, never
 * personal data) and how people read it. Ledger entries are evidence, webhook feed and event bus at once, so a kind,
 * once released, keeps its name and meaning. The Postgres enum `ledger.entry_kind` has the same values.
 */
export const entryKindTable = {
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
  'accounts.cancelled': {
    what: 'An account of the organisation was cancelled',
    body: 'account, cancelledAt',
    label: { en: 'Account cancelled', 'pt-BR': 'Conta cancelada', es: 'Cuenta cancelada' },
  },
  'accounts.reactivated': {
    what: 'A cancelled account came back within its grace period',
    body: 'account',
    label: { en: 'Account reactivated', 'pt-BR': 'Conta reativada', es: 'Cuenta reactivada' },
  },
  'policy.published': {
    what: 'A version of the policy was published',
    body: 'version (SHA-256 of its canonical JSON), parent, number, promises (count)',
    label: { en: 'Policy published', 'pt-BR': 'Política publicada', es: 'Política publicada' },
  },
  'promise.measured': {
    what: 'A promise was measured in the real store',
    body: 'promise, version, status, reason (code), measuredAt, counts',
    label: { en: 'Promise measured', 'pt-BR': 'Promessa medida', es: 'Promesa medida' },
  },
  'datamap.published': {
    what: 'A version of the data map was published',
    body: 'version, parent, number, datasets (count)',
    label: { en: 'Data map published', 'pt-BR': 'Mapa de dados publicado', es: 'Mapa de datos publicado' },
  },
  'disposal.planned': {
    what: 'What would be disposed of was worked out',
    body: 'plan, rows, steps (count), cutoff, draft',
    label: { en: 'Disposal planned', 'pt-BR': 'Descarte planejado', es: 'Eliminación planificada' },
  },
  'disposal.approved': {
    what: 'A person approved a plan',
    body: 'plan, rows',
    label: { en: 'Disposal approved', 'pt-BR': 'Descarte aprovado', es: 'Eliminación aprobada' },
  },
  'disposal.rejected': {
    what: 'A person rejected a plan',
    body: 'plan',
    label: { en: 'Disposal rejected', 'pt-BR': 'Descarte rejeitado', es: 'Eliminación rechazada' },
  },
  'disposal.started': {
    what: 'A run began',
    body: 'run, cause, plan, cutoff, steps (count)',
    label: { en: 'Disposal started', 'pt-BR': 'Descarte iniciado', es: 'Eliminación iniciada' },
  },
  'disposal.batch': {
    what: 'A batch of rows or files was disposed of',
    body: 'run, batch, dataset, disposed, refused, transaction; disposedAtMost where the store could not tell; partitions',
    label: { en: 'Batch disposed of', 'pt-BR': 'Lote descartado', es: 'Lote eliminado' },
  },
  'disposal.finished': {
    what: 'A run ended with its counting pass',
    body: 'run, disposed, disposedAtMost, refused, remaining, bytesReusable, bytesReturned, steps (figures of each)',
    label: { en: 'Disposal finished', 'pt-BR': 'Descarte concluído', es: 'Eliminación concluida' },
  },
  'disposal.braked': {
    what: 'A run waits, since it would take an unusual share',
    body: 'run, plan, promise, dataset, share, rows',
    label: { en: 'Disposal braked', 'pt-BR': 'Descarte freado', es: 'Eliminación frenada' },
  },
  'disposal.released': {
    what: 'A person let a braked run go on',
    body: 'run, step, promise, dataset, rows',
    label: { en: 'Brake released', 'pt-BR': 'Freio liberado', es: 'Freno liberado' },
  },
  'disposal.paused': {
    what: 'A run lets the store breathe',
    body: 'run, reason (code)',
    label: { en: 'Disposal paused', 'pt-BR': 'Descarte pausado', es: 'Eliminación en pausa' },
  },
  'disposal.resumed': {
    what: 'A paused run goes on',
    body: 'run',
    label: { en: 'Disposal resumed', 'pt-BR': 'Descarte retomado', es: 'Eliminación reanudada' },
  },
  'disposal.stopped': {
    what: 'All disposal was halted',
    body: 'runs (under way)',
    label: { en: 'All disposal stopped', 'pt-BR': 'Todo descarte parado', es: 'Toda eliminación detenida' },
  },
  'disposal.restarted': {
    what: 'Disposal is allowed again',
    body: 'none',
    label: { en: 'Disposal allowed again', 'pt-BR': 'Descarte liberado de novo', es: 'Eliminación permitida de nuevo' },
  },
  'hold.placed': {
    what: 'Data must stay, whatever its period',
    body: 'hold, scope, reviewOn; dataset and rows (count) where it is on them',
    label: { en: 'Hold placed', 'pt-BR': 'Bloqueio criado', es: 'Retención colocada' },
  },
  'hold.released': {
    what: 'A hold ended',
    body: 'hold',
    label: { en: 'Hold released', 'pt-BR': 'Bloqueio liberado', es: 'Retención liberada' },
  },
  'contract.ended': {
    what: 'An account is past its grace, so its data goes',
    body: 'account, end, datasets (count)',
    label: { en: 'Contract ended', 'pt-BR': 'Contrato encerrado', es: 'Contrato terminado' },
  },
  'contract.end-confirmed': {
    what: "The confirmation of a contract's end was sent",
    body: 'account, end, message, disposed (rows), kept (datasets)',
    label: { en: 'Contract end confirmed', 'pt-BR': 'Fim de contrato confirmado', es: 'Fin de contrato confirmado' },
  },
  'erasure.received': {
    what: 'An erasure that must happen at once was asked for',
    body: 'erasure, event, promise, dataset',
    label: { en: 'Erasure received', 'pt-BR': 'Exclusão recebida', es: 'Supresión recibida' },
  },
  'erasure.done': {
    what: 'It was carried out and counted',
    body: 'erasure, run, disposed, remaining',
    label: { en: 'Erasure done', 'pt-BR': 'Exclusão feita', es: 'Supresión hecha' },
  },
  'event.received': {
    what: 'An event arrived from a system of the organisation',
    body: 'event, type',
    label: { en: 'Event received', 'pt-BR': 'Evento recebido', es: 'Evento recibido' },
  },
  'message.sent': {
    what: 'A message was accepted for delivery',
    body: 'message, template, channel',
    label: { en: 'Message sent', 'pt-BR': 'Mensagem enviada', es: 'Mensaje enviado' },
  },
  'message.failed': {
    what: 'A message could not be delivered',
    body: 'message, template, channel, reason (code)',
    label: { en: 'Message failed', 'pt-BR': 'Mensagem falhou', es: 'Mensaje fallido' },
  },
  'mailbox.changed': {
    what: 'A mailbox was added, changed or removed, or its secret renewed',
    body: 'mailbox, act',
    label: { en: 'Mailbox changed', 'pt-BR': 'Caixa de correio alterada', es: 'Buzón cambiado' },
  },
  'mailbox.failed': {
    what: 'A mailbox cannot be read',
    body: 'mailbox, reason (code)',
    label: { en: 'Mailbox failing', 'pt-BR': 'Caixa de correio com falha', es: 'Buzón con fallo' },
  },
  'mailbox.recovered': {
    what: 'A mailbox that failed is read again',
    body: 'mailbox, failingSince',
    label: { en: 'Mailbox read again', 'pt-BR': 'Caixa de correio lida de novo', es: 'Buzón leído de nuevo' },
  },
  'mail.received': {
    what: 'A mail was taken from a mailbox',
    body: 'mail, thread, mailbox, kind, opened (whether it began the thread), attachments (count)',
    label: { en: 'Mail received', 'pt-BR': 'E-mail recebido', es: 'Correo recibido' },
  },
  'thread.changed': {
    what: 'A thread of mail was answered, closed, reopened, dismissed or given to a member',
    body: 'thread, act; mail, message or assignee',
    label: { en: 'Mail thread changed', 'pt-BR': 'Conversa alterada', es: 'Conversación cambiada' },
  },
  'ledger.pruned': {
    what: 'Entries past the audit period were removed; the tree stays',
    body: 'log, minimumIndex, removed, before',
    label: { en: 'Ledger pruned', 'pt-BR': 'Registro podado', es: 'Registro podado' },
  },
  'ledger.reopened': {
    what: 'A new log began, since the old one can no longer be signed',
    body: 'reason, previous (log, size, root), outside (size, root)',
    label: { en: 'New log begun', 'pt-BR': 'Novo registro iniciado', es: 'Nuevo registro iniciado' },
  },
} as const;

export const entryKinds = [
  'access.owner-linked',
  'access.signed-in',
  'access.signed-out',
  'access.sign-in-refused',
  'access.sessions-ended',
  'access.link-made',
  'access.set-up',
  'access.owner-made',
  'access.joined',
  'access.role-changed',
  'access.member-removed',
  'access.invited',
  'access.invitation-revoked',
  'access.key-created',
  'access.key-revoked',
  'access.settings-changed',
  'access.provider-changed',
  'access.domain-changed',
  'access.factor-changed',
  'access.password-changed',
  'access.email-changed',
  'access.refused',
  'access.viewed',
  'access.exported',
  'access.account-changed',
  'access.account-deleted',
  'accounts.cancelled',
  'accounts.reactivated',
  'policy.published',
  'promise.measured',
  'datamap.published',
  'disposal.planned',
  'disposal.approved',
  'disposal.rejected',
  'disposal.started',
  'disposal.batch',
  'disposal.finished',
  'disposal.braked',
  'disposal.released',
  'disposal.paused',
  'disposal.resumed',
  'disposal.stopped',
  'disposal.restarted',
  'hold.placed',
  'hold.released',
  'contract.ended',
  'contract.end-confirmed',
  'erasure.received',
  'erasure.done',
  'event.received',
  'message.sent',
  'message.failed',
  'mailbox.changed',
  'mailbox.failed',
  'mailbox.recovered',
  'mail.received',
  'thread.changed',
  'ledger.pruned',
  'ledger.reopened',
] as const satisfies readonly (keyof typeof entryKindTable)[];

export const entryKindSchema = z.enum(entryKinds);
export type EntryKind = z.infer<typeof entryKindSchema>;
