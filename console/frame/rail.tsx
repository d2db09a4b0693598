import { Link, useRouterState } from '@tanstack/react-router';
import { useContext } from 'react';
import type { Session } from '../../server/access/contract.ts';
import { LanguageContext, languageNames, languages, useWords } from '../language/language.ts';
import { Mark } from './mark.tsx';
import { OrganisationSwitch } from './organisation-switch.tsx';
import { frameWords } from './words.ts';
import './rail.css';

/** The left rail: the nouns Kept has pages for, and who reads in which language. On a phone it lies across the top. */
export function Rail({ session, onSignOut, onKeys }: { session: Session; onSignOut: () => void; onKeys: () => void }) {
  const words = useWords(frameWords);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const within = (place: string) => path === place || path.startsWith(`${place}/`);
  return (
    <header className="rail">
      <div className="wordmark">
        <Mark />
        <div>
          Kept
          <OrganisationSwitch session={session} />
        </div>
      </div>
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
          <li>
            <Link to="/messages" data-within={within('/messages') || undefined}>
              {words.messages}
            </Link>
            {within('/messages') ? <Messages permissions={session.permissions} /> : null}
          </li>
          <li>
            <Link to="/webhooks" data-within={within('/webhooks') || undefined}>
              {words.webhooks}
            </Link>
            {within('/webhooks') ? (
              <ul>
                <li>
                  <Link to="/webhooks" activeOptions={{ exact: true, includeSearch: false }}>
                    {words.subscriptions}
                  </Link>
                </li>
                <li>
                  <Link to="/webhooks/deliveries">{words.deliveries}</Link>
                </li>
                <li>
                  <Link to="/webhooks/endpoints">{words.endpoints}</Link>
                </li>
                <li>
                  <Link to="/webhooks/received">{words.received}</Link>
                </li>
              </ul>
            ) : null}
          </li>
          <li>
            <Link to="/exports">{words.exports}</Link>
          </li>
          <li>
            <Link to="/settings/members" data-within={within('/settings') || undefined}>
              {words.settings}
            </Link>
            {within('/settings') ? <Settings permissions={session.permissions} /> : null}
          </li>
        </ul>
      </nav>
      <div className="reader">
        {session.person === null ? null : (
          <Link to="/account" className="button plain reader-name" title={words.account}>
            <span className="hidden">{words.account}: </span>
            {session.person.name}
          </Link>
        )}
        <LanguageSwitch />
        <button type="button" className="button plain keys-button" onClick={onKeys}>
          {words.keys} <kbd>?</kbd>
        </button>
        <button type="button" className="button plain" onClick={onSignOut}>
          {words.signOut}
        </button>
      </div>
    </header>
  );
}

function Messages({ permissions }: { permissions: readonly string[] }) {
  const words = useWords(frameWords);
  return (
    <ul>
      <li>
        <Link to="/messages" activeOptions={{ exact: true, includeSearch: false }}>
          {words.mailSent}
        </Link>
      </li>
      {permissions.includes('mail:read') ? (
        <li>
          <Link to="/messages/threads">{words.conversations}</Link>
        </li>
      ) : null}
      <li>
        <Link to="/messages/notices">{words.notices}</Link>
      </li>
      <li>
        <Link to="/messages/templates">{words.templates}</Link>
      </li>
      <li>
        <Link to="/messages/opt-outs">{words.optOuts}</Link>
      </li>
      <li>
        <Link to="/messages/settings">{words.mailSettings}</Link>
      </li>
    </ul>
  );
}

function Settings({ permissions }: { permissions: readonly string[] }) {
  const words = useWords(frameWords);
  return (
    <ul>
      <li>
        <Link to="/settings/members">{words.members}</Link>
      </li>
      <li>
        <Link to="/settings/roles">{words.roles}</Link>
      </li>
      <li>
        <Link to="/settings/rules">{words.rules}</Link>
      </li>
      <li>
        <Link to="/settings/providers">{words.providers}</Link>
      </li>
      <li>
        <Link to="/settings/keys">{words.accessKeys}</Link>
      </li>
      {permissions.includes('access:audit') ? (
        <li>
          <Link to="/settings/audit">{words.audit}</Link>
        </li>
      ) : null}
    </ul>
  );
}

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
          title={languageNames[each]}
          onClick={() => choose(each)}
        >
          {shortNames[each]}
          <span className="hidden"> {languageNames[each]}</span>
        </button>
      ))}
    </fieldset>
  );
}
