import type { Words } from '../language/language.ts';
import { type AccountWords, en } from './account-words-en.ts';
import { es } from './account-words-es.ts';
import { pt } from './account-words-pt.ts';

export const accountWords: Words<AccountWords> = { en, 'pt-BR': pt, es };
