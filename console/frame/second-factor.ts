import { useEffect, useId, useSyncExternalStore } from 'react';

/** Places on the page where the dialog can stand, the innermost last: it has to stand inside a dialog that is open. */
const places: string[] = [];
const listeners = new Set<() => void>();
let asked: { readonly answer: Promise<boolean>; readonly settle: (shown: boolean) => void } | undefined;

/**
 * Asks the person for a second factor; acts that wait at the same time share one question.
 * @returns whether it was shown; false where the person declined, or no page is there to ask on
 */
export function askForSecondFactor(): Promise<boolean> {
  if (places.length === 0) return Promise.resolve(false);
  if (asked === undefined) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    asked = { answer: promise, settle: resolve };
    tell();
  }
  return asked.answer;
}

/** Answers the question that is open, if there is one. */
export function answerSecondFactor(shown: boolean): void {
  const { settle } = asked ?? {};
  asked = undefined;
  tell();
  settle?.(shown);
}

/** Makes the component a place for the dialog. @returns whether the dialog is to stand here now */
export function useSecondFactorPlace(): boolean {
  const id = useId();
  useEffect(() => {
    places.push(id);
    tell();
    return () => {
      places.splice(places.lastIndexOf(id), 1);
      tell();
    };
  }, [id]);
  return useSyncExternalStore(listen, () => asked !== undefined && places.at(-1) === id);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
