import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, exitCodes } from './command.ts';
import { readNamedFile } from './files.ts';
import { findingLines } from './findings.ts';
import { say } from './wording.ts';

export const check: Command = {
  name: 'check',
  usage: 'FILE',
  summary: {
    'pt-BR': 'confere uma política, sem rede: o que está errado, onde, por quê, segundo que lei e o que fazer',
    en: 'checks a policy, offline: what is wrong, where, why, by which law and what to do',
    es: 'revisa una política, sin red: qué está mal, dónde, por qué, según qué ley y qué hacer',
  },
  options: {},
  explained: {},
  words: 1,
  async run(context, given) {
    const file = given.neededWord(0, 'FILE');
    const { checkPolicySource } = await import('@kept/sdk/policy');
    const { hash, findings } = await checkPolicySource(readNamedFile(context, file));
    if (given.flag('json')) context.terminal.print(JSON.stringify({ file, hash, findings }));
    else
      for (const line of findingLines(file, findings, context.language, context.terminal)) context.terminal.print(line);
    return findings.some((finding) => finding.severity === 'error') ? exitCodes.no : exitCodes.ok;
  },
};

export const format: Command = {
  name: 'format',
  usage: 'FILE [--check]',
  summary: {
    'pt-BR': 'põe uma política na forma canônica; o sentido e a versão ficam os mesmos',
    en: 'sets a policy in its canonical form; its meaning and version stay the same',
    es: 'pone una política en su forma canónica; el sentido y la versión no cambian',
  },
  options: { check: { type: 'boolean' } },
  explained: {
    '--check': {
      'pt-BR': 'não escreve; termina com 1 se o arquivo mudaria',
      en: 'writes nothing; ends with 1 when the file would change',
      es: 'no escribe; termina con 1 si el archivo cambiaría',
    },
  },
  words: 1,
  async run(context, given) {
    const { language, terminal } = context;
    const file = given.neededWord(0, 'FILE');
    const source = readNamedFile(context, file);
    const { formatPolicySource } = await import('@kept/sdk/policy');
    const formatted = formatPolicySource(source);
    if (formatted.text === undefined) {
      for (const line of findingLines(file, formatted.findings, language, terminal)) terminal.note(line);
      return exitCodes.no;
    }
    if (file === '-') {
      terminal.print(formatted.text.trimEnd());
      return exitCodes.ok;
    }
    const path = resolve(context.directory, file);
    const changed = readFileSync(path, 'utf8') !== formatted.text;
    if (changed && !given.flag('check')) writeFileSync(path, formatted.text);
    if (given.flag('json')) terminal.print(JSON.stringify({ file, changed }));
    else {
      const words = {
        'pt-BR': changed ? '{file} muda.' : '{file} já está na forma canônica.',
        en: changed ? '{file} changes.' : '{file} is in its canonical form already.',
        es: changed ? '{file} cambia.' : '{file} ya está en su forma canónica.',
      };
      terminal.print(say(language, words, { file }));
    }
    return changed && given.flag('check') ? exitCodes.no : exitCodes.ok;
  },
};
