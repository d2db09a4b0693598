import type { Words } from '../language/language.ts';
import { en, type WebhooksWords } from './words-en.ts';
import { es } from './words-es.ts';
import { pt } from './words-pt.ts';

export const webhooksWords: Words<WebhooksWords> = { en, 'pt-BR': pt, es };
