import type { accessProblems } from '../../server/access/contract.ts';
import type { Words } from '../language/language.ts';
import { deliveryProblemWords } from './delivery-problem-words.ts';

/** What a problem is called, and what to do about it. */
export interface Worded {
  readonly title: string;
  readonly next: string;
}
type Code = keyof typeof accessProblems | 'invalid-input' | 'cross-site-request' | 'passkey-refused';

const en: Record<Code, Worded> = {
  'not-signed-in': { title: 'Nobody is signed in', next: 'Sign in, then do it again.' },
  'not-permitted': {
    title: 'Your role does not allow this',
    next: 'Ask an owner or administrator of your organisation. Settings, Roles says who may do what.',
  },
  'second-factor-needed': {
    title: 'This needs a second factor',
    next: 'Do it again and show your second factor when you are asked. Without one, add it under your account.',
  },
  'password-needed': {
    title: 'This needs your password once more',
    next: 'Do it again and type your password when you are asked.',
  },
  'address-not-allowed': {
    title: 'Your network address may not sign in here',
    next: 'Use a network that your organisation allows, or ask an owner to add this one under Settings, Sign-in rules.',
  },
  'sign-in-refused': {
    title: 'E-mail address and password do not go together',
    next: 'Look at both again. If you do not remember the password, ask for a link to set a new one.',
  },
  'code-refused': {
    title: 'This code does not fit',
    next: 'Take the code that is shown now: each works once, and the clock of the telephone must be right.',
  },
  'passkey-refused': {
    title: 'No passkey was shown',
    next: 'Try again and follow what the browser asks, or use another way.',
  },
  'single-sign-on-needed': {
    title: 'This organisation signs in with its identity provider',
    next: 'Sign in through the provider. An owner who is the exception may use the password.',
  },
  'too-many-attempts': {
    title: 'Too many attempts',
    next: 'Wait a little, then try again. The owner of an account is never locked out for good.',
  },
  'organisation-not-found': { title: 'There is no such organisation', next: 'Choose one of yours from the list.' },
  'organisation-not-named': { title: 'Which organisation is meant is not clear', next: 'Choose one and try again.' },
  'slug-taken': { title: 'Another organisation has this short name', next: 'Choose another short name.' },
  'email-taken': { title: 'Somebody has this e-mail address already', next: 'Use another address.' },
  'link-invalid': {
    title: 'This link was used or has expired',
    next: 'Ask for another in the same way. Each works once, and only for a while.',
  },
  'password-too-weak': {
    title: 'This password is too easy to guess',
    next: 'Take a longer one without your name or that of your organisation. Four words that do not belong together do well.',
  },
  'factor-not-found': { title: 'There is no such second factor', next: 'Look at the page again.' },
  'passkey-unavailable': {
    title: 'Passkeys do not work under this address of the server',
    next: 'They need a name, not a number: open Kept under its public address, or use an authenticator app.',
  },
  'last-factor': {
    title: 'This is the last second factor',
    next: 'Add another first. Your role, or your organisation, demands one.',
  },
  'member-not-found': { title: 'There is no such member', next: 'Look at the list again: somebody was faster.' },
  'last-owner': { title: 'An organisation needs an owner', next: 'Make somebody else an owner first.' },
  'invitation-not-found': { title: 'There is no such invitation', next: 'Look at the list again.' },
  'key-not-found': { title: 'There is no such key', next: 'Look at the list again.' },
  'session-not-found': { title: 'This browser is signed out already', next: 'Look at the list again.' },
  'provider-not-found': { title: 'There is no such identity provider', next: 'Look at the list again.' },
  'provider-failed': {
    title: 'The identity provider could not be used',
    next: 'Try again. If it stays, an owner or administrator tests the provider under Settings, Identity providers.',
  },
  'domain-not-found': { title: 'There is no such domain', next: 'Look at the list again.' },
  'domain-taken': {
    title: 'Another organisation has proved that this domain is its own',
    next: 'If the domain is yours, ask whoever runs this server.',
  },
  'domain-not-proved': {
    title: 'The domain does not carry the record yet',
    next: 'Publish the record as it stands, wait until your DNS shows it (minutes, at times hours), and look again.',
  },
  'lock-out': {
    title: 'This would lock out those who decide it',
    next: 'Keep one way in: your own network in the list, or an owner who may still use a password.',
  },
  'invalid-input': { title: 'Something is not as it should be', next: 'Change what is named above and try again.' },
  'cross-site-request': {
    title: 'This request did not come from Kept itself',
    next: 'Open Kept in a tab of its own and try again.',
  },
};

const pt: Record<Code, Worded> = {
  'not-signed-in': { title: 'Ninguém está com a sessão aberta', next: 'Entre e faça de novo.' },
  'not-permitted': {
    title: 'O seu papel não permite isto',
    next: 'Peça a um responsável ou administrador da organização. Em Ajustes, Papéis está quem pode o quê.',
  },
  'second-factor-needed': {
    title: 'Isto exige um segundo fator',
    next: 'Faça de novo e mostre o segundo fator quando for pedido. Se não tem um, adicione-o na sua conta.',
  },
  'password-needed': {
    title: 'Isto exige a sua senha mais uma vez',
    next: 'Faça de novo e digite a senha quando for pedida.',
  },
  'address-not-allowed': {
    title: 'O seu endereço de rede não pode entrar aqui',
    next: 'Use uma rede que a organização permite, ou peça a um responsável que inclua esta em Ajustes, Regras de acesso.',
  },
  'sign-in-refused': {
    title: 'E-mail e senha não combinam',
    next: 'Confira os dois. Se não lembra a senha, peça um link para definir outra.',
  },
  'code-refused': {
    title: 'Este código não serve',
    next: 'Use o código mostrado agora: cada um vale uma vez, e o relógio do telefone deve estar certo.',
  },
  'passkey-refused': {
    title: 'Nenhuma chave de acesso foi mostrada',
    next: 'Tente de novo e siga o que o navegador pede, ou use outro meio.',
  },
  'single-sign-on-needed': {
    title: 'Esta organização entra pelo seu provedor de identidade',
    next: 'Entre pelo provedor. O responsável que é a exceção pode usar a senha.',
  },
  'too-many-attempts': {
    title: 'Tentativas demais',
    next: 'Espere um pouco e tente de novo. O dono de uma conta nunca fica de fora para sempre.',
  },
  'organisation-not-found': { title: 'Não há tal organização', next: 'Escolha uma das suas na lista.' },
  'organisation-not-named': {
    title: 'Não está claro de que organização se trata',
    next: 'Escolha uma e tente de novo.',
  },
  'slug-taken': { title: 'Outra organização tem este nome curto', next: 'Escolha outro nome curto.' },
  'email-taken': { title: 'Alguém já tem este e-mail', next: 'Use outro endereço.' },
  'link-invalid': {
    title: 'Este link já foi usado ou venceu',
    next: 'Peça outro do mesmo modo. Cada um vale uma vez, e só por um tempo.',
  },
  'password-too-weak': {
    title: 'Esta senha é fácil de adivinhar',
    next: 'Use uma mais longa, sem o seu nome nem o da organização. Quatro palavras sem relação entre si servem bem.',
  },
  'factor-not-found': { title: 'Não há tal segundo fator', next: 'Olhe a página de novo.' },
  'passkey-unavailable': {
    title: 'Chaves de acesso não funcionam neste endereço do servidor',
    next: 'Elas exigem um nome, não um número: abra o Kept pelo endereço público ou use um aplicativo autenticador.',
  },
  'last-factor': {
    title: 'Este é o último segundo fator',
    next: 'Adicione outro antes. O seu papel, ou a organização, exige um.',
  },
  'member-not-found': { title: 'Não há tal membro', next: 'Olhe a lista de novo: alguém foi mais rápido.' },
  'last-owner': { title: 'Uma organização precisa de um responsável', next: 'Torne outra pessoa responsável antes.' },
  'invitation-not-found': { title: 'Não há tal convite', next: 'Olhe a lista de novo.' },
  'key-not-found': { title: 'Não há tal chave', next: 'Olhe a lista de novo.' },
  'session-not-found': { title: 'Este navegador já saiu', next: 'Olhe a lista de novo.' },
  'provider-not-found': { title: 'Não há tal provedor de identidade', next: 'Olhe a lista de novo.' },
  'provider-failed': {
    title: 'O provedor de identidade não pôde ser usado',
    next: 'Tente de novo. Se persistir, um responsável ou administrador testa o provedor em Ajustes, Provedores de identidade.',
  },
  'domain-not-found': { title: 'Não há tal domínio', next: 'Olhe a lista de novo.' },
  'domain-taken': {
    title: 'Outra organização provou que este domínio é dela',
    next: 'Se o domínio é seu, fale com quem opera este servidor.',
  },
  'domain-not-proved': {
    title: 'O domínio ainda não traz o registro',
    next: 'Publique o registro como está, espere o DNS mostrá-lo (minutos, às vezes horas) e olhe de novo.',
  },
  'lock-out': {
    title: 'Isto deixaria de fora quem o decide',
    next: 'Mantenha uma entrada: a sua própria rede na lista, ou um responsável que ainda possa usar a senha.',
  },
  'invalid-input': { title: 'Algo não está como deveria', next: 'Mude o que está indicado acima e tente de novo.' },
  'cross-site-request': {
    title: 'Este pedido não veio do próprio Kept',
    next: 'Abra o Kept numa aba própria e tente de novo.',
  },
};

const es: Record<Code, Worded> = {
  'not-signed-in': { title: 'Nadie ha iniciado sesión', next: 'Inicie sesión y hágalo de nuevo.' },
  'not-permitted': {
    title: 'Su función no permite esto',
    next: 'Pídalo a un responsable o administrador de la organización. En Ajustes, Funciones está quién puede qué.',
  },
  'second-factor-needed': {
    title: 'Esto exige un segundo factor',
    next: 'Hágalo de nuevo y muestre el segundo factor cuando se le pida. Si no tiene uno, añádalo en su cuenta.',
  },
  'password-needed': {
    title: 'Esto exige su contraseña una vez más',
    next: 'Hágalo de nuevo y escriba la contraseña cuando se le pida.',
  },
  'address-not-allowed': {
    title: 'Su dirección de red no puede entrar aquí',
    next: 'Use una red que la organización permita, o pida a un responsable que añada esta en Ajustes, Reglas de acceso.',
  },
  'sign-in-refused': {
    title: 'El correo y la contraseña no concuerdan',
    next: 'Revise ambos. Si no recuerda la contraseña, pida un enlace para definir otra.',
  },
  'code-refused': {
    title: 'Este código no sirve',
    next: 'Use el código que se muestra ahora: cada uno vale una vez, y el reloj del teléfono debe estar en hora.',
  },
  'passkey-refused': {
    title: 'No se mostró ninguna llave de acceso',
    next: 'Intente de nuevo y siga lo que pide el navegador, o use otro medio.',
  },
  'single-sign-on-needed': {
    title: 'Esta organización entra por su proveedor de identidad',
    next: 'Entre por el proveedor. El responsable que es la excepción puede usar la contraseña.',
  },
  'too-many-attempts': {
    title: 'Demasiados intentos',
    next: 'Espere un poco e intente de nuevo. El dueño de una cuenta nunca queda fuera para siempre.',
  },
  'organisation-not-found': { title: 'No hay tal organización', next: 'Elija una de las suyas en la lista.' },
  'organisation-not-named': {
    title: 'No está claro de qué organización se trata',
    next: 'Elija una e intente de nuevo.',
  },
  'slug-taken': { title: 'Otra organización tiene este nombre corto', next: 'Elija otro nombre corto.' },
  'email-taken': { title: 'Alguien tiene ya este correo', next: 'Use otra dirección.' },
  'link-invalid': {
    title: 'Este enlace ya se usó o venció',
    next: 'Pida otro del mismo modo. Cada uno vale una vez, y solo por un tiempo.',
  },
  'password-too-weak': {
    title: 'Esta contraseña es fácil de adivinar',
    next: 'Use una más larga, sin su nombre ni el de la organización. Cuatro palabras sin relación entre sí sirven bien.',
  },
  'factor-not-found': { title: 'No hay tal segundo factor', next: 'Mire la página de nuevo.' },
  'passkey-unavailable': {
    title: 'Las llaves de acceso no funcionan en esta dirección del servidor',
    next: 'Exigen un nombre, no un número: abra Kept por su dirección pública o use una aplicación de autenticación.',
  },
  'last-factor': {
    title: 'Este es el último segundo factor',
    next: 'Añada otro antes. Su función, o la organización, exige uno.',
  },
  'member-not-found': { title: 'No hay tal miembro', next: 'Mire la lista de nuevo: alguien fue más rápido.' },
  'last-owner': { title: 'Una organización necesita un responsable', next: 'Haga responsable a otra persona antes.' },
  'invitation-not-found': { title: 'No hay tal invitación', next: 'Mire la lista de nuevo.' },
  'key-not-found': { title: 'No hay tal clave', next: 'Mire la lista de nuevo.' },
  'session-not-found': { title: 'Este navegador ya salió', next: 'Mire la lista de nuevo.' },
  'provider-not-found': { title: 'No hay tal proveedor de identidad', next: 'Mire la lista de nuevo.' },
  'provider-failed': {
    title: 'El proveedor de identidad no pudo usarse',
    next: 'Intente de nuevo. Si persiste, un responsable o administrador prueba el proveedor en Ajustes, Proveedores de identidad.',
  },
  'domain-not-found': { title: 'No hay tal dominio', next: 'Mire la lista de nuevo.' },
  'domain-taken': {
    title: 'Otra organización ha probado que este dominio es suyo',
    next: 'Si el dominio es de ustedes, hable con quien opera este servidor.',
  },
  'domain-not-proved': {
    title: 'El dominio aún no lleva el registro',
    next: 'Publique el registro tal cual, espere a que su DNS lo muestre (minutos, a veces horas) y mire de nuevo.',
  },
  'lock-out': {
    title: 'Esto dejaría fuera a quienes lo deciden',
    next: 'Mantenga una entrada: su propia red en la lista, o un responsable que aún pueda usar la contraseña.',
  },
  'invalid-input': { title: 'Algo no está como debería', next: 'Cambie lo que se indica arriba e intente de nuevo.' },
  'cross-site-request': {
    title: 'Esta solicitud no vino del propio Kept',
    next: 'Abra Kept en una pestaña propia e intente de nuevo.',
  },
};

const words: Words<Record<Code, Worded>> = { en, 'pt-BR': pt, es };

/** The words of a problem by its code, undefined for codes of other areas. */
export function wordedProblem(code: string, language: keyof typeof words): Worded | undefined {
  const table: Readonly<Record<string, Worded>> = { ...deliveryProblemWords[language], ...words[language] };
  return table[code];
}
