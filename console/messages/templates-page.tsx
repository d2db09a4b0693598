import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { listTemplates } from '../../server/messages/contract.ts';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { languageNames, languages, useLanguage, useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { oneOf } from '../search.ts';
import { MailPage } from './mail-page.tsx';
import { previewQuery, templatesQuery } from './queries.ts';
import { messagesWords } from './words.ts';
import './messages.css';

type Template = (typeof listTemplates.answer)['_output']['items'][number];

const route = getRouteApi('/messages/templates');

/** Every kind of message, as its reader would see it. */
export function TemplatesPage() {
  const words = useWords(messagesWords).templates;
  useTitle(words.title);
  const search = route.useSearch();
  const query = useQuery(templatesQuery);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {({ items }) => {
          const shown = items.find(({ name }) => name === search.template) ?? items[0];
          return (
            <div className="two-sides">
              <nav aria-label={words.list}>
                <ul>
                  {items.map(({ name }) => (
                    <li key={name}>
                      <Link
                        to="/messages/templates"
                        search={{ ...search, template: name }}
                        aria-current={name === shown?.name ? 'page' : undefined}
                        resetScroll={false}
                      >
                        {name}
                      </Link>
                    </li>
                  ))}
                </ul>
              </nav>
              {shown === undefined ? null : <Preview template={shown} />}
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}

function Preview({ template }: { template: Template }) {
  const all = useWords(messagesWords);
  const words = all.templates;
  const own = useLanguage();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const language = oneOf(search.language, languages) ?? own;
  const query = useQuery(previewQuery(template.name, language));
  return (
    <section aria-label={template.name}>
      <p>
        <strong>{all.categories[template.category]}.</strong> {all.categoryTexts[template.category]}{' '}
        {template.sendable ? words.sendable : words.notSendable} {template.holdsSecret ? words.secret : null}
      </p>
      <fieldset>
        <legend className="hidden">{words.language}</legend>
        <div className="choices">
          {languages.map((each) => (
            <label key={each} lang={each}>
              <input
                type="radio"
                name="language"
                checked={each === language}
                onChange={() =>
                  void navigate({
                    search: (before) => ({ ...before, language: each }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              />
              {languageNames[each]}
            </label>
          ))}
        </div>
      </fieldset>
      <Loaded query={query} what={words.previewWhat}>
        {(preview) => (
          <>
            <dl className="facts mail-head">
              <dt>{all.one.from}</dt>
              <dd>{preview.from}</dd>
              {preview.replyTo === null ? null : (
                <>
                  <dt>{all.one.replyTo}</dt>
                  <dd>{preview.replyTo}</dd>
                </>
              )}
              <dt>{words.subject}</dt>
              <dd>{preview.subject}</dd>
            </dl>
            <MailPage html={preview.html} label={all.one.asPage} />
            <details className="figures-of">
              <summary>{all.one.asText}</summary>
              <Source text={preview.text} label={all.one.asText} wraps />
            </details>
          </>
        )}
      </Loaded>
    </section>
  );
}
