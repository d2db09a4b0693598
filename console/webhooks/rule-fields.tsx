import type { MappingTarget } from '../../server/webhooks/mapping-contract.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { inboundWords } from './inbound-words.ts';
import { blankCondition, type ConditionDraft, type PlaceDraft, type RuleDraft, subjectOf } from './rule-draft.ts';

const types: readonly MappingTarget['type'][] = [
  'account.cancelled',
  'account.reactivated',
  'grant.revoked',
  'person.deleted',
  'contact.opted-out',
];
const places = ['body', 'item', 'header', 'text'] as const;
const comparisons = ['equal', 'not-equal', 'one-of', 'present', 'absent'] as const;

/** One rule: for what, when, then what. */
export function RuleFields({
  draft,
  mayChange,
  onChange,
  onRemove,
}: {
  draft: RuleDraft;
  mayChange: boolean;
  onChange: (draft: RuleDraft) => void;
  onRemove: () => void;
}) {
  const words = useWords(inboundWords).rules;
  const change = (changed: Partial<RuleDraft>) => onChange({ ...draft, ...changed });
  const setCondition = (changed: ConditionDraft) =>
    change({ when: draft.when.map((condition) => (condition.key === changed.key ? changed : condition)) });
  return (
    <fieldset className="mapping-rule" disabled={!mayChange}>
      <legend className="row-of-acts">
        {draft.key === '' ? words.key : <code>{draft.key}</code>}
        <button type="button" className="button plain" onClick={onRemove}>
          {words.remove}
        </button>
      </legend>
      <div className="form">
        <Text label={words.key} value={draft.key} required onChange={(key) => change({ key })} />
        <Text
          label={words.forEach}
          hint={words.forEachHint}
          value={draft.forEach}
          onChange={(forEach) => change({ forEach })}
        />
      </div>
      <fieldset>
        <legend>{words.when}</legend>
        {draft.when.length === 0 ? <p className="faint">{words.always}</p> : null}
        {draft.when.map((condition, index) => (
          <ConditionLine
            key={condition.key}
            number={index + 1}
            condition={condition}
            onChange={setCondition}
            onRemove={() => change({ when: draft.when.filter(({ key }) => key !== condition.key) })}
          />
        ))}
        <button type="button" className="button" onClick={() => change({ when: [...draft.when, blankCondition()] })}>
          {words.addCondition}
        </button>
      </fieldset>
      <fieldset>
        <legend>{words.then}</legend>
        <select
          className="input short"
          aria-label={words.then}
          value={draft.type}
          onChange={(event) => {
            const type = types.find((each) => each === event.target.value);
            if (type !== undefined) change({ type });
          }}
        >
          {types.map((type) => (
            <option key={type} value={type}>
              {words.events[type]}
            </option>
          ))}
        </select>
        <PlaceLine
          label={words.subjects[subjectOf[draft.type]]}
          place={draft.about}
          required
          onChange={(about) => change({ about })}
        />
        {draft.type === 'account.cancelled' ? (
          <PlaceLine label={words.at} place={draft.at} onChange={(at) => change({ at })} />
        ) : null}
      </fieldset>
    </fieldset>
  );
}

function ConditionLine({
  number,
  condition,
  onChange,
  onRemove,
}: {
  number: number;
  condition: ConditionDraft;
  onChange: (condition: ConditionDraft) => void;
  onRemove: () => void;
}) {
  const words = useWords(inboundWords).rules;
  const format = useFormat();
  const needsValue = condition.is !== 'present' && condition.is !== 'absent';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid with its legend.
    <div role="group" className="mapping-line" aria-label={words.condition(format.number(number))}>
      <PlaceInputs place={condition.at} onChange={(at) => onChange({ ...condition, at })} />
      <Field label={words.is}>
        {(id) => (
          <select
            id={id}
            className="input"
            value={condition.is}
            onChange={(event) => {
              const is = comparisons.find((each) => each === event.target.value);
              if (is !== undefined) onChange({ ...condition, is });
            }}
          >
            {comparisons.map((is) => (
              <option key={is} value={is}>
                {words.comparisons[is]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {needsValue ? (
        <Text
          label={words.value}
          {...(condition.is === 'one-of' && { hint: words.valueHint })}
          value={condition.value}
          onChange={(value) => onChange({ ...condition, value })}
        />
      ) : (
        <span />
      )}
      <button type="button" className="button" onClick={onRemove}>
        {words.remove}
      </button>
    </div>
  );
}

function PlaceLine({
  label,
  place,
  required = false,
  onChange,
}: {
  label: string;
  place: PlaceDraft;
  required?: boolean;
  onChange: (place: PlaceDraft) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid with its legend.
    <div role="group" className="mapping-line short-line" aria-label={label}>
      <span>{label}</span>
      <PlaceInputs place={place} required={required} onChange={onChange} />
    </div>
  );
}

function PlaceInputs({
  place,
  required = false,
  onChange,
}: {
  place: PlaceDraft;
  required?: boolean;
  onChange: (place: PlaceDraft) => void;
}) {
  const words = useWords(inboundWords).rules;
  return (
    <>
      <Field label={words.place}>
        {(id) => (
          <select
            id={id}
            className="input"
            value={place.in}
            onChange={(event) => {
              const within = places.find((each) => each === event.target.value);
              if (within !== undefined) onChange({ ...place, in: within });
            }}
          >
            {places.map((within) => (
              <option key={within} value={within}>
                {words.places[within]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Text
        label={words.where}
        value={place.where}
        required={required}
        onChange={(where) => onChange({ ...place, where })}
      />
    </>
  );
}

function Text({
  label,
  hint,
  value,
  required = false,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  required?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          className="input mono"
          required={required}
          maxLength={500}
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
