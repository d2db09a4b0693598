import type { Words } from '../language/language.ts';
import { en, type InboundWords } from './inbound-words-en.ts';
import { es } from './inbound-words-es.ts';
import { pt } from './inbound-words-pt.ts';

export const inboundWords: Words<InboundWords> = { en, 'pt-BR': pt, es };
