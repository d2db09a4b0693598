import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listOwnNotices, markOwnNoticeSeen, type ShownNotice } from '../../server/messages/shown-notices-contract.ts';
import { call } from '../api.ts';
import { useMay } from '../frame/session.ts';
import { useFormat } from '../language/format.tsx';
import { type Language, useLanguage, useWords } from '../language/language.ts';
import { ownNoticesWords } from './own-notices-words.ts';
import './own-notices.css';

const ownNoticesQuery = (language: Language) =>
  queryOptions({
    queryKey: ['messages', 'own-notices', language],
    queryFn: ({ signal }) => call(listOwnNotices, { query: { language }, signal }),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });

/** What whoever is signed in has a right to hear of, above the page until they say that they have read it. */
export function OwnNotices() {
  const words = useWords(ownNoticesWords);
  const language = useLanguage();
  const may = useMay('messages:own');
  const query = useQuery({ ...ownNoticesQuery(language), enabled: may });
  const notices = query.data?.items ?? [];
  if (notices.length === 0) return null;
  return (
    <section className="own-notices" aria-label={words.label}>
      {notices.map((notice) => (
        <OneNotice key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function OneNotice({ notice }: { notice: ShownNotice }) {
  const words = useWords(ownNoticesWords);
  const format = useFormat();
  const client = useQueryClient();
  const marking = useMutation({
    mutationFn: () => call(markOwnNoticeSeen, { params: { notice: notice.id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['messages', 'own-notices'] }),
  });
  return (
    <details lang={notice.language}>
      <summary>
        {notice.kind === 'cancellation' ? `${words.cancelled}: ` : null}
        <strong>{notice.title}</strong>
        {notice.effectiveOn === null ? null : `, ${words.takesEffect} ${format.day(`${notice.effectiveOn}T12:00:00Z`)}`}
      </summary>
      <div className="mail-text">{notice.body}</div>
      <p className="row-of-acts">
        {notice.link === null ? null : (
          <a href={notice.link.url} rel="noreferrer">
            {notice.link.label}
          </a>
        )}
        <button type="button" className="button" disabled={marking.isPending} onClick={() => marking.mutate()}>
          {words.seen}
        </button>
      </p>
    </details>
  );
}
