import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The script that an application embeds to show its notices: no dependencies, no cookies, nothing a strict content
 * security policy forbids. Comments and indentation stay here.
 */
export const noticeWidget: string = readFileSync(join(import.meta.dirname, 'widget', 'notices.js'), 'utf8')
  .replaceAll(/^\s+/gm, '')
  .replaceAll(/^\/\/.*\n/gm, '');
