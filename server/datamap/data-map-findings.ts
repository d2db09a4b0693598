import type { FindingText } from '../policy/finding-text.ts';
import type { Wording } from '../policy/wording.ts';

type Three = readonly [pt: string, en: string, es: string];

function wording([pt, en, es]: Three): Wording {
  return { 'pt-BR': pt, en, es };
}

function row(severity: FindingText['severity'], message: Three, why: Three, remedy: Three): FindingText {
  return { severity, message: wording(message), why: wording(why), remedy: wording(remedy) };
}

const nowhere: Three = [
  'Sem isso o Kept não sabe onde olhar, e a promessa fica sem prova.',
  'Without it Kept does not know where to look, and the promise stays unproven.',
  'Sin eso Kept no sabe dónde mirar, y la promesa queda sin prueba.',
];
const suggestion: Three = ['{suggestion}', '{suggestion}', '{suggestion}'];

/** What can be wrong between a data map, its policy and the stores it speaks of. */
export const dataMapFindings = {
  'map-unknown-reference': row(
    'error',
    [
      '“{name}” não existe: não há tal {kind}.',
      'There is no “{name}”: no such {kind}.',
      '“{name}” no existe: no hay tal {kind}.',
    ],
    nowhere,
    suggestion,
  ),
  'credential-in-file': row(
    'error',
    [
      '`credential` parece conter a própria credencial.',
      '`credential` seems to hold the credential itself.',
      '`credential` parece contener la propia credencial.',
    ],
    [
      'O mapa é guardado, versionado e mostrado; segredos ficam fora dele.',
      'The map is stored, versioned and shown; secrets stay outside it.',
      'El mapa se guarda, se versiona y se muestra; los secretos quedan fuera.',
    ],
    [
      'Escreva aqui um nome e ponha o valor no arquivo de segredos, sob o nome curto da organização.',
      'Write a name here, and put the value into the secrets file, under the short name of the organisation.',
      'Escriba aquí un nombre y ponga el valor en el archivo de secretos, bajo el nombre corto de la organización.',
    ],
  ),
  'table-missing': row(
    'error',
    [
      '“{dataset}” está em um banco e não diz a tabela.',
      '“{dataset}” lies in a database and names no table.',
      '“{dataset}” está en una base y no dice la tabla.',
    ],
    nowhere,
    ['Acrescente `table: esquema.tabela`.', 'Add `table: schema.table`.', 'Añada `table: esquema.tabla`.'],
  ),
  'folder-missing': row(
    'error',
    [
      '“{dataset}” está em uma pasta e não diz qual.',
      '“{dataset}” lies in a folder and does not say which.',
      '“{dataset}” está en una carpeta y no dice cuál.',
    ],
    nowhere,
    [
      'Acrescente `folder` (“.” para a raiz), no lugar de `table`.',
      'Add `folder` (“.” for the root), in place of `table`.',
      'Añada `folder` (“.” para la raíz), en lugar de `table`.',
    ],
  ),
  'key-missing': row(
    'error',
    [
      '“{dataset}” não diz sua chave primária.',
      '“{dataset}” does not name its primary key.',
      '“{dataset}” no dice su clave primaria.',
    ],
    [
      'A chave é o que distingue uma linha: retenções e anexos são guardados por ela.',
      'The key tells rows apart: holds and attachments are kept by it.',
      'La clave distingue las filas: retenciones y adjuntos se guardan por ella.',
    ],
    ['Acrescente `key: [coluna]`.', 'Add `key: [column]`.', 'Añada `key: [columna]`.'],
  ),
  'attachments-not-in-folder': row(
    'error',
    [
      '“{system}” não é uma pasta de arquivos.',
      '“{system}” is no folder of files.',
      '“{system}” no es una carpeta de archivos.',
    ],
    [
      'Anexos são arquivos que saem antes de sua linha.',
      'Attachments are files that go before their row does.',
      'Los adjuntos son archivos que salen antes que su fila.',
    ],
    [
      'Indique um sistema do tipo `folder`.',
      'Name a system of the kind `folder`.',
      'Indique un sistema de tipo `folder`.',
    ],
  ),
  'anonymised-at-missing': row(
    'error',
    [
      '“{dataset}” é anonimizado e não diz onde se anota quando.',
      '“{dataset}” is anonymised and does not say where that is noted.',
      '“{dataset}” se anonimiza y no dice dónde se anota cuándo.',
    ],
    [
      'Sem essa coluna uma linha seria anonimizada de novo a cada execução.',
      'Without that column a row would be anonymised again at every run.',
      'Sin esa columna una fila se anonimizaría de nuevo en cada ejecución.',
    ],
    [
      'Acrescente `anonymised-at` com uma coluna de data e hora.',
      'Add `anonymised-at` with a column of date and time.',
      'Añada `anonymised-at` con una columna de fecha y hora.',
    ],
  ),
  'anonymise-missing': row(
    'error',
    [
      '“{promise}” anonimiza “{dataset}”, e o mapa não diz como.',
      '“{promise}” anonymises “{dataset}”, and the map does not say how.',
      '“{promise}” anonimiza “{dataset}”, y el mapa no dice cómo.',
    ],
    [
      'O que resta não pode identificar ninguém; por isso cada campo tem sua estratégia.',
      'What is left must identify nobody; so each field has its strategy.',
      'Lo que queda no puede identificar a nadie; por eso cada campo tiene su estrategia.',
    ],
    [
      'Acrescente `anonymise` com cada campo que identifica alguém.',
      'Add `anonymise` with every field that identifies somebody.',
      'Añada `anonymise` con cada campo que identifica a alguien.',
    ],
  ),
  'anonymise-key': row(
    'error',
    [
      '“{column}” é chave e não pode ser anonimizada.',
      '“{column}” is a key and cannot be anonymised.',
      '“{column}” es clave y no puede anonimizarse.',
    ],
    [
      'A linha não seria encontrada outra vez.',
      'The row would not be found again.',
      'La fila no se volvería a encontrar.',
    ],
    ['Retire-a de `anonymise`.', 'Take it out of `anonymise`.', 'Quítela de `anonymise`.'],
  ),
  'clock-missing': row(
    'error',
    [
      '“{promise}” conta a partir de “{clock}”, e “{dataset}” não tem esse relógio.',
      '“{promise}” counts from “{clock}”, and “{dataset}” has no such clock.',
      '“{promise}” cuenta desde “{clock}”, y “{dataset}” no tiene ese reloj.',
    ],
    nowhere,
    suggestion,
  ),
  'account-missing': row(
    'error',
    [
      '“{promise}” segue o estado da conta, e “{dataset}” não diz de que conta é cada linha.',
      '“{promise}” follows the account’s state, and “{dataset}” does not say whose each row is.',
      '“{promise}” sigue el estado de la cuenta, y “{dataset}” no dice de qué cuenta es cada fila.',
    ],
    nowhere,
    [
      'Acrescente `account` com a coluna, ou o caminho até ela.',
      'Add `account` with the column, or the path to it.',
      'Añada `account` con la columna, o el camino hasta ella.',
    ],
  ),
  'accounts-missing': row(
    'error',
    [
      '“{promise}” depende das contas, e o mapa não diz onde elas estão.',
      '“{promise}” depends on accounts, and the map does not say where they are.',
      '“{promise}” depende de las cuentas, y el mapa no dice dónde están.',
    ],
    nowhere,
    [
      'Acrescente `accounts` com a tabela, a chave e o estado.',
      'Add `accounts` with the table, the key and the state.',
      'Añada `accounts` con la tabla, la clave y el estado.',
    ],
  ),
  'owner-email-missing': row(
    'error',
    [
      '“{promise}” confirma por e-mail, e o mapa não diz o endereço do titular da conta.',
      '“{promise}” confirms by e-mail, and the map does not say the account owner’s address.',
      '“{promise}” confirma por correo, y el mapa no dice la dirección del titular de la cuenta.',
    ],
    nowhere,
    ['Acrescente `accounts.owner-email`.', 'Add `accounts.owner-email`.', 'Añada `accounts.owner-email`.'],
  ),
  'event-missing': row(
    'error',
    [
      '“{promise}” apaga quando vem “{event}”, e “{dataset}” não diz por qual coluna.',
      '“{promise}” erases on “{event}”, and “{dataset}” does not say by which column.',
      '“{promise}” borra con “{event}”, y “{dataset}” no dice por qué columna.',
    ],
    nowhere,
    [
      'Acrescente `events: {{event}: coluna}`.',
      'Add `events: {{event}: column}`.',
      'Añada `events: {{event}: columna}`.',
    ],
  ),
  'field-missing': row(
    'error',
    [
      '“{promise}” olha {measure}, e “{dataset}” não diz o campo.',
      '“{promise}” looks at {measure}, and “{dataset}” does not name the field.',
      '“{promise}” mira {measure}, y “{dataset}” no dice el campo.',
    ],
    nowhere,
    ['Acrescente `fields.{field}`.', 'Add `fields.{field}`.', 'Añada `fields.{field}`.'],
  ),
  'fact-missing': row(
    'error',
    [
      '“{promise}” promete o dado “{fact}”, e “{dataset}” não diz em que coluna está.',
      '“{promise}” promises the fact “{fact}”, and “{dataset}” does not say which column holds it.',
      '“{promise}” promete el dato “{fact}”, y “{dataset}” no dice qué columna lo contiene.',
    ],
    nowhere,
    [
      'Acrescente `facts.{fact}`. {suggestion}',
      'Add `facts.{fact}`. {suggestion}',
      'Añada `facts.{fact}`. {suggestion}',
    ],
  ),
  'fate-does-not-fit': row(
    'error',
    [
      '“{promise}” diz “{fate}”, que não cabe em “{dataset}” ({kind}).',
      '“{promise}” says “{fate}”, which does not fit “{dataset}” ({kind}).',
      '“{promise}” dice “{fate}”, que no cabe en “{dataset}” ({kind}).',
    ],
    [
      'Linhas são apagadas ou anonimizadas; arquivos expiram ou são apagados.',
      'Rows are deleted or anonymised; files expire or are deleted.',
      'Las filas se borran o se anonimizan; los archivos expiran o se borran.',
    ],
    [
      'Mude `then` na política, ou o sistema no mapa.',
      'Change `then` in the policy, or the system in the map.',
      'Cambie `then` en la política, o el sistema en el mapa.',
    ],
  ),
  'category-without-dataset': row(
    'warning',
    [
      '“{promise}” fala de “{category}”, e nenhum conjunto de dados o contém.',
      '“{promise}” speaks of “{category}”, and no dataset holds it.',
      '“{promise}” habla de “{category}”, y ningún conjunto de datos lo contiene.',
    ],
    nowhere,
    suggestion,
  ),
  'not-covered-by-rule': row(
    'note',
    [
      '“{dataset}” guarda “{category}”, e nenhuma promessa a alcança.',
      '“{dataset}” holds “{category}”, and no promise reaches it.',
      '“{dataset}” guarda “{category}”, y ninguna promesa la alcanza.',
    ],
    [
      'O que não tem prazo fica para sempre.',
      'What has no period stays for ever.',
      'Lo que no tiene plazo se queda para siempre.',
    ],
    ['Acrescente uma promessa na política.', 'Add a promise to the policy.', 'Añada una promesa a la política.'],
  ),
  'store-differs': row(
    'error',
    ['{place}: {explanation}', '{place}: {explanation}', '{place}: {explanation}'],
    [
      'O mapa não combina com o que está no sistema.',
      'The map does not match what is in the system.',
      'El mapa no coincide con lo que hay en el sistema.',
    ],
    ['{remedy}', '{remedy}', '{remedy}'],
  ),
  'store-hinders': row(
    'warning',
    ['{place}: {explanation}', '{place}: {explanation}', '{place}: {explanation}'],
    [
      'O descarte se recusará a começar até que isso seja resolvido.',
      'Disposal will refuse to start until this is solved.',
      'La eliminación se negará a empezar hasta que esto se resuelva.',
    ],
    ['{remedy}', '{remedy}', '{remedy}'],
  ),
  'store-unreachable': row(
    'warning',
    [
      'O sistema “{system}” não pôde ser conferido: {explanation}',
      'The system “{system}” could not be checked: {explanation}',
      'El sistema “{system}” no pudo comprobarse: {explanation}',
    ],
    nowhere,
    ['{remedy}', '{remedy}', '{remedy}'],
  ),
} as const satisfies Record<string, FindingText>;
