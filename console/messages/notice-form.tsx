import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Problem } from '../frame/problem.tsx';
import { type Language, languageNames, languages, useLanguage, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import type { NoticeFields } from './notice-draft.ts';
import { audiencesQuery } from './notice-queries.ts';
import { NoticeTextFields } from './notice-text-fields.tsx';
import { noticeWords } from './notice-words.ts';

const categories = ['legal', 'announcement'] as const;
const reasons = [
  'policy-change',
  'terms-change',
  'recipient-change',
  'purpose-change',
  'price-change',
  'service-change',
  'incident',
  'other',
] as const;

interface Part {
  readonly fields: NoticeFields;
  readonly change: (changed: Partial<NoticeFields>) => void;
}

/** Everything about a notice that can be changed while it is a draft. */
export function NoticeForm({
  fields,
  saving,
  onChange,
  onSave,
  children,
}: {
  fields: NoticeFields;
  saving: { readonly isPending: boolean; readonly error: Error | null };
  onChange: (fields: NoticeFields) => void;
  onSave: () => void;
  /** Beside the button. */
  children?: ReactNode;
}) {
  const words = useWords(noticeWords).form;
  const change = (changed: Partial<NoticeFields>) => onChange({ ...fields, ...changed });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) onSave();
      }}
    >
      <What fields={fields} change={change} />
      <Audience fields={fields} change={change} />
      <When fields={fields} change={change} />
      <NoticeTextFields texts={fields.texts} main={fields.mainLanguage} onChange={(texts) => change({ texts })} />
      {saving.error === null ? null : <Problem error={saving.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={saving.isPending || fields.channels.length === 0}>
          {saving.isPending ? words.saving : words.save}
        </button>
        {children}
      </p>
    </form>
  );
}

function What({ fields, change }: Part) {
  const words = useWords(noticeWords);
  return (
    <>
      <Field label={words.reason}>
        {(id) => (
          <select
            id={id}
            className="input short"
            value={fields.reason}
            onChange={(event) => {
              const reason = reasons.find((each) => each === event.target.value);
              if (reason !== undefined) change({ reason });
            }}
          >
            {reasons.map((reason) => (
              <option key={reason} value={reason}>
                {words.reasons[reason]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <fieldset>
        <legend>{words.category}</legend>
        {categories.map((category) => (
          <label key={category} className="choice">
            <input
              type="radio"
              name="category"
              checked={fields.category === category}
              onChange={() => change({ category })}
            />
            {words.categories[category]}
            <span className="hint">{words.categoryTexts[category]}</span>
          </label>
        ))}
      </fieldset>
      {fields.category === 'legal' ? (
        <Field label={words.form.legalBasis} hint={words.form.legalBasisHint}>
          {(id, hintId) => (
            <textarea
              id={id}
              aria-describedby={hintId}
              className="input"
              rows={2}
              value={fields.legalBasis}
              onChange={(event) => change({ legalBasis: event.target.value })}
            />
          )}
        </Field>
      ) : null}
    </>
  );
}

function Audience({ fields, change }: Part) {
  const words = useWords(noticeWords);
  const language = useLanguage();
  const audiences = useQuery(audiencesQuery).data?.items ?? [];
  const chosen = audiences.find(({ name }) => name === fields.audience);
  const toggle = <Value extends string>(values: readonly Value[], value: Value, isChosen: boolean) =>
    isChosen ? [...values, value] : values.filter((each) => each !== value);
  return (
    <>
      <Field label={words.audience}>
        {(id) => (
          <select
            id={id}
            className="input short"
            value={fields.audience}
            onChange={(event) => {
              const audience = audiences.find(({ name }) => name === event.target.value);
              if (audience === undefined) return;
              const channels = fields.channels.filter((channel) => audience.channels.includes(channel));
              const kept = channels.length === 0 ? audience.channels.slice(0, 1) : channels;
              change({ audience: audience.name, only: [], channels: kept });
            }}
          >
            {audiences.map(({ name, label }) => (
              <option key={name} value={name}>
                {label[language]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {chosen === undefined || chosen.groups.length === 0 ? null : (
        <fieldset>
          <legend>{words.form.groups}</legend>
          <div className="choices">
            {chosen.groups.map(({ name, label }) => (
              <label key={name}>
                <input
                  type="checkbox"
                  checked={fields.only.includes(name)}
                  onChange={(event) => change({ only: toggle(fields.only, name, event.target.checked) })}
                />
                {label[language]}
              </label>
            ))}
          </div>
          <p className="faint">{words.form.groupsHint}</p>
        </fieldset>
      )}
      <fieldset>
        <legend>{words.by}</legend>
        {(chosen?.channels ?? fields.channels).map((channel) => (
          <label key={channel} className="choice">
            <input
              type="checkbox"
              checked={fields.channels.includes(channel)}
              onChange={(event) => change({ channels: toggle(fields.channels, channel, event.target.checked) })}
            />
            {words.channels[channel]}
            <span className="hint">{words.channelTexts[channel]}</span>
          </label>
        ))}
      </fieldset>
    </>
  );
}

function When({ fields, change }: Part) {
  const words = useWords(noticeWords).form;
  return (
    <>
      <Field label={words.leadDays} hint={words.leadDaysHint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            type="number"
            className="input few"
            min={0}
            max={180}
            required
            value={fields.leadDays}
            onChange={(event) => change({ leadDays: event.target.valueAsNumber || 0 })}
          />
        )}
      </Field>
      <Field label={words.effectiveOn}>
        {(id) => (
          <input
            id={id}
            type="date"
            className="input short"
            value={fields.effectiveOn}
            onChange={(event) => change({ effectiveOn: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.mainLanguage} hint={words.mainLanguageHint}>
        {(id, hintId) => (
          <select
            id={id}
            aria-describedby={hintId}
            className="input short"
            value={fields.mainLanguage}
            onChange={(event) => {
              const mainLanguage: Language | undefined = languages.find((each) => each === event.target.value);
              if (mainLanguage !== undefined) change({ mainLanguage });
            }}
          >
            {languages.map((each) => (
              <option key={each} value={each} lang={each}>
                {languageNames[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}
