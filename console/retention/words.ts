import type { Words } from '../language/language.ts';
import { en, type RetentionWords } from './words-en.ts';
import { es } from './words-es.ts';
import { pt } from './words-pt.ts';

export const retentionWords: Words<RetentionWords> = { en, 'pt-BR': pt, es };
