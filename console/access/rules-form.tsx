import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeSettings, type Settings } from '../../server/access/members-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Problem } from '../frame/problem.tsx';
import { languageNames, languages, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { linesOf } from './lines.ts';
import { someMembersQuery } from './queries.ts';
import { consequencesOf, sameSettings } from './rule-consequences.ts';
import { rulesWords } from './rules-words.ts';

interface Draft extends Omit<Settings, 'consoleAllowlist' | 'keyAllowlist'> {
  /** One network a line. */
  readonly console: string;
  readonly keys: string;
}

/** The sign-in rules; those that shut somebody out are saved after a question that says so. */
export function RulesForm({
  settings,
  callerAddress,
  mayChange,
}: {
  settings: Settings;
  callerAddress: string;
  mayChange: boolean;
}) {
  const words = useWords(rulesWords);
  const client = useQueryClient();
  // Until somebody types, what was saved elsewhere is what stands here.
  const [edited, setEdited] = useState<Draft>();
  const [isSaved, setIsSaved] = useState(false);
  const draft = edited ?? draftOf(settings);
  const change = (changed: Partial<Draft>) => {
    setIsSaved(false);
    setEdited((before) => ({ ...(before ?? draftOf(settings)), ...changed }));
  };
  const wanted = settingsOf(draft);
  const consequences = consequencesOf(settings, wanted);
  const save = async () => {
    await call(changeSettings, { body: wanted });
    setIsSaved(true);
    await client.invalidateQueries({ queryKey: ['access'] });
    // What was typed meanwhile is not lost.
    setEdited((now) => (now === edited ? undefined : now));
  };
  const saving = useMutation({ mutationFn: save });
  const part = { draft, change };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (consequences.length === 0 && !saving.isPending) saving.mutate();
      }}
    >
      <fieldset disabled={!mayChange} className="rules">
        <legend className="hidden">{words.title}</legend>
        <Organisation {...part} />
        <SecondFactor {...part} />
        <SingleSignOn {...part} />
        <Networks {...part} callerAddress={callerAddress} />
        <Sessions {...part} />
      </fieldset>
      {saving.error === null ? null : <Problem error={saving.error} />}
      {mayChange ? (
        <p className="row-of-acts">
          {consequences.length === 0 ? (
            <button
              type="submit"
              className="button first"
              disabled={saving.isPending || sameSettings(settings, wanted)}
            >
              {saving.isPending ? words.saving : words.save}
            </button>
          ) : (
            <ActDialog
              button={words.save}
              title={words.confirmTitle}
              text={consequences.map((consequence) => <p key={consequence}>{words.consequences[consequence]}</p>)}
              confirm={words.confirm}
              pending={words.saving}
              destroys
              look="careful"
              onConfirm={save}
            />
          )}
          <span role="status" className="faint">
            {isSaved ? words.saved : sameSettings(settings, wanted) ? words.unchanged : ''}
          </span>
        </p>
      ) : (
        <p className="faint">{words.mayNot}</p>
      )}
    </form>
  );
}

function draftOf({ consoleAllowlist, keyAllowlist, ...rest }: Settings): Draft {
  return { ...rest, console: consoleAllowlist.join('\n'), keys: keyAllowlist.join('\n') };
}

function settingsOf({ console, keys, ...rest }: Draft): Settings {
  return { ...rest, name: rest.name.trim(), consoleAllowlist: linesOf(console), keyAllowlist: linesOf(keys) };
}

interface Part {
  readonly draft: Draft;
  readonly change: (changed: Partial<Draft>) => void;
}

function Organisation({ draft, change }: Part) {
  const words = useWords(rulesWords);
  return (
    <section className="rule">
      <h2>{words.organisation}</h2>
      <Field label={words.name}>
        {(id) => (
          <input
            id={id}
            className="input"
            required
            maxLength={200}
            autoComplete="organization"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.language}>
        {(id) => (
          <select
            id={id}
            className="input short"
            value={draft.language}
            onChange={(event) =>
              change({ language: languages.find((each) => each === event.target.value) ?? draft.language })
            }
          >
            {languages.map((each) => (
              <option key={each} value={each} lang={each}>
                {languageNames[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </section>
  );
}

function SecondFactor({ draft, change }: Part) {
  const words = useWords(rulesWords);
  return (
    <section className="rule">
      <h2>{words.factors}</h2>
      <label className="choice">
        <input
          type="checkbox"
          checked={draft.demandsSecondFactor}
          onChange={(event) => change({ demandsSecondFactor: event.target.checked })}
        />
        {words.demandsSecondFactor}
        <span className="hint">{words.demandsSecondFactorHint}</span>
      </label>
    </section>
  );
}

function SingleSignOn({ draft, change }: Part) {
  const words = useWords(rulesWords);
  const owners = useQuery(someMembersQuery).data?.items.filter(({ role }) => role === 'owner') ?? [];
  return (
    <section className="rule">
      <h2>{words.singleSignOn}</h2>
      <label className="choice">
        <input
          type="checkbox"
          checked={draft.demandsSingleSignOn}
          onChange={(event) => change({ demandsSingleSignOn: event.target.checked })}
        />
        {words.demandsSingleSignOn}
        <span className="hint">{words.demandsSingleSignOnHint}</span>
      </label>
      <Field label={words.breakGlass} hint={words.breakGlassHint}>
        {(id, hintId) => (
          <select
            id={id}
            aria-describedby={hintId}
            className="input"
            value={draft.breakGlass ?? ''}
            onChange={(event) =>
              change({ breakGlass: owners.find(({ person }) => person === event.target.value)?.person ?? null })
            }
          >
            <option value="">{words.nobody}</option>
            {owners.map(({ person, name, email }) => (
              <option key={person} value={person}>
                {name}, {email}
              </option>
            ))}
          </select>
        )}
      </Field>
    </section>
  );
}

function Networks({ draft, change, callerAddress }: Part & { callerAddress: string }) {
  const words = useWords(rulesWords);
  const lists = [
    { field: 'console', label: words.consoleAllowlist },
    { field: 'keys', label: words.keyAllowlist },
  ] as const;
  return (
    <section className="rule">
      <h2>{words.networks}</h2>
      {lists.map(({ field, label }) => (
        <Field key={field} label={label} hint={words.networksHint}>
          {(id, hintId) => (
            <textarea
              id={id}
              aria-describedby={hintId}
              className="input mono"
              spellCheck={false}
              value={draft[field]}
              onChange={(event) => change({ [field]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <p className="row-of-acts">
        <span>
          {words.yours} <code>{callerAddress}</code>
        </span>
        <button
          type="button"
          className="button"
          disabled={linesOf(draft.console).includes(callerAddress)}
          onClick={() => change({ console: [...linesOf(draft.console), callerAddress].join('\n') })}
        >
          {words.add}
        </button>
      </p>
    </section>
  );
}

function Sessions({ draft, change }: Part) {
  const words = useWords(rulesWords);
  const limits = [
    { field: 'idleMinutes', label: words.idleMinutes, hint: words.idleHint, min: 5, max: 10_080 },
    { field: 'sessionHours', label: words.sessionHours, hint: words.sessionHint, min: 1, max: 720 },
  ] as const;
  return (
    <section className="rule">
      <h2>{words.sessions}</h2>
      {limits.map(({ field, label, hint, min, max }) => (
        <Field key={field} label={label} hint={hint}>
          {(id, hintId) => (
            <input
              id={id}
              aria-describedby={hintId}
              type="number"
              className="input short few figures"
              required
              min={min}
              max={max}
              value={Number.isNaN(draft[field]) ? '' : draft[field]}
              onChange={(event) => change({ [field]: event.target.valueAsNumber })}
            />
          )}
        </Field>
      ))}
    </section>
  );
}
