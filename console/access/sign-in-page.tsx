import { useLanguage, useWords } from '../language/language.ts';
import { Outside } from './outside.tsx';
import { wordedRefusal } from './refusal-words.ts';
import { SignInForm } from './sign-in-form.tsx';
import { signInWords } from './sign-in-words.ts';

/** Shown to who is not signed in, at whatever address; once signed in, the page of that address comes up. */
export function SignInPage({ refused }: { refused?: string | undefined }) {
  const words = useWords(signInWords);
  const language = useLanguage();
  return (
    <Outside title={words.title}>
      {refused === undefined ? (
        <p className="prose">{words.text}</p>
      ) : (
        <section className="problem" role="alert">
          <h2>{words.refused}</h2>
          <p>{wordedRefusal(refused, language)}</p>
        </section>
      )}
      <SignInForm />
      <hr />
      <details>
        <summary>{words.noAccount}</summary>
        <p>{words.noAccountText}</p>
        <p>{words.terminal}</p>
        <pre className="quoted">kept link --email you@example.com</pre>
      </details>
    </Outside>
  );
}
