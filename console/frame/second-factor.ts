import { useEffect, useId, useSyncExternalStore } from 'react';

/** Places on the page where the dialog can stand, the innermost last: it has to stand inside a dialog that is open. */
const places: string[] = [];
const listeners = new Set<() => void>();

/** What an act asks for afresh: who has no second factor shows the password for acts about themselves. */
export type Showing = 'second-factor' | 'password';

let asked:
  | { readonly what: Showing; readonly answer: Promise<boolean>; readonly settle: (shown: boolean) => void }
  | undefined;

/**
 * Asks the person for it; acts that wait at the same time share one question.
 * @returns whether it was shown; false where the person declined, or no page is there to ask on
 */
export function askToShow(what: Showing): Promise<boolean> {
  if (places.length === 0) return Promise.resolve(false);
  if (asked === undefined) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    asked = { what, answer: promise, settle: resolve };
    tell();
  }
  return asked.answer;
}

/** Answers the question that is open, if there is one. */
export function answerShowing(shown: boolean): void {
  const { settle } = asked ?? {};
  asked = undefined;
  tell();
  settle?.(shown);
}

/** Makes the component a place for the dialog. @returns what the dialog is to ask for here now, if anything */
export function useSecondFactorPlace(): Showing | undefined {
  const id = useId();
  useEffect(() => {
    places.push(id);
    tell();
    return () => {
      places.splice(places.lastIndexOf(id), 1);
      tell();
    };
  }, [id]);
  return useSyncExternalStore(listen, () => (places.at(-1) === id ? asked?.what : undefined));
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
