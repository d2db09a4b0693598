import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { entryKinds, entryKindTable } from '../../server/ledger/kinds-contract.ts';
import { Filters, LabelledFilter } from '../frame/filters.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { auditWords } from './audit-words.ts';
import { someMembersQuery } from './queries.ts';

const route = getRouteApi('/settings/audit');

/** What the audit trail is searched by; the address of the page keeps it. */
export function AuditSearch() {
  const words = useWords(auditWords);
  const language = useLanguage();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const members = useQuery(someMembersQuery).data?.items ?? [];
  const change = (field: 'kind' | 'person' | 'address' | 'from' | 'to', value: string) =>
    void navigate({
      search: (before) => ({ ...before, after: undefined, [field]: value === '' ? undefined : value }),
      replace: true,
    });
  const { after: _, ...filters } = search;
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Filters label={words.find} isFiltered={isFiltered}>
      <LabelledFilter label={words.kind}>
        {(id) => (
          <select
            id={id}
            className="input"
            value={search.kind ?? ''}
            onChange={(event) => change('kind', event.target.value)}
          >
            <option value="">{words.allKinds}</option>
            {entryKinds.map((kind) => (
              <option key={kind} value={kind}>
                {entryKindTable[kind].label[language]}
              </option>
            ))}
          </select>
        )}
      </LabelledFilter>
      <LabelledFilter label={words.person}>
        {(id) => (
          <select
            id={id}
            className="input"
            value={search.person ?? ''}
            onChange={(event) => change('person', event.target.value)}
          >
            <option value="">{words.everybody}</option>
            {members.map(({ person, name, email }) => (
              <option key={person} value={person}>
                {name}, {email}
              </option>
            ))}
          </select>
        )}
      </LabelledFilter>
      <LabelledFilter label={words.address}>
        {(id) => <AddressInput key={search.address} id={id} value={search.address ?? ''} onChange={change} />}
      </LabelledFilter>
      {(['from', 'to'] as const).map((field) => (
        <LabelledFilter key={field} label={words[field]}>
          {(id) => (
            <input
              id={id}
              type="date"
              className="input"
              value={search[field] ?? ''}
              onChange={(event) => change(field, event.target.value)}
            />
          )}
        </LabelledFilter>
      ))}
    </Filters>
  );
}

/** Half an address finds nothing, so it counts once the field is left or Enter is pressed. */
function AddressInput({
  id,
  value,
  onChange,
}: {
  id: string;
  value: string;
  onChange: (field: 'address', value: string) => void;
}) {
  return (
    <input
      id={id}
      className="input mono"
      autoComplete="off"
      spellCheck={false}
      defaultValue={value}
      onBlur={(event) => {
        const written = event.target.value.trim();
        if (written !== value) onChange('address', written);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
}
