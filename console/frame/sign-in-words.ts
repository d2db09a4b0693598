import type { Words } from '../language/language.ts';

const en = {
  title: 'Sign in to read this',
  text: 'Kept shows what a company promised about personal data, and whether it holds. So it asks who is reading.',
  how: 'On the machine where Kept runs, open a terminal and type:',
  then: 'It prints a link that works once. Open it in this browser and you are signed in.',
  used: 'A link that was already used, or is older than its time, is refused. Ask for another in the same way.',
  title2: 'No terminal at hand?',
  text2: 'Ask whoever runs Kept in your organisation to send you a link made in this way.',
};

export const signInWords: Words<typeof en> = {
  en,
  'pt-BR': {
    title: 'Entre para ler',
    text: 'O Kept mostra o que uma empresa prometeu sobre dados pessoais e se isso se cumpre. Por isso pergunta quem lê.',
    how: 'Na máquina em que o Kept roda, abra um terminal e digite:',
    then: 'Ele imprime um link que vale uma vez. Abra-o neste navegador e a sessão começa.',
    used: 'Um link já usado, ou fora do prazo, é recusado. Peça outro do mesmo modo.',
    title2: 'Sem um terminal à mão?',
    text2: 'Peça a quem opera o Kept na sua organização um link feito desse modo.',
  },
  es: {
    title: 'Inicie sesión para leer',
    text: 'Kept muestra lo que una empresa prometió sobre datos personales y si se cumple. Por eso pregunta quién lee.',
    how: 'En la máquina donde corre Kept, abra una terminal y escriba:',
    then: 'Imprime un enlace que sirve una vez. Ábralo en este navegador y la sesión comienza.',
    used: 'Un enlace ya usado, o fuera de plazo, se rechaza. Pida otro del mismo modo.',
    title2: '¿Sin una terminal a mano?',
    text2: 'Pida a quien opera Kept en su organización un enlace hecho de este modo.',
  },
};
