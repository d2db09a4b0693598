import { lazy, Suspense } from 'react';
import { answerShowing, useSecondFactorPlace } from './second-factor.ts';

const SecondFactorDialog = lazy(() =>
  import('../access/second-factor-dialog.tsx').then((dialog) => ({ default: dialog.SecondFactorDialog })),
);

/** Where the question for a second factor comes up when an act asks for it: on the page, and in each open dialog. */
export function SecondFactorPlace() {
  const what = useSecondFactorPlace();
  if (what === undefined) return null;
  return (
    <Suspense>
      <SecondFactorDialog what={what} onAnswer={answerShowing} />
    </Suspense>
  );
}
