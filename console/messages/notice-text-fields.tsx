import { type Language, languageNames, languages, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import type { TextDraft } from './notice-draft.ts';
import { noticeWords } from './notice-words.ts';

/** What a notice says, a part for each language; the main one has to be written. */
export function NoticeTextFields({
  texts,
  main,
  only = languages,
  onChange,
}: {
  texts: Readonly<Record<Language, TextDraft>>;
  main: Language;
  /** Of which all have to be written, where it is given. */
  only?: readonly Language[];
  onChange: (texts: Readonly<Record<Language, TextDraft>>) => void;
}) {
  const ordered = [main, ...only.filter((language) => language !== main)];
  return ordered.map((language) => (
    <OneText
      key={language}
      language={language}
      text={texts[language]}
      required={language === main || only !== languages}
      onChange={(text) => onChange({ ...texts, [language]: text })}
    />
  ));
}

function OneText({
  language,
  text,
  required,
  onChange,
}: {
  language: Language;
  text: TextDraft;
  required: boolean;
  onChange: (text: TextDraft) => void;
}) {
  const words = useWords(noticeWords).form;
  const change = (changed: Partial<TextDraft>) => onChange({ ...text, ...changed });
  // Half a language is a mistake; a whole one may be left out.
  const isBegun = required || text.title !== '' || text.body !== '';
  return (
    <fieldset className="rule">
      <legend lang={language}>{languageNames[language]}</legend>
      <Field label={words.titleOf}>
        {(id) => (
          <input
            id={id}
            lang={language}
            className="input"
            required={isBegun}
            maxLength={150}
            value={text.title}
            onChange={(event) => change({ title: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.body} hint={words.bodyHint}>
        {(id, hintId) => (
          <textarea
            id={id}
            lang={language}
            aria-describedby={hintId}
            className="input"
            rows={7}
            required={isBegun}
            maxLength={10_000}
            value={text.body}
            onChange={(event) => change({ body: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.linkUrl}>
        {(id) => (
          <input
            id={id}
            type="url"
            className="input mono"
            maxLength={500}
            value={text.linkUrl}
            onChange={(event) => change({ linkUrl: event.target.value })}
          />
        )}
      </Field>
      {text.linkUrl === '' ? null : (
        <Field label={words.linkLabel}>
          {(id) => (
            <input
              id={id}
              lang={language}
              className="input"
              required
              maxLength={100}
              value={text.linkLabel}
              onChange={(event) => change({ linkLabel: event.target.value })}
            />
          )}
        </Field>
      )}
    </fieldset>
  );
}
