import type { Words } from '../language/language.ts';

const en = {
  title: 'Keys',
  search: 'Search the promises',
  help: 'Show this list',
  goPolicy: 'Go to the policy',
  goData: 'Go to data',
  goDisposal: 'Go to disposal',
  goLedger: 'Go to the ledger',
  close: 'Close',
  escape: 'Close a dialog',
  on: 'Use single keys',
  onHint: 'Turn them off if you dictate or if they get in your way.',
  thenKey: 'then',
};

export const keysWords: Words<typeof en> = {
  en,
  'pt-BR': {
    title: 'Teclas',
    search: 'Buscar nas promessas',
    help: 'Mostrar esta lista',
    goPolicy: 'Ir para a política',
    goData: 'Ir para os dados',
    goDisposal: 'Ir para o descarte',
    goLedger: 'Ir para o registro',
    close: 'Fechar',
    escape: 'Fechar um diálogo',
    on: 'Usar teclas simples',
    onHint: 'Desligue se você dita ou se elas atrapalham.',
    thenKey: 'depois',
  },
  es: {
    title: 'Teclas',
    search: 'Buscar en las promesas',
    help: 'Mostrar esta lista',
    goPolicy: 'Ir a la política',
    goData: 'Ir a los datos',
    goDisposal: 'Ir a la eliminación',
    goLedger: 'Ir al registro',
    close: 'Cerrar',
    escape: 'Cerrar un diálogo',
    on: 'Usar teclas simples',
    onHint: 'Desactívelas si dicta o si le estorban.',
    thenKey: 'luego',
  },
};
