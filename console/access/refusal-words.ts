import type { providerRefusals } from '../../server/access/providers-contract.ts';
import type { Words } from '../language/language.ts';

type Refusal =
  | keyof typeof providerRefusals
  | 'provider-not-found'
  | 'address-not-allowed'
  | 'single-sign-on-needed'
  | 'too-many-attempts'
  | 'unknown';

/** Why a sign-in through an identity provider came to nothing, and what to do. */
const en: Record<Refusal, string> = {
  'dialogue-lost': 'It began in another browser, or took longer than it may. Begin again here.',
  'provider-unavailable': 'The identity provider cannot be reached. Try again in a few minutes, or use another way.',
  'provider-refused': 'The identity provider did not sign you in. Ask whoever runs it whether you may use Kept there.',
  'answer-not-trusted':
    'What the identity provider answered cannot be trusted: signature, addressee or time do not fit. An administrator tests the provider under Settings, Identity providers.',
  'answer-used':
    'This answer of the identity provider was used before, which happens when a page is reloaded. Begin again.',
  'subject-missing':
    'The identity provider does not say in a lasting way who you are. An administrator has to have it send a persistent identifier.',
  'email-missing': 'The identity provider gave no e-mail address. An administrator has to have it send one.',
  'email-not-verified': 'The identity provider has not verified your e-mail address. Verify it there, then try again.',
  'domain-not-proved':
    'Your address is of a domain that this provider does not speak for. An administrator proves the domain under Settings, Identity providers.',
  'not-a-member':
    'You signed in at the provider, but are no member here. Ask an owner or administrator for an invitation.',
  'identity-taken':
    'Your address belongs to a member who signs in at the provider as somebody else. Ask an owner or administrator.',
  'provider-not-found': 'This identity provider is not set up any more. Begin again with your e-mail address.',
  'address-not-allowed': 'Your network address may not sign in to this organisation. Use a network that it allows.',
  'single-sign-on-needed':
    'This organisation signs in through its own identity provider. Begin with your e-mail address.',
  'too-many-attempts': 'There were too many attempts. Wait a few minutes, then try again.',
  unknown: 'The identity provider sent you back without signing you in. Try again, or use another way.',
};

const pt: Record<Refusal, string> = {
  'dialogue-lost': 'Começou em outro navegador ou demorou mais do que pode. Recomece aqui.',
  'provider-unavailable': 'O provedor de identidade não responde. Tente de novo em alguns minutos ou use outro meio.',
  'provider-refused':
    'O provedor de identidade não deixou você entrar. Pergunte a quem o opera se você pode usar o Kept.',
  'answer-not-trusted':
    'A resposta do provedor não merece confiança: assinatura, destinatário ou horário não conferem. Um administrador testa o provedor em Ajustes, Provedores de identidade.',
  'answer-used': 'Esta resposta do provedor já foi usada, o que acontece quando uma página é recarregada. Recomece.',
  'subject-missing':
    'O provedor não diz de modo duradouro quem você é. Um administrador deve fazê-lo enviar um identificador persistente.',
  'email-missing': 'O provedor não informou um e-mail. Um administrador deve fazê-lo enviar um.',
  'email-not-verified': 'O provedor não verificou o seu e-mail. Verifique-o lá e tente de novo.',
  'domain-not-proved':
    'O seu endereço é de um domínio pelo qual este provedor não responde. Um administrador prova o domínio em Ajustes, Provedores de identidade.',
  'not-a-member': 'Você entrou no provedor, mas não é membro aqui. Peça um convite a um responsável ou administrador.',
  'identity-taken':
    'O seu endereço é de um membro que entra no provedor como outra pessoa. Fale com um responsável ou administrador.',
  'provider-not-found': 'Este provedor de identidade não está mais configurado. Recomece pelo seu e-mail.',
  'address-not-allowed': 'O seu endereço de rede não pode entrar nesta organização. Use uma rede que ela permite.',
  'single-sign-on-needed': 'Esta organização entra pelo seu próprio provedor de identidade. Comece pelo seu e-mail.',
  'too-many-attempts': 'Houve tentativas demais. Espere alguns minutos e tente de novo.',
  unknown: 'O provedor de identidade devolveu você sem abrir a sessão. Tente de novo ou use outro meio.',
};

const es: Record<Refusal, string> = {
  'dialogue-lost': 'Empezó en otro navegador o tardó más de lo que puede. Empiece de nuevo aquí.',
  'provider-unavailable': 'El proveedor de identidad no responde. Intente de nuevo en unos minutos o use otro medio.',
  'provider-refused':
    'El proveedor de identidad no le dejó entrar. Pregunte a quien lo opera si usted puede usar Kept.',
  'answer-not-trusted':
    'La respuesta del proveedor no es de fiar: firma, destinatario u hora no concuerdan. Un administrador prueba el proveedor en Ajustes, Proveedores de identidad.',
  'answer-used': 'Esta respuesta del proveedor ya se usó, lo que ocurre al recargar una página. Empiece de nuevo.',
  'subject-missing':
    'El proveedor no dice de modo duradero quién es usted. Un administrador debe hacer que envíe un identificador persistente.',
  'email-missing': 'El proveedor no dio un correo. Un administrador debe hacer que envíe uno.',
  'email-not-verified': 'El proveedor no verificó su correo. Verifíquelo allí e intente de nuevo.',
  'domain-not-proved':
    'Su dirección es de un dominio por el que este proveedor no responde. Un administrador prueba el dominio en Ajustes, Proveedores de identidad.',
  'not-a-member':
    'Usted entró en el proveedor, pero no es miembro aquí. Pida una invitación a un responsable o administrador.',
  'identity-taken':
    'Su dirección es de un miembro que entra en el proveedor como otra persona. Hable con un responsable o administrador.',
  'provider-not-found': 'Este proveedor de identidad ya no está configurado. Empiece de nuevo por su correo.',
  'address-not-allowed': 'Su dirección de red no puede entrar en esta organización. Use una red que ella permita.',
  'single-sign-on-needed': 'Esta organización entra por su propio proveedor de identidad. Empiece por su correo.',
  'too-many-attempts': 'Hubo demasiados intentos. Espere unos minutos e intente de nuevo.',
  unknown: 'El proveedor de identidad le devolvió sin iniciar sesión. Intente de nuevo o use otro medio.',
};

const words: Words<Record<Refusal, string>> = { en, 'pt-BR': pt, es };

/** The words of a refusal by its code. */
export function wordedRefusal(code: string, language: keyof typeof words): string {
  const table: Readonly<Record<string, string>> = words[language];
  return table[code] ?? words[language].unknown;
}
