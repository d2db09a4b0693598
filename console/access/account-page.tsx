import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { useWords } from '../language/language.ts';
import { accountWords } from './account-words.ts';
import { DeleteAccount } from './delete-account.tsx';
import { OwnData } from './own-data.tsx';
import { OwnFactors } from './own-factors.tsx';
import { OwnPassword } from './own-password.tsx';
import { OwnProfile } from './own-profile.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { ownAccountQuery } from './queries.ts';
import './access.css';
import './account.css';

/** A person's own account. */
export function AccountPage() {
  const words = useWords(accountWords);
  useTitle(words.title);
  const query = useQuery(ownAccountQuery);
  return (
    <div className="page account">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {(account) => (
          <>
            <OwnProfile account={account} />
            <OwnPassword account={account} />
            <OwnFactors account={account} />
          </>
        )}
      </Loaded>
      <OwnSessions />
      <OwnData />
      <DeleteAccount />
    </div>
  );
}
