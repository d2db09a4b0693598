import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { cancelExport, type Export, makeDownloadLink } from '../../server/exports/contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { ActorName } from '../frame/actor.tsx';
import { FilterBy, Filters } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Marked } from '../policy/status.tsx';
import { MakeExport } from './make-export.tsx';
import { type ExportFilter, exportKindsQuery, exportsQuery, isMoving } from './queries.ts';
import { exportsWords } from './words.ts';

const route = getRouteApi('/exports');
const states = ['queued', 'making', 'ready', 'expired', 'cancelled', 'failed'] as const;
const shapes: Readonly<Record<Export['state'], Status>> = {
  queued: 'unproven',
  making: 'due',
  ready: 'kept',
  expired: 'unproven',
  cancelled: 'unproven',
  failed: 'broken',
};

/** Files that were made of what Kept holds, and the form that makes one. */
export function ExportsPage() {
  const words = useWords(exportsWords);
  useTitle(words.title);
  const { after, kind, state } = route.useSearch();
  const filter: ExportFilter = { ...(kind === undefined ? {} : { kind }), ...(state === undefined ? {} : { state }) };
  const isFiltered = Object.keys(filter).length > 0;
  const query = useQuery(exportsQuery(filter, after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Search isFiltered={isFiltered} />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty isFiltered={isFiltered} /> : <ExportsTable exports={items} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {useMay('exports:write') ? <MakeExport /> : null}
    </div>
  );
}

function Search({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(exportsWords);
  const language = useLanguage();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const kinds = useQuery(exportKindsQuery).data?.items ?? [];
  const change = (field: 'kind' | 'state') => (value: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, after: undefined, [field]: value }), replace: true });
  return (
    <Filters label={words.find} isFiltered={isFiltered}>
      <FilterBy
        label={words.kind}
        all={words.all}
        value={search.kind}
        options={kinds.map(({ kind, title }) => ({ value: kind, word: title[language] }))}
        onChange={change('kind')}
      />
      <FilterBy
        label={words.state}
        all={words.all}
        value={search.state}
        options={states.map((state) => ({ value: state, word: words.states[state] }))}
        onChange={change('state')}
      />
    </Filters>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(exportsWords);
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
    </div>
  );
}

function ExportsTable({ exports }: { exports: readonly Export[] }) {
  const words = useWords(exportsWords);
  const language = useLanguage();
  return (
    <SetTable
      label={words.title}
      rows={exports}
      keyOf={({ id }) => id}
      columns={[
        {
          head: words.export,
          isHead: true,
          cell: ({ title, fileName }) => (
            <>
              {title[language]}
              <span className="beneath mono">{fileName}</span>
            </>
          ),
        },
        {
          head: words.asked,
          cell: ({ askedAt, askedBy }) => (
            <>
              <Instant at={askedAt} />
              <span className="beneath">
                <ActorName actor={askedBy} />
              </span>
            </>
          ),
        },
        { head: words.state, cell: (one) => <State of={one} /> },
        { head: words.file, cell: (one) => <File of={one} /> },
        { head: words.acts, cell: (one) => <Acts of={one} /> },
      ]}
    />
  );
}

function State({ of: one }: { of: Export }) {
  const words = useWords(exportsWords);
  const format = useFormat();
  return (
    <>
      <Marked as={shapes[one.state]}>{words.states[one.state]}</Marked>
      {isMoving(one) ? (
        <span className="beneath" role="status">
          {words.progress(format.number(one.rows), one.rowsExpected === null ? null : format.number(one.rowsExpected))}
        </span>
      ) : null}
      {isMoving(one) && one.rowsExpected !== null ? (
        <progress aria-label={words.states.making} max={Math.max(one.rowsExpected, one.rows, 1)} value={one.rows} />
      ) : null}
      {one.reason === null ? null : <span className="beneath">{words.reasons[one.reason]}</span>}
    </>
  );
}

function File({ of: one }: { of: Export }) {
  const words = useWords(exportsWords);
  const format = useFormat();
  if (one.bytes === null || one.sha256 === null) return null;
  return (
    <>
      {words.rows(format.number(one.rows), one.rows)}, {format.bytes(one.bytes)}
      <span className="beneath">
        {one.state === 'ready' && one.expiresAt !== null ? (
          <>
            {words.until} <Instant at={one.expiresAt} />
          </>
        ) : null}
        {one.downloads > 0 ? ` ${words.downloads(format.number(one.downloads), one.downloads)}` : null}
      </span>
      <details>
        <summary>{words.sha}</summary>
        <code>{one.sha256}</code>
      </details>
    </>
  );
}

function Acts({ of: one }: { of: Export }) {
  const may = useMay('exports:write');
  if (!may) return null;
  if (one.state === 'ready') return <Download of={one} />;
  return isMoving(one) ? <Cancel of={one} /> : null;
}

function Download({ of: { id, fileName } }: { of: Export }) {
  const words = useWords(exportsWords);
  const client = useQueryClient();
  const downloading = useMutation({
    mutationFn: () => call(makeDownloadLink, { params: { export: id } }),
    onSuccess: async ({ path }) => {
      const link = document.createElement('a');
      link.href = path;
      link.download = fileName;
      link.click();
      await client.invalidateQueries({ queryKey: ['exports'] });
    },
  });
  return (
    <>
      <button type="button" className="button" disabled={downloading.isPending} onClick={() => downloading.mutate()}>
        {downloading.isPending ? words.downloading : words.download}
      </button>
      <span role="status" className="beneath">
        {downloading.isSuccess ? words.downloadStarted : ''}
      </span>
      {downloading.error === null ? null : <Problem error={downloading.error} />}
    </>
  );
}

function Cancel({ of: { id } }: { of: Export }) {
  const words = useWords(exportsWords);
  const client = useQueryClient();
  return (
    <ActDialog
      button={words.cancel}
      title={words.cancelTitle}
      text={<p>{words.cancelText}</p>}
      confirm={words.cancelConfirm}
      pending={words.cancelling}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(cancelExport, { params: { export: id } });
        await client.invalidateQueries({ queryKey: ['exports'] });
      }}
    />
  );
}
