import type { Words } from '../language/language.ts';

const en = {
  what: 'what this link is for',
  incomplete: 'This address is incomplete',
  incompleteText: 'Copy the whole link, including what stands behind the #.',
  invalid: 'This link was used or has expired',
  wrongKind: 'This link is for something else',
  toStart: 'Go to Kept',
  name: 'Your name',
  email: 'E-mail address',
  setUp: {
    title: 'Set up Kept',
    text: 'This makes the first organisation and its first owner: you. The next step adds a second factor, which an owner always needs.',
    invalidText:
      'Start the server again: it prints another link while nothing is set up. If somebody was faster, sign in or ask them for an invitation.',
    organisation: 'Organisation',
    organisationHint: 'As it stands in its policy.',
    slug: 'Short name',
    slugHint: 'For addresses and the command line: lower-case letters, digits and hyphens.',
    you: 'You',
    act: 'Set up Kept',
    pending: 'Setting up …',
  },
  verification: {
    title: 'Confirm your e-mail address',
    owedText: (email: string) =>
      `A mail went to ${email}. Open the link in it: until then nobody can be sure that the address is yours.`,
    again: 'Send it again',
    sending: 'Sending …',
    sent: 'Another mail is on its way.',
    looked: 'I have opened it',
    text: (email: string) => `Confirm that ${email} is yours.`,
    act: 'Confirm the address',
    pending: 'Confirming …',
    done: 'The address is confirmed',
    doneText: 'You can go on.',
    invalidText:
      'Sign in: the page that comes up sends another mail. If the address is confirmed already, nothing is left to do.',
  },
  invitation: {
    title: (organisation: string) => `Join ${organisation}`,
    text: (email: string, role: string) => `You, ${email}, were invited as ${role}.`,
    until: 'The invitation holds until',
    newText: 'Choose a name and a password. Where the role demands a second factor, the next step adds it.',
    known: 'There is an account with this address already. Sign in, then accept.',
    other: (email: string) =>
      `You are signed in as ${email}, and the invitation is for another address. Sign out first.`,
    act: 'Accept the invitation',
    pending: 'Accepting …',
    invalidText: 'Ask whoever invited you to send the invitation again: that renews it.',
  },
  choose: {
    title: 'Where to?',
    text: 'You belong to several organisations. You can turn to another at any time, at the top of the rail.',
    none: 'You belong to no organisation',
    noneText:
      'Your account is fine, but nobody has given you a place. Ask an owner or administrator for an invitation to this address.',
    pending: 'Opening …',
  },
};

type JoiningWords = typeof en;

const pt: JoiningWords = {
  what: 'para que serve este link',
  incomplete: 'Este endereço está incompleto',
  incompleteText: 'Copie o link inteiro, com o que vem depois do #.',
  invalid: 'Este link já foi usado ou venceu',
  wrongKind: 'Este link serve para outra coisa',
  toStart: 'Ir para o Kept',
  name: 'O seu nome',
  email: 'E-mail',
  setUp: {
    title: 'Configurar o Kept',
    text: 'Isto cria a primeira organização e o seu primeiro responsável: você. O passo seguinte adiciona um segundo fator, que um responsável sempre precisa ter.',
    invalidText:
      'Inicie o servidor de novo: ele imprime outro link enquanto nada está configurado. Se alguém foi mais rápido, entre ou peça um convite.',
    organisation: 'Organização',
    organisationHint: 'Como consta na sua política.',
    slug: 'Nome curto',
    slugHint: 'Para endereços e a linha de comando: letras minúsculas, dígitos e hifens.',
    you: 'Você',
    act: 'Configurar o Kept',
    pending: 'Configurando …',
  },
  verification: {
    title: 'Confirme o seu e-mail',
    owedText: (email) =>
      `Um e-mail foi para ${email}. Abra o link que está nele: até lá ninguém tem certeza de que o endereço é seu.`,
    again: 'Enviar de novo',
    sending: 'Enviando …',
    sent: 'Outro e-mail está a caminho.',
    looked: 'Já abri',
    text: (email) => `Confirme que ${email} é seu.`,
    act: 'Confirmar o endereço',
    pending: 'Confirmando …',
    done: 'O endereço está confirmado',
    doneText: 'Você pode prosseguir.',
    invalidText: 'Entre: a página que aparece envia outro e-mail. Se o endereço já está confirmado, não falta nada.',
  },
  invitation: {
    title: (organisation) => `Entrar em ${organisation}`,
    text: (email, role) => `Você, ${email}, recebeu um convite para o papel ${role}.`,
    until: 'O convite vale até',
    newText: 'Escolha um nome e uma senha. Se o papel exige um segundo fator, o passo seguinte o adiciona.',
    known: 'Já há uma conta com este endereço. Entre e depois aceite.',
    other: (email) => `A sessão aberta é de ${email}, e o convite é para outro endereço. Saia primeiro.`,
    act: 'Aceitar o convite',
    pending: 'Aceitando …',
    invalidText: 'Peça a quem convidou que envie o convite de novo: isso o renova.',
  },
  choose: {
    title: 'Para onde?',
    text: 'Você pertence a várias organizações. Pode passar a outra a qualquer momento, no alto da barra.',
    none: 'Você não pertence a nenhuma organização',
    noneText:
      'A sua conta está em ordem, mas ninguém lhe deu um lugar. Peça a um responsável ou administrador um convite para este endereço.',
    pending: 'Abrindo …',
  },
};

const es: JoiningWords = {
  what: 'para qué sirve este enlace',
  incomplete: 'Esta dirección está incompleta',
  incompleteText: 'Copie el enlace entero, con lo que sigue a la #.',
  invalid: 'Este enlace ya se usó o venció',
  wrongKind: 'Este enlace sirve para otra cosa',
  toStart: 'Ir a Kept',
  name: 'Su nombre',
  email: 'Correo electrónico',
  setUp: {
    title: 'Configurar Kept',
    text: 'Esto crea la primera organización y su primer responsable: usted. El paso siguiente añade un segundo factor, que un responsable siempre necesita.',
    invalidText:
      'Inicie el servidor de nuevo: imprime otro enlace mientras nada está configurado. Si alguien fue más rápido, entre o pida una invitación.',
    organisation: 'Organización',
    organisationHint: 'Como consta en su política.',
    slug: 'Nombre corto',
    slugHint: 'Para direcciones y la línea de órdenes: letras minúsculas, dígitos y guiones.',
    you: 'Usted',
    act: 'Configurar Kept',
    pending: 'Configurando …',
  },
  verification: {
    title: 'Confirme su correo',
    owedText: (email) =>
      `Un mensaje fue a ${email}. Abra el enlace que lleva: hasta entonces nadie está seguro de que la dirección sea suya.`,
    again: 'Enviarlo de nuevo',
    sending: 'Enviando …',
    sent: 'Otro mensaje está en camino.',
    looked: 'Ya lo abrí',
    text: (email) => `Confirme que ${email} es suya.`,
    act: 'Confirmar la dirección',
    pending: 'Confirmando …',
    done: 'La dirección está confirmada',
    doneText: 'Puede continuar.',
    invalidText:
      'Inicie sesión: la página que aparece envía otro mensaje. Si la dirección ya está confirmada, no falta nada.',
  },
  invitation: {
    title: (organisation) => `Entrar en ${organisation}`,
    text: (email, role) => `Usted, ${email}, recibió una invitación para la función ${role}.`,
    until: 'La invitación vale hasta',
    newText: 'Elija un nombre y una contraseña. Si la función exige un segundo factor, el paso siguiente lo añade.',
    known: 'Ya hay una cuenta con esta dirección. Inicie sesión y luego acepte.',
    other: (email) => `La sesión abierta es de ${email}, y la invitación es para otra dirección. Salga primero.`,
    act: 'Aceptar la invitación',
    pending: 'Aceptando …',
    invalidText: 'Pida a quien le invitó que envíe la invitación de nuevo: eso la renueva.',
  },
  choose: {
    title: '¿Adónde?',
    text: 'Usted pertenece a varias organizaciones. Puede pasar a otra en cualquier momento, en lo alto de la barra.',
    none: 'Usted no pertenece a ninguna organización',
    noneText:
      'Su cuenta está en orden, pero nadie le ha dado un lugar. Pida a un responsable o administrador una invitación para esta dirección.',
    pending: 'Abriendo …',
  },
};

export const joiningWords: Words<JoiningWords> = { en, 'pt-BR': pt, es };
