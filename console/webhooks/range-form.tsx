import { Problem } from '../frame/problem.tsx';
import { dayAfter, startOfDay } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { webhooksWords } from './words.ts';

/** Civil dates, both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The instants of these days: the first inclusive, the second not. */
export function rangeOf({ from, to }: Days, zone: string): readonly [from: string, to: string] {
  return [startOfDay(from, zone), startOfDay(dayAfter(to), zone)];
}

/** Asks for a time and which of it, for whatever is done once more. */
export function RangeForm<State extends string>({
  days,
  onDays,
  options,
  chosen,
  onChosen,
  act,
  doing,
  done,
}: {
  days: Days;
  onDays: (days: Days) => void;
  options: readonly { readonly value: State; readonly word: string }[];
  chosen: readonly NoInfer<State>[];
  onChosen: (chosen: readonly State[]) => void;
  act: string;
  doing: { readonly isPending: boolean; readonly error: Error | null; mutate(): void };
  /** What came of it. */
  done: string;
}) {
  const words = useWords(webhooksWords).one;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!doing.isPending) doing.mutate();
      }}
    >
      <div className="row-of-acts">
        {(['from', 'to'] as const).map((end) => (
          <Field key={end} label={words[end]}>
            {(id) => (
              <input
                id={id}
                type="date"
                className="input short"
                required
                min={end === 'to' ? days.from : undefined}
                value={days[end]}
                onChange={(event) => onDays({ ...days, [end]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <fieldset>
        <legend>{words.which}</legend>
        <div className="choices">
          {options.map(({ value, word }) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={(event) =>
                  onChosen(event.target.checked ? [...chosen, value] : chosen.filter((each) => each !== value))
                }
              />
              {word}
            </label>
          ))}
        </div>
      </fieldset>
      {doing.error === null ? null : <Problem error={doing.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button" disabled={doing.isPending || chosen.length === 0}>
          {doing.isPending ? words.replaying : act}
        </button>
        <span role="status">{done}</span>
      </p>
    </form>
  );
}
