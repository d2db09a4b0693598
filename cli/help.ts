import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { type Terminal, table } from './terminal.ts';
import { type Language, say, type Words } from './wording.ts';

const everywhere: Readonly<Record<string, Words>> = {
  '--json': {
    'pt-BR': 'responde em JSON estável, para programas',
    en: 'answers in stable JSON, for programs',
    es: 'responde en JSON estable, para programas',
  },
  '--organisation SLUG': {
    'pt-BR': 'de qual organização se trata, quando há várias',
    en: 'which organisation is meant, where there are several',
    es: 'de qué organización se trata, cuando hay varias',
  },
};

const variables: Readonly<Record<string, Words>> = {
  KEPT_DATA_DIR: {
    'pt-BR': 'diretório de dados do servidor local (.kept)',
    en: 'data directory of the local server (.kept)',
    es: 'directorio de datos del servidor local (.kept)',
  },
  'KEPT_ADDRESS, KEPT_KEY': {
    'pt-BR': 'endereço e chave de um servidor em outro lugar',
    en: 'address and key of a server elsewhere',
    es: 'dirección y clave de un servidor en otro lugar',
  },
  NO_COLOR: { 'pt-BR': 'sem cores', en: 'no colours', es: 'sin colores' },
};

/** All commands with a line each. */
export function overview(language: Language, terminal: Terminal): string[] {
  const promise = {
    'pt-BR': 'Kept: sua política de privacidade, executada e comprovada.',
    en: 'Kept: your privacy policy, executed and proven.',
    es: 'Kept: su política de privacidad, ejecutada y probada.',
  };
  const more = {
    'pt-BR': '“kept COMANDO --help” explica um comando.',
    en: '“kept COMMAND --help” explains a command.',
    es: '«kept COMANDO --help» explica un comando.',
  };
  const columns = [{ title: 'kept' }, { title: '', gives: true }];
  return [
    say(language, promise),
    '',
    ...table(
      columns,
      commands.map((command) => [command.name, command.summary[language]]),
      terminal,
    ),
    '',
    ...listed(everywhere, language),
    ...listed(variables, language),
    '',
    say(language, more),
  ];
}

/** One command with its options. */
export function commandHelp(command: Command, language: Language, terminal: Terminal): string[] {
  return [
    `${terminal.paint('bold', `kept ${command.name}`)} ${command.usage}`.trimEnd(),
    '',
    command.summary[language],
    '',
    ...listed({ ...command.explained, ...everywhere }, language),
  ];
}

function listed(entries: Readonly<Record<string, Words>>, language: Language): string[] {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  return Object.entries(entries).map(([name, words]) => `  ${name.padEnd(width)}  ${words[language]}`);
}
