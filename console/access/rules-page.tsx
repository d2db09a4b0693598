import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../frame/loaded.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { useWords } from '../language/language.ts';
import { settingsQuery } from './queries.ts';
import { RulesForm } from './rules-form.tsx';
import { rulesWords } from './rules-words.ts';
import './access.css';

/** What the organisation demands of those who sign in. */
export function RulesPage() {
  const words = useWords(rulesWords);
  useTitle(words.title);
  const query = useQuery(settingsQuery);
  const may = useMay('access:write');
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {({ callerAddress, ...settings }) => (
          <RulesForm settings={settings} callerAddress={callerAddress} mayChange={may} />
        )}
      </Loaded>
    </div>
  );
}
