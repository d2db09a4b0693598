import type { Words } from '../language/language.ts';
import { en, type MailWords } from './mail-words-en.ts';
import { es } from './mail-words-es.ts';
import { pt } from './mail-words-pt.ts';

export const mailWords: Words<MailWords> = { en, 'pt-BR': pt, es };
