import { useQuery, useQueryClient } from '@tanstack/react-query';
import { deleteOwnAccount, type previewDeletion } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { sessionQuery } from '../frame/session.ts';
import { Day, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { accountWords } from './account-words.ts';
import { deletionQuery } from './queries.ts';
import { useReasonName, useRecordName } from './record-names.ts';

type Preview = (typeof previewDeletion.answer)['_output'];

/** Deletes the account, after telling what goes, what stays, why and until when. */
export function DeleteAccount() {
  const words = useWords(accountWords).deletion;
  const query = useQuery(deletionQuery);
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      <Loaded query={query} what={words.what}>
        {(preview) => (
          <>
            <Lists preview={preview} />
            {preview.blockedBy.length === 0 ? (
              <DeleteIt />
            ) : (
              <p>
                <strong>{words.blocked}.</strong> {words.blockedText(preview.blockedBy.join(', '))}
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Lists({ preview }: { preview: Preview }) {
  const words = useWords(accountWords).deletion;
  const format = useFormat();
  const nameOf = useRecordName();
  const reasonOf = useReasonName();
  return (
    <div className="of-deletion">
      <div>
        <h3>{words.goes}</h3>
        <ul>
          {preview.goes.map(({ what, records }) => (
            <li key={what}>
              {nameOf(what)} <span className="faint figures">({format.number(records)})</span>
            </li>
          ))}
        </ul>
      </div>
      <div>
        <h3>{words.stays}</h3>
        <ul>
          {preview.stays.map(({ what, why, untilAt }) => (
            <li key={`${what} ${why}`}>
              {nameOf(what)},{' '}
              {untilAt === null ? (
                words.noEnd
              ) : (
                <>
                  {words.until} <Day at={untilAt} />
                </>
              )}
              <span className="beneath">{reasonOf(why)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function DeleteIt() {
  const words = useWords(accountWords).deletion;
  const client = useQueryClient();
  const email = useQuery(sessionQuery).data?.person?.email ?? '';
  return (
    <p className="row-of-acts">
      <ActDialog
        button={words.act}
        title={words.confirmTitle}
        text={<p>{words.confirmText}</p>}
        confirm={words.confirm}
        pending={words.deleting}
        destroys
        look="careful"
        typed={{ label: words.type, value: email, mismatch: words.mismatch, isText: true }}
        onConfirm={async () => {
          await call(deleteOwnAccount, { body: { email } });
          await client.resetQueries();
        }}
      />
    </p>
  );
}
