import { lazy } from 'react';
import type { Session } from '../../server/access/contract.ts';
import { ChooseOrganisationPage } from './choose-organisation-page.tsx';
import { SecondFactorPage } from './second-factor-page.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { VerificationOwedPage } from './verification-owed-page.tsx';

const EnrolmentPage = lazy(() => import('./enrolment-page.tsx').then((page) => ({ default: page.EnrolmentPage })));

/** The step that is due before any page opens. */
export function OwedPage({ session }: { session: Session | undefined }) {
  if (session === undefined) return <SignInPage />;
  switch (session.owes) {
    case 'second-factor':
      return <SecondFactorPage session={session} />;
    case 'second-factor-enrolment':
      return <EnrolmentPage session={session} />;
    case 'email-verification':
      return <VerificationOwedPage session={session} />;
    case 'organisation':
    case null:
      return <ChooseOrganisationPage session={session} />;
  }
}
