import type { Words } from '../language/language.ts';

const en = {
  label: 'Notices to you',
  takesEffect: 'takes effect on',
  seen: 'I have read it',
  more: 'Read it',
  cancelled: 'Cancelled',
};

/** Apart from the words of the notices' own pages, since every page may show a notice. */
export const ownNoticesWords: Words<typeof en> = {
  en,
  'pt-BR': {
    label: 'Avisos para você',
    takesEffect: 'passa a valer em',
    seen: 'Já li',
    more: 'Ler',
    cancelled: 'Cancelado',
  },
  es: {
    label: 'Avisos para usted',
    takesEffect: 'entra en vigor el',
    seen: 'Ya lo leí',
    more: 'Leerlo',
    cancelled: 'Cancelado',
  },
};
