import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Source } from '../look/source.tsx';
import { documentQuery, versionQuery, versionsQuery } from './queries.ts';
import { versionsWords } from './versions-words.ts';

const listRoute = getRouteApi('/policy/versions');
const oneRoute = getRouteApi('/policy/versions/$hash');

/** Every version that was published, newest first. */
export function VersionsPage() {
  const words = useWords(versionsWords);
  const format = useFormat();
  useTitle(words.title);
  const { after } = listRoute.useSearch();
  const versions = useQuery(versionsQuery(after));
  const inForce = useQuery(documentQuery).data?.version?.hash;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={versions} what={words.what}>
        {({ items, next }) =>
          items.length === 0 ? (
            <div className="empty">
              <h2>{words.empty}</h2>
              <p>{words.emptyText}</p>
            </div>
          ) : (
            <>
              <SetTable
                label={words.title}
                rows={items}
                keyOf={(version) => version.hash}
                columns={[
                  {
                    head: words.number,
                    isHead: true,
                    cell: (version) => (
                      <>
                        <Link to="/policy/versions/$hash" params={{ hash: version.hash }}>
                          {words.showSource(format.number(version.number))}
                        </Link>
                        {version.hash === inForce ? <span className="faint"> {words.inForce}</span> : null}
                      </>
                    ),
                  },
                  { head: words.published, cell: (version) => <Instant at={version.publishedAt} /> },
                  { head: words.hash, cell: (version) => <Hash hash={version.hash} /> },
                  { head: words.parent, cell: (version) => <Hash hash={version.parent} /> },
                  {
                    head: words.receipt,
                    cell: (version) =>
                      version.entry === null ? (
                        '—'
                      ) : (
                        <Link to="/ledger/entries/$entry" params={{ entry: version.entry }}>
                          {words.receipt}
                          <span className="hidden"> {format.number(version.number)}</span>
                        </Link>
                      ),
                  },
                ]}
              />
              <Pager after={after} next={next} />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

/** One version with the file as it was published. */
export function VersionPage() {
  const words = useWords(versionsWords);
  const format = useFormat();
  const { hash } = oneRoute.useParams();
  const query = useQuery(versionQuery(hash));
  useTitle(query.data === undefined ? words.title : words.showSource(format.number(query.data.version.number)));
  return (
    <div className="page">
      <Link to="/policy/versions" className="way-back">
        ← {words.backToList}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {({ version, source }) => (
          <>
            <header className="page-head">
              <h1>{words.showSource(format.number(version.number))}</h1>
              <p className="lede">
                {words.published} <Instant at={version.publishedAt} />
              </p>
            </header>
            <dl className="facts">
              <dt>{words.hash}</dt>
              <dd className="mono">{version.hash}</dd>
              <dt>{words.parent}</dt>
              <dd className="mono">{version.parent ?? '—'}</dd>
            </dl>
            <section className="part">
              <h2>{words.source}</h2>
              <Source text={source} label={words.source} />
            </section>
          </>
        )}
      </Loaded>
    </div>
  );
}

function Hash({ hash }: { hash: string | null }) {
  if (hash === null) return '—';
  return (
    <span className="mono" title={hash}>
      {hash.slice(0, 12)}
    </span>
  );
}
