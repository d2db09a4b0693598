import type { Words } from '../language/language.ts';
import { en, type NoticeWords } from './notice-words-en.ts';
import { es } from './notice-words-es.ts';
import { pt } from './notice-words-pt.ts';

export const noticeWords: Words<NoticeWords> = { en, 'pt-BR': pt, es };
