import type { Words } from '../language/language.ts';
import { en, type MessagesWords } from './words-en.ts';
import { es } from './words-es.ts';
import { pt } from './words-pt.ts';

export const messagesWords: Words<MessagesWords> = { en, 'pt-BR': pt, es };
