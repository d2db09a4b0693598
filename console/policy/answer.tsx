import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Board, measurePromises, type Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { searchFieldId } from '../frame/keys.ts';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { boardQuery } from './queries.ts';
import { StatusShape } from './status.tsx';
import { policyWords } from './words.ts';

const route = getRouteApi('/policy');
const order = ['kept', 'due', 'broken', 'unproven'] as const satisfies readonly Status[];

/** Is what we say true today? One sentence, the counts that filter, the search, and the way to measure anew. */
export function Answer({ board, shown }: { board: Board; shown: number }) {
  const words = useWords(policyWords);
  const format = useFormat();
  const { status, q } = route.useSearch();
  const navigate = route.useNavigate();
  const total = board.promises.length;
  const last = board.promises
    .flatMap(({ measurement }) => measurement?.measuredAt ?? [])
    .sort()
    .at(-1);
  return (
    <section className="answer" aria-label={words.question}>
      <p className="answer-sentence">{words.answer(board.counts, total)}</p>
      <ul className="counts" aria-label={words.filter}>
        {order.map((each) => (
          <li key={each}>
            <Link
              to="/policy"
              search={(before) => ({ ...before, status: before.status === each ? undefined : each })}
              className={`count ${board.counts[each] === 0 ? 'nothing' : each}`}
              aria-current={status === each ? 'true' : undefined}
              title={words.statusMeans[each]}
              resetScroll={false}
            >
              <StatusShape status={each} />
              {format.number(board.counts[each])} {words.count[each]}
            </Link>
          </li>
        ))}
      </ul>
      <div className="answer-tools">
        <input
          id={searchFieldId}
          type="search"
          className="input"
          aria-label={words.search}
          placeholder={words.search}
          defaultValue={q ?? ''}
          onChange={(event) => {
            const typed = event.target.value;
            void navigate({
              search: (before) => ({ ...before, q: typed === '' ? undefined : typed }),
              replace: true,
              resetScroll: false,
            });
          }}
        />
        <p className="answer-shown" role="status">
          {shown === total ? null : (
            <>
              {words.showing(shown, total)}{' '}
              <Link to="/policy" search={{}} resetScroll={false}>
                {words.showAll}
              </Link>
            </>
          )}
        </p>
        <MeasureNow />
        <button type="button" className="button" onClick={() => window.print()}>
          {words.print}
        </button>
      </div>
      <p className="answer-asat">{last === undefined ? words.neverMeasured : words.asAt(format.exact(last))}</p>
    </section>
  );
}

/** Measures all promises, or one, in the real stores, and puts the new board in place. */
export function MeasureNow({ promise }: { promise?: string }) {
  const words = useWords(policyWords);
  const client = useQueryClient();
  const may = useMay('policy:write');
  const measuring = useMutation({
    mutationFn: () => call(measurePromises, { body: promise === undefined ? {} : { promises: [promise] } }),
    onSuccess: (board) => {
      client.setQueryData(boardQuery.queryKey, board);
      return client.invalidateQueries({ queryKey: ['policy', 'promise'] });
    },
  });
  if (!may) return null;
  return (
    <>
      <button type="button" className="button" disabled={measuring.isPending} onClick={() => measuring.mutate()}>
        {measuring.isPending ? words.measuring : words.measure}
      </button>
      <span className="hidden" role="status">
        {measuring.isPending ? words.measuring : measuring.isSuccess ? words.measured : ''}
      </span>
      {measuring.error === null ? null : <Problem error={measuring.error} />}
    </>
  );
}
