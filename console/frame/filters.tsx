import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { useWords } from '../language/language.ts';
import { frameWords } from './words.ts';
import '../look/filters.css';

/** What a list is searched by; the address of the page keeps it. */
export function Filters({
  label,
  isFiltered,
  children,
}: {
  label: string;
  /** Offers to show everything again. */
  isFiltered: boolean;
  children: ReactNode;
}) {
  const words = useWords(frameWords);
  return (
    <search className="filters" aria-label={label}>
      {children}
      {isFiltered ? (
        <p className="clear">
          <Link to="." search={{}}>
            {words.showAll}
          </Link>
        </p>
      ) : null}
    </search>
  );
}

export function LabelledFilter({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** One of a closed vocabulary, or all of it. */
export function FilterBy<Value extends string>({
  label,
  all,
  value,
  options,
  onChange,
}: {
  label: string;
  all: string;
  value: Value | undefined;
  options: readonly { readonly value: Value; readonly word: string }[];
  onChange: (value: string | undefined) => void;
}) {
  return (
    <LabelledFilter label={label}>
      {(id) => (
        <select
          id={id}
          className="input"
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
        >
          <option value="">{all}</option>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.word}
            </option>
          ))}
        </select>
      )}
    </LabelledFilter>
  );
}
