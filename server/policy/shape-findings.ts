import type { FindingText } from './finding-text.ts';
import type { Wording } from './wording.ts';

const oneReader: Wording = {
  'pt-BR': 'Duas pessoas, ou dois programas, poderiam ler documentos diferentes no mesmo arquivo.',
  en: 'Two people, or two programs, could read different documents in the same file.',
  es: 'Dos personas, o dos programas, podrían leer documentos distintos en el mismo archivo.',
};
const unreadable: Wording = {
  'pt-BR': 'O arquivo precisa ser lido por inteiro para que suas frases possam ser cumpridas.',
  en: 'The file has to be read whole before its sentences can be carried out.',
  es: 'El archivo tiene que leerse entero para que sus frases puedan cumplirse.',
};

function refusal(message: Wording, why: Wording, remedy: Wording): FindingText {
  return { severity: 'error', message, why, remedy };
}

/** What can be wrong with a file as YAML. */
export const yamlFindings = {
  'yaml-syntax': refusal(
    {
      'pt-BR': 'Isto não é YAML válido.',
      en: 'This is not valid YAML.',
      es: 'Esto no es YAML válido.',
    },
    unreadable,
    {
      'pt-BR': 'Confira aspas, colchetes, chaves e dois-pontos nesta linha e na anterior.',
      en: 'Check quotes, brackets, braces and colons on this line and the one before.',
      es: 'Revise comillas, corchetes, llaves y dos puntos en esta línea y en la anterior.',
    },
  ),
  'yaml-colon': refusal(
    {
      'pt-BR': 'Há um segundo “: ” nesta linha.',
      en: 'There is a second “: ” on this line.',
      es: 'Hay un segundo “: ” en esta línea.',
    },
    unreadable,
    {
      'pt-BR': 'Ponha o texto entre aspas, ou o que vem depois em uma linha própria.',
      en: 'Put the text in quotes, or what follows on a line of its own.',
      es: 'Ponga el texto entre comillas, o lo que sigue en una línea propia.',
    },
  ),
  'yaml-indent': refusal(
    {
      'pt-BR': 'O recuo desta linha não combina com o das linhas ao redor.',
      en: 'The indentation of this line does not fit the lines around it.',
      es: 'La sangría de esta línea no coincide con la de las líneas de alrededor.',
    },
    unreadable,
    {
      'pt-BR':
        'Alinhe-a com as linhas do mesmo nível, com dois espaços por nível, e confira se algo antes dela ficou sem fechar.',
      en: 'Align it with the lines of its level, two spaces a level, and look for something before it that was not closed.',
      es: 'Alinéela con las líneas de su nivel, dos espacios por nivel, y revise si algo anterior quedó sin cerrar.',
    },
  ),
  'yaml-missing-character': refusal(
    {
      'pt-BR': 'Algo foi aberto e não fechado, ou falta um espaço depois de “:” ou “-”.',
      en: 'Something was opened and not closed, or a space is missing after “:” or “-”.',
      es: 'Algo se abrió y no se cerró, o falta un espacio después de “:” o “-”.',
    },
    unreadable,
    {
      'pt-BR': 'Feche aspas, colchetes e chaves desta linha.',
      en: 'Close the quotes, brackets and braces of this line.',
      es: 'Cierre las comillas, los corchetes y las llaves de esta línea.',
    },
  ),
  'yaml-tab': refusal(
    {
      'pt-BR': 'Há um caractere de tabulação no recuo.',
      en: 'There is a tab in the indentation.',
      es: 'Hay un tabulador en la sangría.',
    },
    {
      'pt-BR': 'YAML não diz quantos espaços vale uma tabulação.',
      en: 'YAML does not say how many spaces a tab stands for.',
      es: 'YAML no dice cuántos espacios vale un tabulador.',
    },
    {
      'pt-BR': 'Use dois espaços por nível.',
      en: 'Use two spaces a level.',
      es: 'Use dos espacios por nivel.',
    },
  ),
  'yaml-duplicate-key': refusal(
    {
      'pt-BR': '“{key}” aparece duas vezes no mesmo lugar.',
      en: '“{key}” stands twice in the same place.',
      es: '“{key}” aparece dos veces en el mismo lugar.',
    },
    oneReader,
    {
      'pt-BR': 'Fique com um dos dois, ou dê outro nome a este.',
      en: 'Keep one of the two, or give this one another name.',
      es: 'Quédese con uno de los dos, o dé otro nombre a este.',
    },
  ),
  'yaml-alias': refusal(
    {
      'pt-BR': 'Âncoras (&) e referências (*) do YAML não são aceitas aqui.',
      en: 'YAML anchors (&) and aliases (*) are not accepted here.',
      es: 'Las anclas (&) y los alias (*) de YAML no se aceptan aquí.',
    },
    {
      'pt-BR': 'Uma política se lê de cima para baixo; e referências podem crescer sem limite.',
      en: 'A policy is read from top to bottom; and aliases can grow without bound.',
      es: 'Una política se lee de arriba abajo; y los alias pueden crecer sin límite.',
    },
    {
      'pt-BR': 'Escreva o valor por extenso. Um texto que começa com * ou & vai entre aspas.',
      en: 'Write the value out. A text that begins with * or & goes in quotes.',
      es: 'Escriba el valor completo. Un texto que empieza con * o & va entre comillas.',
    },
  ),
  'yaml-tag': refusal(
    {
      'pt-BR': 'O tipo “{tag}” não é aceito aqui.',
      en: 'The type “{tag}” is not accepted here.',
      es: 'El tipo “{tag}” no se acepta aquí.',
    },
    oneReader,
    {
      'pt-BR': 'Apague a marca. Um texto que começa com ! vai entre aspas.',
      en: 'Remove the tag. A text that begins with ! goes in quotes.',
      es: 'Quite la marca. Un texto que empieza con ! va entre comillas.',
    },
  ),
  'yaml-tag-unreadable': refusal(
    {
      'pt-BR': 'O valor não combina com a marca de tipo (!) antes dele.',
      en: 'The value does not fit the type mark (!) before it.',
      es: 'El valor no corresponde a la marca de tipo (!) que lo precede.',
    },
    oneReader,
    {
      'pt-BR': 'Apague a marca. Um texto que começa com ! vai entre aspas.',
      en: 'Remove the mark. A text that begins with ! goes in quotes.',
      es: 'Quite la marca. Un texto que empieza con ! va entre comillas.',
    },
  ),
  'yaml-key': refusal(
    {
      'pt-BR': 'Um nome aqui não é um texto simples.',
      en: 'A name here is not plain text.',
      es: 'Un nombre aquí no es un texto simple.',
    },
    oneReader,
    {
      'pt-BR': 'Escreva um nome antes dos dois-pontos.',
      en: 'Write a name before the colon.',
      es: 'Escriba un nombre antes de los dos puntos.',
    },
  ),
  'yaml-reserved-name': refusal(
    {
      'pt-BR': '“{key}” não pode ser um nome aqui.',
      en: '“{key}” cannot be a name here.',
      es: '“{key}” no puede ser un nombre aquí.',
    },
    oneReader,
    { 'pt-BR': 'Dê-lhe outro nome.', en: 'Give it another name.', es: 'Dele otro nombre.' },
  ),
  'yaml-several-documents': refusal(
    {
      'pt-BR': 'O arquivo contém mais de um documento (---).',
      en: 'The file holds more than one document (---).',
      es: 'El archivo contiene más de un documento (---).',
    },
    oneReader,
    {
      'pt-BR': 'Deixe um documento por arquivo.',
      en: 'Leave one document per file.',
      es: 'Deje un documento por archivo.',
    },
  ),
  'yaml-other-version': refusal(
    {
      'pt-BR': 'O arquivo pede outra versão do YAML.',
      en: 'The file asks for another version of YAML.',
      es: 'El archivo pide otra versión de YAML.',
    },
    {
      'pt-BR': 'No YAML 1.1 “on”, “no” e “yes” são verdadeiro ou falso e 010 é oito; no 1.2 são o que se lê.',
      en: 'In YAML 1.1 “on”, “no” and “yes” are true or false and 010 is eight; in 1.2 they are what they look like.',
      es: 'En YAML 1.1 “on”, “no” y “yes” son verdadero o falso y 010 es ocho; en 1.2 son lo que se lee.',
    },
    {
      'pt-BR': 'Apague a linha %YAML.',
      en: 'Remove the %YAML line.',
      es: 'Quite la línea %YAML.',
    },
  ),
  'yaml-empty': refusal(
    { 'pt-BR': 'O arquivo está vazio.', en: 'The file is empty.', es: 'El archivo está vacío.' },
    unreadable,
    {
      'pt-BR': 'Comece de um exemplo, ou de um rascunho feito por `kept init`.',
      en: 'Begin with an example, or with a draft made by `kept init`.',
      es: 'Empiece por un ejemplo, o por un borrador hecho con `kept init`.',
    },
  ),
  'yaml-too-long': refusal(
    {
      'pt-BR': 'O arquivo tem {length} caracteres; o limite é {limit}.',
      en: 'The file has {length} characters; the limit is {limit}.',
      es: 'El archivo tiene {length} caracteres; el límite es {limit}.',
    },
    {
      'pt-BR': 'Um documento que pessoas leem não chega a esse tamanho.',
      en: 'A document that people read does not get this long.',
      es: 'Un documento que leen personas no llega a ese tamaño.',
    },
    {
      'pt-BR': 'Confira se este é mesmo o arquivo da política.',
      en: 'Check that this is the file you mean.',
      es: 'Compruebe que este es el archivo correcto.',
    },
  ),
  'yaml-too-deep': refusal(
    {
      'pt-BR': 'O arquivo tem níveis demais, um dentro do outro.',
      en: 'The file nests too deeply.',
      es: 'El archivo tiene demasiados niveles anidados.',
    },
    unreadable,
    {
      'pt-BR': 'Confira colchetes e chaves que não se fecham.',
      en: 'Look for brackets and braces that are never closed.',
      es: 'Busque corchetes y llaves que no se cierran.',
    },
  ),
  'yaml-number': refusal(
    {
      'pt-BR': '“{text}” não é um número exato.',
      en: '“{text}” is not an exact number.',
      es: '“{text}” no es un número exacto.',
    },
    oneReader,
    {
      'pt-BR': 'Escreva-o entre aspas, se for um texto, ou um número menor.',
      en: 'Write it in quotes if it is a text, or write a smaller number.',
      es: 'Escríbalo entre comillas si es un texto, o escriba un número menor.',
    },
  ),
  'yaml-invisible': refusal(
    {
      'pt-BR': 'Há um caractere invisível ({character}) aqui.',
      en: 'There is an invisible character ({character}) here.',
      es: 'Hay un carácter invisible ({character}) aquí.',
    },
    {
      'pt-BR': 'O que se lê na tela não seria o que se publica.',
      en: 'What is read on screen would not be what is published.',
      es: 'Lo que se lee en pantalla no sería lo que se publica.',
    },
    { 'pt-BR': 'Apague-o.', en: 'Remove it.', es: 'Quítelo.' },
  ),
  'yaml-not-unicode': refusal(
    {
      'pt-BR': 'Há aqui algo que não é texto em UTF-8.',
      en: 'There is something here that is no text in UTF-8.',
      es: 'Aquí hay algo que no es texto en UTF-8.',
    },
    unreadable,
    {
      'pt-BR': 'Grave o arquivo como UTF-8.',
      en: 'Save the file as UTF-8.',
      es: 'Guarde el archivo como UTF-8.',
    },
  ),
} as const satisfies Record<string, FindingText>;

const closedNames: Wording = {
  'pt-BR': 'Um nome que o Kept não conhece seria uma promessa que ninguém cumpre.',
  en: 'A name Kept does not know would be a promise that nobody keeps.',
  es: 'Un nombre que Kept no conoce sería una promesa que nadie cumple.',
};
const needed: Wording = {
  'pt-BR': 'Sem isso não se sabe o que é prometido.',
  en: 'Without it nobody can tell what is promised.',
  es: 'Sin eso no se sabe qué se promete.',
};

/** What can be wrong with the shape of a document. */
export const shapeFindings = {
  'unknown-key': refusal(
    {
      'pt-BR': '“{key}” não existe aqui.',
      en: 'There is no “{key}” here.',
      es: '“{key}” no existe aquí.',
    },
    closedNames,
    { 'pt-BR': '{suggestion}', en: '{suggestion}', es: '{suggestion}' },
  ),
  'missing-key': refusal({ 'pt-BR': 'Falta “{key}”.', en: '“{key}” is missing.', es: 'Falta “{key}”.' }, needed, {
    'pt-BR': 'Acrescente “{key}”: {expected}.',
    en: 'Add “{key}”: {expected}.',
    es: 'Añada “{key}”: {expected}.',
  }),
  'wrong-kind': refusal(
    {
      'pt-BR': 'Aqui cabe {expected}, e não {received}.',
      en: 'Here belongs {expected}, not {received}.',
      es: 'Aquí va {expected}, no {received}.',
    },
    needed,
    { 'pt-BR': 'Escreva {expected}.', en: 'Write {expected}.', es: 'Escriba {expected}.' },
  ),
  'wrong-value': refusal(
    {
      'pt-BR': '“{value}” não é um dos valores possíveis.',
      en: '“{value}” is not one of the possible values.',
      es: '“{value}” no es uno de los valores posibles.',
    },
    closedNames,
    { 'pt-BR': '{suggestion}', en: '{suggestion}', es: '{suggestion}' },
  ),
  'empty-list': refusal(
    { 'pt-BR': 'A lista está vazia.', en: 'The list is empty.', es: 'La lista está vacía.' },
    needed,
    {
      'pt-BR': 'Ponha nela pelo menos um item, ou apague-a.',
      en: 'Put at least one item in it, or remove it.',
      es: 'Ponga al menos un elemento, o quítela.',
    },
  ),
  'wrong-form': refusal(
    {
      'pt-BR': '“{value}” não é {expected}.',
      en: '“{value}” is not {expected}.',
      es: '“{value}” no es {expected}.',
    },
    needed,
    { 'pt-BR': 'Escreva {expected}.', en: 'Write {expected}.', es: 'Escriba {expected}.' },
  ),
} as const satisfies Record<string, FindingText>;

/** Words for the kinds of values that a file can hold. */
export const kindWords: Record<string, Wording> = {
  string: { 'pt-BR': 'um texto', en: 'a text', es: 'un texto' },
  number: { 'pt-BR': 'um número', en: 'a number', es: 'un número' },
  int: { 'pt-BR': 'um número inteiro', en: 'a whole number', es: 'un número entero' },
  boolean: { 'pt-BR': 'true ou false', en: 'true or false', es: 'true o false' },
  array: { 'pt-BR': 'uma lista', en: 'a list', es: 'una lista' },
  object: {
    'pt-BR': 'um grupo de nomes e valores',
    en: 'a group of names and values',
    es: 'un grupo de nombres y valores',
  },
  record: {
    'pt-BR': 'um grupo de nomes e valores',
    en: 'a group of names and values',
    es: 'un grupo de nombres y valores',
  },
  null: { 'pt-BR': 'nada', en: 'nothing', es: 'nada' },
  value: { 'pt-BR': 'um valor', en: 'a value', es: 'un valor' },
};
