import { Link, useRouterState } from '@tanstack/react-router';
import { useContext } from 'react';
import { LanguageContext, languages, useWords } from '../language/language.ts';
import { Mark } from './mark.tsx';
import { frameWords } from './words.ts';
import './rail.css';

/** The left rail: the nouns Kept has pages for, and who reads in which language. On a phone it lies across the top. */
export function Rail({
  organisation,
  onSignOut,
  onKeys,
}: {
  organisation: string;
  onSignOut: () => void;
  onKeys: () => void;
}) {
  const words = useWords(frameWords);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const within = (place: string) => path === place || path.startsWith(`${place}/`);
  return (
    <header className="rail">
      <p className="wordmark">
        <Mark />
        <span>
          Kept
          <span className="organisation">{organisation}</span>
        </span>
      </p>
      <nav aria-label={words.nouns}>
        <ul className="nouns">
          <li>
            <Link to="/policy" data-within={within('/policy') || undefined}>
              {words.policy}
            </Link>
            {within('/policy') ? (
              <ul>
                <li>
                  <Link to="/policy" activeOptions={{ exact: true, includeSearch: false }}>
                    {words.document}
                  </Link>
                </li>
                <li>
                  <Link to="/policy/versions">{words.versions}</Link>
                </li>
              </ul>
            ) : null}
          </li>
          <li>
            <Link to="/datamap" data-within={within('/datamap') || undefined}>
              {words.data}
            </Link>
          </li>
          <li>
            <Link to="/retention" data-within={within('/retention') || undefined}>
              {words.disposal}
            </Link>
            {within('/retention') ? (
              <ul>
                <li>
                  <Link to="/retention" activeOptions={{ exact: true, includeSearch: false }}>
                    {words.overview}
                  </Link>
                </li>
                <li>
                  <Link to="/retention/holds">{words.holds}</Link>
                </li>
                <li>
                  <Link to="/retention/contract-ends">{words.contractEnds}</Link>
                </li>
              </ul>
            ) : null}
          </li>
          <li>
            <Link to="/ledger" data-within={within('/ledger') || undefined}>
              {words.ledger}
            </Link>
            {within('/ledger') ? (
              <ul>
                <li>
                  <Link to="/ledger" activeOptions={{ exact: true, includeSearch: false }}>
                    {words.entries}
                  </Link>
                </li>
                <li>
                  <Link to="/ledger/checkpoint">{words.checkpoint}</Link>
                </li>
              </ul>
            ) : null}
          </li>
        </ul>
      </nav>
      <div className="reader">
        <LanguageSwitch />
        <button type="button" className="button plain" onClick={onKeys}>
          {words.keys} <kbd>?</kbd>
        </button>
        <button type="button" className="button plain" onClick={onSignOut}>
          {words.signOut}
        </button>
      </div>
    </header>
  );
}

const names = { 'pt-BR': 'Português', en: 'English', es: 'Español' } as const;
const shortNames = { 'pt-BR': 'PT', en: 'EN', es: 'ES' } as const;

/** Portuguese, English or Spanish, each named in itself. */
export function LanguageSwitch() {
  const { language, choose } = useContext(LanguageContext);
  const words = useWords(frameWords);
  return (
    <fieldset className="languages">
      <legend className="hidden">{words.language}</legend>
      {languages.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          aria-pressed={each === language}
          title={names[each]}
          onClick={() => choose(each)}
        >
          {shortNames[each]}
          <span className="hidden"> {names[each]}</span>
        </button>
      ))}
    </fieldset>
  );
}
