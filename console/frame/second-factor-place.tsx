import { lazy, Suspense } from 'react';
import { answerSecondFactor, useSecondFactorPlace } from './second-factor.ts';

const SecondFactorDialog = lazy(() =>
  import('../access/second-factor-dialog.tsx').then((dialog) => ({ default: dialog.SecondFactorDialog })),
);

/** Where the question for a second factor comes up when an act asks for it: on the page, and in each open dialog. */
export function SecondFactorPlace() {
  const isAsked = useSecondFactorPlace();
  if (!isAsked) return null;
  return (
    <Suspense>
      <SecondFactorDialog onAnswer={answerSecondFactor} />
    </Suspense>
  );
}
