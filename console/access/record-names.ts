import type { Words } from '../language/language.ts';
import { useWords } from '../language/language.ts';

const en = {
  records: {
    person: 'Your account: name, address, language',
    memberships: 'Memberships and roles',
    sessions: 'Browsers you are signed in with',
    factors: 'Second factors',
  } as Readonly<Record<string, string>>,
  reasons: {} as Readonly<Record<string, string>>,
};

const words: Words<typeof en> = { en, 'pt-BR': en, es: en };

/** Names a kind of record that Kept holds about a person. */
export function useRecordName(): (kind: string) => string {
  const { records } = useWords(words);
  return (kind) => records[kind] ?? kind;
}

/** Says why a record stays when the account goes. */
export function useReasonName(): (reason: string) => string {
  const { reasons } = useWords(words);
  return (reason) => reasons[reason] ?? reason;
}
